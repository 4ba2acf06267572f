#pragma once

#include "render/renderer.h"

namespace gopsy::render {

/// A flame graph as one SVG file, in three layers.
///
/// Shape   Static: every frame of half a pixel or more as a rectangle with its name and a <title>, root
///         on top, light and dark; complete without scripts, in <img> and in image viewers. Its <desc>
///         names the ten functions with the greatest own cost. Data: the whole tree, compressed (payload.h).
///         Script (ui/src/flame_svg): zoom, search, keyboard, sandwich, with state in the URL's hash.
/// Yields  valid XML for any names; the same bytes for the same picture. At most about 400 KB: where the
///         tree needs more, its smallest frames are left out of the data and the footer says so.
/// Cost    linear in the nodes plus the deflater.
extern const Renderer kSvg;

/// A little more than the data layer holds; beyond, nobody can see or find a frame in the file.
constexpr std::size_t kMostDrawnNodes = 150'000;

}  // namespace gopsy::render
