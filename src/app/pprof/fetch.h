#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "app/pprof/session.h"
#include "app/remote.h"

namespace gopsy::pprof {

/// One source that was no file.
struct Fetched {
  std::string url;
  std::expected<io::Bytes, std::string> bytes;
};

/// Fetches those of `names` that are no files and look like URLs, 128 of them at a time; each at its place, nothing for
/// a file.
///
/// Yields  notices: where from, how long it will take, and for long bodies how far it is.
/// Cost    waits for the slowest; all bodies, as they came, in memory.
/// Source  internal/driver/fetch.go grabSourcesAndBases, chunkedGrab, fetch.
std::vector<std::optional<Fetched>> fetch_remote(const std::vector<std::string>& names, const Source& source,
                                                 const Notice& notice);

/// What the flags of a run say of fetching.
app::FetchOptions fetch_options(const Source& source);

/// A duration of whole seconds as Go prints it: "30s", "1m30s", "1h0m0s".
std::string go_duration(std::int64_t seconds);

}  // namespace gopsy::pprof
