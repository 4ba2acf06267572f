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
                                                    const Notice& notice, Notice drain = {});

/// The column that -sample_index means: a name, a number from 0, or empty for the default.
std::expected<std::size_t, std::string> column_of(const model::Profile& profile, const std::string& index,
                                                  const model::Symbols& symbols);

/// The heading of a report with these settings; nothing if they name no column.
std::vector<std::string> heading(model::Profile& profile, model::Symbols& symbols, const Config& config);

}  // namespace gopsy::pprof
