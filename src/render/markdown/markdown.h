#pragma once

#include "render/renderer.h"

namespace gopsy::render {

/// The report for a ticket or a pull request: GitHub-flavoured Markdown, evidence as a list with code spans.
extern const Renderer kMarkdown;

}  // namespace gopsy::render
