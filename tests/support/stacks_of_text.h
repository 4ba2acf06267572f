#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "analyze/flame_graph.h"
#include "base/text.h"
#include "model/symbols.h"

namespace gopsy::test {

/// Stacks from folded text, one "root;…;leaf WEIGHT" a line. A frame "f@file.go" has a file; one that
/// begins with '~' is inlined, one in brackets is a marker.
inline analyze::WeightedStacks stacks_of_text(std::string_view text, model::Symbols& symbols) {
  analyze::WeightedStacks out{.type = symbols.intern("cpu"), .unit = symbols.intern("nanoseconds")};
  LineReader lines(text);
  while (lines.next()) {
    const std::string_view line = lines.line();
    const auto blank = line.rfind(' ');
    std::uint32_t stack = 0;
    for (std::string_view name : split(line.substr(0, blank), ';')) {
      model::Frame frame;
      if (consume(name, "~")) frame.kind = model::FrameKind::Inlined;
      if (name.starts_with('[')) frame.kind = model::FrameKind::Marker;
      const auto at = name.find('@');
      if (at != std::string_view::npos) frame.file = symbols.intern(name.substr(at + 1));
      frame.function = symbols.intern(name.substr(0, at));
      stack = out.push(stack, symbols.frame(frame));
    }
    out.stacks.push_back(stack);
    out.weights.push_back(parse_signed(line.substr(blank + 1)).value_or(0));
  }
  return out;
}

/// One stack of these frames, root first.
inline analyze::WeightedStacks one_stack(const std::vector<model::FrameId>& frames, std::int64_t weight) {
  analyze::WeightedStacks out{.weights = {weight}};
  std::uint32_t stack = 0;
  for (const auto frame : frames) stack = out.push(stack, frame);
  out.stacks.push_back(stack);
  return out;
}

/// The graph as indented text: "name total/self", "~" before inlined names, "×N(period)" after folds.
inline std::string outline(const analyze::FlameGraph& graph, const model::Symbols& symbols) {
  std::string out;
  for (const auto& node : graph.nodes) {
    const model::Frame& frame = symbols.frame(node.frame);
    out.append(node.depth, ' ');
    if (frame.kind == model::FrameKind::Inlined) out += '~';
    out += node.depth == 0 ? "all" : symbols.text(frame.function);
    out += " " + std::to_string(node.total) + "/" + std::to_string(node.self);
    if (node.period != 0) out += " ×" + std::to_string(node.repeats) + "(" + std::to_string(node.period) + ")";
    out += '\n';
  }
  return out;
}

}  // namespace gopsy::test
