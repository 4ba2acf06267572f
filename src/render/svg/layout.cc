#include "render/svg/layout.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "model/symbols.h"

namespace gopsy::render {
namespace {

using analyze::FlameGraph;

constexpr std::uint32_t kNarrowest = 5;  // 0.59 px of 1,180

std::uint32_t scaled(double value, double whole) {
  const double share = std::min(1.0, value / std::max(1.0, whole));
  return static_cast<std::uint32_t>(share * kFullWidth + 0.5);
}

// Sums of children can exceed a saturated parent: positions are doubles and end at the right edge.
Layout lay_out_from(const FlameGraph& graph, std::uint32_t narrowest) {
  Layout layout;
  const auto whole = static_cast<double>(graph.nodes[0].total);
  std::vector<double> next_left(kMostRows + 2);
  std::uint32_t n = 0;
  while (n < graph.nodes.size()) {
    const FlameGraph::Node& node = graph.nodes[n];
    if (node.depth >= kMostRows) {
      layout.deeper_rows = std::max(layout.deeper_rows, node.depth + 1 - kMostRows);
      ++n;
      continue;
    }
    const double left = next_left[node.depth];
    const double right = left + static_cast<double>(node.total);
    next_left[node.depth] = right;
    next_left[node.depth + 1] = left;
    const Box box{.node = n, .left = scaled(left, whole), .right = scaled(right, whole), .total = node.total};
    if (layout.rows.size() <= node.depth) layout.rows.emplace_back();
    auto& row = layout.rows[node.depth];
    if (box.right - box.left >= narrowest || n == 0) {
      row.push_back(box);
      ++n;
      continue;
    }
    Box* before = row.empty() ? nullptr : &row.back();
    if (before != nullptr && before->merged != 0 && graph.nodes[before->node].parent == node.parent &&
        before->right == box.left) {
      before->right = box.right;
      ++before->merged;
      before->total += box.total;
    } else {
      row.push_back(box);
      row.back().merged = 1;
    }
    n = node.subtree_end;
  }
  for (auto& row : layout.rows) {
    std::erase_if(row, [=](const Box& box) { return box.right - box.left < narrowest && box.merged != 0; });
    layout.boxes += row.size();
  }
  while (!layout.rows.empty() && layout.rows.back().empty()) layout.rows.pop_back();
  return layout;
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string first_characters(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  while (at < text.size() && (count > 0 || (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80)) {
    if ((static_cast<unsigned char>(text[at]) & 0xC0) != 0x80) --count;
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
  }
  return std::string(text.substr(0, at));
}

// A closure's own name ("func1", "gowrap2", "3") says nothing without the function that holds it.
bool is_closure(std::string_view element) {
  if (!consume(element, "func")) consume(element, "gowrap");
  return !element.empty() && element.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string last_element(std::string_view name) {
  std::size_t from = name.size();
  do {
    const std::size_t dot = name.substr(0, from).rfind('.');
    if (dot == std::string_view::npos) return std::string(name);
    const std::string_view element = name.substr(dot + 1, from - dot - 1);
    from = dot;
    if (!is_closure(element)) break;
  } while (true);
  return from + 1 == name.size() ? std::string(name) : std::string(name.substr(from + 1));
}

}  // namespace

Layout lay_out(const FlameGraph& graph) {
  std::uint32_t narrowest = kNarrowest;
  for (;;) {
    Layout layout = lay_out_from(graph, narrowest);
    if (layout.boxes <= kMostBoxes || narrowest >= kFullWidth) return layout;
    narrowest *= 2;
  }
}

std::string fit_label(std::string_view function, std::string_view suffix, std::size_t columns) {
  const std::size_t taken = suffix.empty() ? 0 : characters(suffix) + 1;
  const std::string text = printable(function);
  const std::string brief = model::short_function(text);
  const std::size_t dot = brief.find('.');
  const std::string bare = dot == std::string::npos || brief.starts_with('[') ? brief : brief.substr(dot + 1);
  const std::string last = last_element(bare);
  const std::string tail = suffix.empty() ? "" : " " + std::string(suffix);
  for (const std::string* form : std::array{&text, &brief, &bare, &last})
    if (!form->empty() && characters(*form) + taken <= columns) return *form + tail;
  if (columns < taken + 3) return !suffix.empty() && characters(suffix) <= columns ? std::string(suffix) : "";
  return first_characters(last, columns - taken - 1) + "…" + tail;
}

}  // namespace gopsy::render
