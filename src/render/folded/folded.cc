#include "render/folded/folded.h"

#include <algorithm>

#include "base/format.h"
#include "base/text.h"

namespace gopsy::render {
namespace {

std::string folded_name(std::string_view name) {
  std::string text = printable(name);
  std::ranges::replace(text, ';', ':');
  std::ranges::replace_if(text, [](char c) { return c == '\n' || c == '\t'; }, ' ');
  return text;
}

// Without callees: two numbers a line are what difffolded.pl writes and flamegraph.pl takes for a difference.
std::vector<analyze::WeightedStacks::Sides> own_sides(const analyze::FlameGraph& graph) {
  auto own = graph.sides;
  for (std::size_t n = own.size(); n-- > 1;) {
    auto& caller = own[graph.nodes[n].parent];
    caller.before -= graph.sides[n].before;
    caller.after -= graph.sides[n].after;
  }
  return own;
}

void flame(const FlamePicture& picture, const Style&, std::string& out) {
  const auto& nodes = picture.graph.nodes;
  std::vector<std::string> names(picture.symbols.frame_count());  // each made once, not once a node
  std::string path;
  std::vector<std::size_t> ends{0};  // of the path, by depth
  const auto own = own_sides(picture.graph);
  for (std::size_t n = 1; n < nodes.size(); ++n) {
    std::string& name = names[nodes[n].frame.value];
    if (name.empty()) name = folded_name(picture.symbols.text(picture.symbols.frame(nodes[n].frame).function));
    ends.resize(nodes[n].depth);
    path.resize(ends.back());
    if (!path.empty()) path += ';';
    path += name;
    ends.push_back(path.size());
    if (nodes[n].self == 0) continue;
    out += path;
    if (own.empty()) {
      fmt::format_to(std::back_inserter(out), " {}\n", nodes[n].self);
    } else {
      fmt::format_to(std::back_inserter(out), " {} {}\n", own[n].before, own[n].after);
    }
  }
}

}  // namespace

constinit const Renderer kFoldedText{
    .name = "folded",
    .extension = ".folded",
    .mime = "text/plain",
    .summary = "folded stacks, one line each: what flame graph tools read",
    .flame = flame,
};

}  // namespace gopsy::render
