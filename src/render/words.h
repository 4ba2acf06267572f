#pragma once

#include <string>

#include "render/renderer.h"

namespace gopsy::render {

/// `text` on one line: control characters and newlines become visible ("⏎"), malformed bytes U+FFFD.
std::string printable_line(std::string_view text);

/// "crash-log, Go 1.22 or later, shop, 2026-11-22T20:31:40Z: stack overflow": what an input is, and how its version is
/// known.
std::string describe(const model::Evidence& evidence);

/// "goroutines: 230 read, 229 kept, 1 skipped (malformed header)".
std::string describe(const model::Counts& counts);

/// "app.log:1234 goroutine 7".
std::string where(const rules::Exhibit& exhibit);

}  // namespace gopsy::render
