#pragma once

#include <expected>
#include <string>
#include <vector>

#include "app/pprof/remote_symbols.h"
#include "app/pprof/session.h"

namespace gopsy::pprof {

/// The profile of a run, before it is symbolized.
struct Gathered {
  model::Profile profile;
  MappingSources sources;  ///< of mappings that were fetched
  bool fetched = false;    ///< some of it came from a server: a copy is worth keeping
};

/// The profiles of a run as one: those on servers are fetched at once, then each source is read and merged in turn, so
/// that one of them is in memory at a time, and the base taken from it. A single source stays exactly as it was read.
///
/// Errors  none of the sources can be read, or they have nothing in common; what else goes wrong is a notice.
/// Source  internal/driver/fetch.go; reference/pprof.md section 1.5.
std::expected<Gathered, std::string> gather(const Source& source, model::Symbols& symbols, const Notice& notice);

}  // namespace gopsy::pprof
