#pragma once

#include <expected>
#include <string>
#include <vector>

#include "analyze/pprof/config.h"
#include "app/pprof/session.h"

namespace gopsy::pprof {

/// Makes a report of a profile that is its own to change: label frames, filters, aggregation, then the format.
/// Source  internal/driver/driver.go generateRawReport.
std::expected<std::string, std::string> make_report(model::Profile profile, model::Symbols& symbols,
                                                    const std::vector<std::string>& command, Config config,
                                                    const Notice& notice);

}  // namespace gopsy::pprof
