#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gopsy {

/// 1234567 -> "1,234,567".
std::string with_commas(std::uint64_t count);

/// Bytes in binary units, three significant digits: 1536 -> "1.50 KiB", 1000000000 -> "954 MiB".
std::string human_bytes(std::uint64_t bytes);

/// Nanoseconds in the largest unit that keeps the number at or above 1: 15990000000 -> "16.0 s".
std::string human_duration(std::int64_t ns);

/// A value in a unit as profiles name them ("nanoseconds", "bytes", "count", anything else).
std::string human_value(std::int64_t value, std::string_view unit);

/// 0.3456 -> "34.6%", 0.000012 -> "0.0012%".
std::string percent(double share);

/// "1 goroutine", "3 goroutines"; `plural` only where adding an s is not it.
std::string counted(std::uint64_t count, std::string_view singular, std::string_view plural = {});

/// RFC 3339 in UTC with seconds: 2026-11-22T20:31:40Z.
std::string utc_time(std::int64_t unix_ns);

}  // namespace gopsy
