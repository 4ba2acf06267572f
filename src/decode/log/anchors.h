#pragma once

#include <cstddef>
#include <string_view>

namespace gopsy::decode::log {

/// Words of which at least one stands in (or near) every line that some reader of a log knows, and that ordinary
/// lines seldom have: gigabytes of those are passed over at the speed of memory.
///
/// Yields  the offset of the first anchor at or behind `from`; npos if there is none.
/// Cost    one look at each byte; four bytes of a word are compared with all words at once, 16 positions a step
///         where the processor can (SSSE3), the rest only where these agree. bench/log.py measures it.
std::size_t find_anchor(std::string_view text, std::size_t from);

/// The same, one position a step: for processors without SSSE3, and for a test to compare with.
std::size_t find_anchor_plainly(std::string_view text, std::size_t from);

/// How many newlines there are; a gigabyte of ordinary lines is only counted.
std::size_t count_newlines(std::string_view text);

}  // namespace gopsy::decode::log
