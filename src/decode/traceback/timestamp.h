#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace gopsy::decode::traceback {

/// The time at the front of a log line in ns since 1970, read as UTC where it names no zone. Forms:
/// `2006/01/02 15:04:05[.000000]` (package log) and `2006-01-02[T ]15:04:05[.000][Z|±hh:mm]`.
std::optional<std::int64_t> timestamp(std::string_view line);

/// Removes such a time and the blanks behind it.
void skip_timestamp(std::string_view& line);

}  // namespace gopsy::decode::traceback
