#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "app/pprof/session.h"

namespace gopsy::pprof {

/// Where a mapping came from, and where it began there: merging moves mappings of one binary onto one another.
struct MappingSource {
  std::string url;
  std::uint64_t start = 0;
};

/// By build id, or by file where there is none.
using MappingSources = std::map<std::string, std::vector<MappingSource>, std::less<>>;

/// Notes for each mapping of a profile that it came from `url`. One with neither file nor build id gets the URL as its
/// file, until `forget_sources`.
/// Source  internal/driver/fetch.go collectMappingSources.
void note_sources(model::Profile& profile, model::Symbols& symbols, const std::string& url, MappingSources& sources);

/// Takes the URLs off again. Source  internal/driver/fetch.go unsourceMappings.
void forget_sources(model::Profile& profile, const model::Symbols& symbols);

/// The symbol handler beside a profile's URL: "symbol" for net/http/pprof and gperftools, else "symbolz"; empty if
/// `url` is none. Source  internal/symbolz/symbolz.go symbolz.
std::string symbol_url(const std::string& url);

/// Posts addresses ("0x1+0x2") to a handler and yields its answer.
using Ask =
    std::function<std::expected<std::string, std::string>(const std::string& url, const std::string& addresses)>;

/// Asks the servers that mappings came from for the functions of their locations without lines. Mappings that have
/// functions are passed over unless `force`.
///
/// Yields  functions named alike and without files; the mappings asked for have functions afterwards.
/// Errors  what `ask` says; an address that does not fit 64 bits.
/// Cost    a request a mapping; linear in locations and answer.
/// Source  internal/symbolz/symbolz.go Symbolize, symbolizeMapping.
std::expected<void, std::string> symbolize_remotely(model::Profile& profile, model::Symbols& symbols,
                                                    const MappingSources& sources, bool force, const Ask& ask);

/// The same over HTTP, with the patience and the certificates of a run.
std::expected<void, std::string> symbolize_remotely(model::Profile& profile, model::Symbols& symbols,
                                                    const MappingSources& sources, bool force, const Source& source);

}  // namespace gopsy::pprof
