#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace gopsy::analyze {

/// The values of a frame's argument list, those inside braces too, in order. Nothing for a value that the runtime
/// marks with "?" (its register or slot may have been reused since) or that is no number ("_", "...").
///
/// Source  runtime/traceback.go printArgs.
std::vector<std::optional<std::uint64_t>> fresh_words(std::string_view args);

}  // namespace gopsy::analyze
