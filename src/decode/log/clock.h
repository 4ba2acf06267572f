#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace gopsy::decode::log {

/// Removes a time from the front of `text`, in any of the forms that carriers write, and yields it in ns since 1970,
/// as UTC where it names no zone; 0 where the form has no date (`10:00:00.123`) or no year.
///
/// Shape   `2026-11-22T10:00:00.123Z`, `2026-11-22 10:00:00,123 +0100`, `2026/11/22 10:00:00`, `Nov 22 20:01:01`,
///         `Sun Nov 22 20:01:01 2026`, `22/Nov/2026:20:01:01 +0000`, `I1122 20:01:01.000000`, `20:01:01.123`,
///         and seconds, milliseconds, microseconds or nanoseconds since 1970 (10, 13, 16 or 19 digits).
std::optional<std::int64_t> take_time(std::string_view& text);

/// A time that stands alone, as in a field of JSON or CSV: one of the forms above and nothing behind it.
std::optional<std::int64_t> whole_time(std::string_view text);

}  // namespace gopsy::decode::log
