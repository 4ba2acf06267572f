#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "render/renderer.h"

namespace gopsy::render {

inline constexpr std::string_view kBold = "1";
inline constexpr std::string_view kDim = "2";
inline constexpr std::string_view kRed = "1;31";
inline constexpr std::string_view kYellow = "1;33";
inline constexpr std::string_view kBlue = "1;34";

/// `text` in that colour if the style has any.
std::string paint(const Style& style, std::string_view code, std::string_view text);

/// Columns a text takes: one a code point. Wide scripts would need tables; names in Go are rarely those.
std::size_t columns(std::string_view text);

/// `text` in exactly `width` columns: blanks behind it, or its front cut off under a "…". The end of a function's
/// name and of a path says more than the beginning.
std::string fit_left(std::string_view text, std::size_t width);

/// The same with the blanks before it: for numbers.
std::string fit_right(std::string_view text, std::size_t width);

/// Appends `text` broken at blanks, from column `start` on; lines after the first are indented. A word longer than a
/// line stands alone. Ends in a newline.
void wrap(std::string& out, std::string_view text, std::size_t indent, std::size_t start, std::size_t width);

}  // namespace gopsy::render
