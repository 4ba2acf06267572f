#pragma once

#include <string_view>

namespace gopsy::ui {

/// The script of an SVG flame graph, bundled from ui/src/flame_svg: plain ASCII without "]]>", so that
/// it can stand in a CDATA section.
std::string_view flame_svg_script();

}  // namespace gopsy::ui
