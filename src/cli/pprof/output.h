#pragma once

#include <expected>
#include <string>

#include "analyze/pprof/config.h"
#include "app/pprof/session.h"
#include "app/pprof/settings.h"

namespace gopsy::pprof {

/// Brings a report to where it belongs: through Graphviz if it is a picture, compressed if it is a profile, into the
/// file of -output, a viewer, or standard output; into a file of its own where the bytes would spoil a terminal.
/// Errors  Graphviz, a viewer or the file cannot be had.
std::expected<void, std::string> deliver(const ReportName& report, std::string bytes, const Config& config,
                                         const Notice& notice);

}  // namespace gopsy::pprof
