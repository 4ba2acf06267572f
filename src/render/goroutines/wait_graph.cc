#include <algorithm>
#include <set>

#include "base/format.h"
#include "base/text.h"
#include "base/units.h"
#include "render/goroutines/goroutines.h"
#include "render/goroutines/words.h"
#include "render/words.h"

namespace gopsy::render {
namespace {

using analyze::WaitGroupOf;

// What one can still look at; of more, the groups with most waiters are drawn, and rings in any case.
constexpr std::size_t kMostGroups = 200;
constexpr std::size_t kHoldersDrawn = 20;

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : printable_line(text)) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

// In a label, a line break is a word of dot's own.
std::string label(std::string_view first, std::string_view second) {
  std::string text = quoted(first);
  text.pop_back();
  return text + "\\n" + quoted(second).substr(1);
}

class Graph {
 public:
  Graph(const GoroutineReport& report, std::string& out)
      : report_(report), out_(out), of_row_(report.snapshot().traceback->goroutines.size(), SIZE_MAX) {
    for (const auto& cycle : report.waits.cycles) ring_.insert(cycle.groups.begin(), cycle.groups.end());
  }

  void write() {
    out_ += "digraph waits {\n  rankdir=LR;\n  node [fontname=\"sans-serif\", fontsize=10];\n";
    const auto& groups = report_.waits.groups;
    std::size_t left_out = 0;
    std::vector<std::size_t> drawn;
    for (std::size_t i = 0; i < groups.size(); ++i) {
      if (groups[i].proof == analyze::HolderProof::None && !groups[i].orphan && groups[i].waiters.size() < 2) continue;
      if (drawn.size() >= kMostGroups && !ring_.contains(i)) {
        ++left_out;
      } else {
        drawn.push_back(i);
      }
    }
    // A goroutine that has something stands alone; the others of a crowd are one node.
    for (const std::size_t i : drawn) for_holders(groups[i], [&](std::uint32_t row) { node_of(row, i); });
    for (const std::size_t i : drawn) group(groups[i], i);
    if (left_out > 0)
      out_ += fmt::format("  left_out [shape=note, label={}];\n",
                          quoted(fmt::format("{} more things with fewer waiters are left out", left_out)));
    out_ += "}\n";
  }

 private:
  template <class Use>
  static void for_holders(const WaitGroupOf& group, Use use) {
    if (group.proof == analyze::HolderProof::None) return;
    use(group.holder);
    for (std::size_t i = 0; i < std::min(group.other_holders.size(), kHoldersDrawn); ++i) use(group.other_holders[i]);
  }

  // The node of one goroutine, written at its first mention.
  std::string node_of(std::uint32_t row, std::size_t group) {
    const auto& snapshot = report_.snapshot();
    const auto& goroutine = snapshot.traceback->goroutines[row];
    const std::string name = fmt::format("g{}", row);
    if (of_row_[row] != SIZE_MAX) return name;
    of_row_[row] = group;
    const auto* user = snapshot.facts[row].user;
    out_ += fmt::format("  {} [shape=box, label={}];\n", name,
                        label(fmt::format("{} [{}]", goroutine_words(goroutine), report_.symbols.text(goroutine.state)),
                              user == nullptr ? std::string() : frame_words(*user, report_.symbols)));
    return name;
  }

  void group(const WaitGroupOf& group, std::size_t number) {
    const bool rings = ring_.contains(number);
    const std::string thing = fmt::format("o{}", number);
    out_ += fmt::format("  {} [shape=ellipse{}, label={}];\n", thing,
                        group.orphan ? ", color=red, style=dashed"
                        : rings      ? ", color=red"
                                     : "",
                        label(group_words(group, report_.symbols),
                              group.orphan ? "nobody is left to let go of it" : std::string_view{}));
    std::vector<std::uint32_t> crowd;
    for (const auto row : group.waiters) {
      if (of_row_[row] == SIZE_MAX) {
        crowd.push_back(row);
      } else {
        arrow(fmt::format("g{}", row), thing, rings, {});
      }
    }
    if (crowd.size() == 1) arrow(node_of(crowd[0], number), thing, rings, {});
    if (crowd.size() > 1) {
      out_ += fmt::format("  c{} [shape=box, peripheries=2, label={}];\n", number,
                          label(counted(crowd.size(), "goroutine"), frame_words(*group.place, report_.symbols)));
      arrow(fmt::format("c{}", number), thing, false, {});
    }
    for_holders(group, [&](std::uint32_t row) {
      arrow(thing, node_of(row, number), rings,
            fmt::format("{}, {:.2f}", group.is_lock ? "held by" : "Done of", analyze::confidence_of(group.proof)));
    });
  }

  void arrow(std::string_view from, std::string_view to, bool rings, std::string_view words) {
    out_ += fmt::format("  {} -> {} [{}{}];\n", from, to, rings ? "color=red, penwidth=2" : "color=gray30",
                        words.empty() ? std::string() : fmt::format(", label={}", quoted(words)));
  }

  const GoroutineReport& report_;
  std::string& out_;
  std::set<std::size_t> ring_;
  std::vector<std::size_t> of_row_;  // of each goroutine: the group with which it was drawn alone
};

}  // namespace

void wait_graph_dot(const GoroutineReport& report, std::string& out) { Graph(report, out).write(); }

}  // namespace gopsy::render
