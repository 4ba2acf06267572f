#pragma once

#include <expected>
#include <string>
#include <vector>

#include "app/pprof/session.h"

namespace gopsy::pprof {

/// The profiles of a run as one: each source read and merged in turn, so that one of them is in memory at a time, and
/// the base taken from it. A single source stays exactly as it was read.
///
/// Errors  none of the sources can be read, or they have nothing in common; what else goes wrong is a notice.
/// Source  internal/driver/fetch.go; reference/pprof.md section 1.5.
std::expected<model::Profile, std::string> gather(const Source& source, model::Symbols& symbols, const Notice& notice);

}  // namespace gopsy::pprof
