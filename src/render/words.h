#pragma once

#include <string>

#include "render/renderer.h"

namespace gopsy::render {

/// `text` on one line: control characters and newlines become visible ("⏎"), malformed bytes U+FFFD.
std::string printable_line(std::string_view text);

/// Columns a text takes: one a code point. Wide scripts would need tables; names in Go are rarely those.
std::size_t columns(std::string_view text);

/// Appends `text` broken at blanks; lines after the first are indented. A word longer than a line stands alone.
void wrap(std::string& out, std::string_view text, std::size_t indent, std::size_t start, std::size_t width);

/// "crash-log, Go 1.22 or later, shop, 2026-11-22T20:31:40Z: stack overflow": what an input is, and how its version is
/// known.
std::string describe(const model::Evidence& evidence);

/// "goroutines: 230 read, 229 kept, 1 skipped (malformed header)".
std::string describe(const model::Counts& counts);

/// "app.log:1234 goroutine 7".
std::string where(const rules::Exhibit& exhibit);

}  // namespace gopsy::render
