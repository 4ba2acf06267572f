#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace gopsy {

/// "1.5s", "200ms", "1m30s", as Go writes durations: ns, us, µs, ms, s, m, h. Nothing for anything else, for a sign
/// too, and for what does not fit.
std::optional<std::int64_t> parse_duration(std::string_view text);

}  // namespace gopsy
