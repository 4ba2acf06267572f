#pragma once

#include "render/renderer.h"

namespace gopsy::render {

/// The report for people at a terminal: inputs, then findings, wrapped to the style's width.
extern const Renderer kText;

}  // namespace gopsy::render
