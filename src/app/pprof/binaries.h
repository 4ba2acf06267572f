#pragma once

#include <string>
#include <vector>

#include "app/pprof/session.h"

namespace gopsy::pprof {

/// Points the mappings of a profile at files of this machine: those under PPROF_BINARY_PATH (default
/// $HOME/pprof/binaries) whose build id is the mapping's, then what the command line says of the main binary. A profile
/// without mappings gets one, so that there is something to say it of.
/// Source  internal/driver/fetch.go locateBinaries.
void locate_binaries(model::Profile& profile, const Source& source, model::Symbols& symbols, const Notice& notice);

}  // namespace gopsy::pprof
