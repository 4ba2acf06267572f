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

void flame(const FlamePicture& picture, const Style&, std::string& out) {
  const auto& nodes = picture.graph.nodes;
  std::vector<std::string> names(picture.symbols.frame_count());  // each made once, not once a node
  std::string path;
  std::vector<std::size_t> ends{0};  // of the path, by depth
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
    fmt::format_to(std::back_inserter(out), " {}\n", nodes[n].self);
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
