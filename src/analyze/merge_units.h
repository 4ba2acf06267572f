#pragma once

#include <optional>
#include <string_view>

namespace gopsy::analyze {

/// By what values in `from` are multiplied to be in `to`: 1000 from "ms" to "microseconds". 1 for equal units, also
/// those nobody knows; nothing where the two cannot be compared.
/// Source  github.com/google/pprof internal/measurement/measurement.go, UnitTypes.
std::optional<double> unit_ratio(std::string_view from, std::string_view to);

}  // namespace gopsy::analyze
