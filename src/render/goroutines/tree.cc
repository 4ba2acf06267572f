#include <algorithm>

#include "base/format.h"
#include "base/text.h"
#include "base/units.h"
#include "render/columns.h"
#include "render/goroutines/sections.h"
#include "render/goroutines/words.h"
#include "render/words.h"

namespace gopsy::render {
namespace {

// Deeper rows stand at this depth, with their true one in words: a chain may be as long as the text.
constexpr unsigned kDeepestIndent = 16;

// A closure's name begins with that of the function whose `go` statement started it: then the line is enough.
std::string started_by(const model::Goroutine& goroutine, std::span<const model::TracebackFrame> frames,
                       const model::Symbols& symbols) {
  std::string_view function = frames.empty() ? std::string_view() : symbols.text(frames.back().function);
  const std::string place = short_place(symbols.text(goroutine.created_file), goroutine.created_line);
  if (consume(function, symbols.text(goroutine.created_by)) && function.starts_with('.') && !place.empty())
    return "at " + place;
  return "go in " + creator_words(goroutine, symbols);
}

std::string node_words(const GoroutineReport& report, const analyze::CreatorNode& node) {
  const auto& snapshot = report.snapshot();
  const auto& goroutine = snapshot.traceback->goroutines[node.first];
  const auto frames = snapshot.traceback->frames_of(goroutine);
  std::string words = frames.empty()
                          ? std::string("(no stack)")
                          : printable_line(model::short_function(report.symbols.text(frames.back().function)));
  if (node.count == 1 && goroutine.id != 0) words += fmt::format("  goroutine {}", goroutine.id);
  words += fmt::format("  [{}]", printable_line(report.symbols.text(goroutine.state)));
  if (node.count > 1) words += node.count == 2 ? ", …" : fmt::format(", first of {}", with_commas(node.count));
  if (!goroutine.created_by.none()) words += "  " + started_by(goroutine, frames, report.symbols);
  if (node.gone != 0 && !report.tree.by_function)
    words += node.gone == 1 ? fmt::format(" by goroutine {}, which is gone", goroutine.creator)
                            : fmt::format(" by {} that are gone", counted(node.gone, "goroutine"));
  return words;
}

}  // namespace

void goroutine_tree(const GoroutineReport& report, const Style& style, std::string& out) {
  const auto& nodes = report.tree.nodes;
  const std::size_t shown = rows_shown(report, nodes.size());
  out += paint(style, kDim, "   COUNT   BELOW  STARTED") + "\n";
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& node = nodes[i];
    const unsigned depth = std::min(node.depth, kDeepestIndent);
    std::string line = fmt::format("{}{}", std::string(2 * std::size_t{depth}, ' '),
                                   node.depth > kDeepestIndent ? fmt::format("({} deep) ", node.depth) : "");
    line += node_words(report, node);
    const std::uint64_t below = node.descendants - node.count;
    const std::size_t width = style.width > 18 ? style.width - 18 : 40;
    // The front says who; what does not fit is the end of the place.
    std::string fitted = line;
    if (columns(fitted) > width) {
      wrap(fitted = {}, line.substr(2 * std::size_t{depth}), 18 + 2 * std::size_t{depth} + 4,
           18 + 2 * std::size_t{depth}, style.width);
      fitted = std::string(2 * std::size_t{depth}, ' ') + fitted.substr(0, fitted.size() - 1);
    }
    out += fmt::format("{}{}  {}\n", fit_right(with_commas(node.count), 8),
                       fit_right(below == 0 ? "" : with_commas(below), 8), fitted);
  }
  more_rows(nodes.size(), shown, "rows", style, out);
  if (report.tree.by_function)
    out += paint(style, kDim,
                 "Headers name no creating goroutine (Go before 1.21): parents are those whose stack holds the "
                 "creating function.") +
           "\n";
}

}  // namespace gopsy::render
