#pragma once

#include "render/renderer.h"

namespace gopsy::render {

/// Folded stacks: "root;caller;leaf WEIGHT", one line per stack with a weight of its own.
///
/// Shape   root first; lines in pre-order, so siblings stand sorted by name; `;` in names becomes `:`,
///         bytes that are no text become U+FFFD, blanks stay. Inlined frames carry no mark.
///         A folded cycle is written once: ask for the graph without folds to have every turn.
/// Cost    linear in the text written.
extern const Renderer kFoldedText;

}  // namespace gopsy::render
