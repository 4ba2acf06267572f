#pragma once

#include <string>
#include <string_view>

namespace gopsy {

/// `text` in double quotes as Go's %q prints it: escapes for quotes, control characters, bytes that are no UTF-8, and
/// characters that cannot be seen.
///
/// Source  strconv.Quote.
void append_go_quoted(std::string& out, std::string_view text);

}  // namespace gopsy
