#pragma once

#include "render/renderer.h"

namespace gopsy::render {

/// The drawing of kSvg inside a page of its own, for wikis, mail and browsers that treat an SVG file as a picture.
///
/// Shape   one HTML file that fetches nothing; without scripts it shows what the SVG shows without them.
extern const Renderer kHtml;

}  // namespace gopsy::render
