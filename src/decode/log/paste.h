#pragma once

#include <string>
#include <string_view>

namespace gopsy::decode::log {

/// The blanks at the end of a line of a traceback, which its grammar does not know; others are left alone.
std::string_view without_trailing_blanks(std::string_view text);

/// A line without what terminals, tickets and chat windows did to it: ANSI colours, byte order marks, carriage
/// returns, no-break spaces, HTML entities, rsyslog's `#011`.
///
/// Yields  a view of `text`, or of `scratch` where something had to be replaced; it may hold newlines (`#012`).
/// `inside_carrier`: rsyslog's escapes are undone too; before its prefix is off they would tear the line apart.
std::string_view without_paste_marks(std::string_view text, std::string& scratch, bool inside_carrier);

}  // namespace gopsy::decode::log
