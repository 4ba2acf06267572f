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

using analyze::GoroutineGroup;
using analyze::GroupBy;

constexpr std::size_t kIdsShown = 6;
constexpr std::size_t kStatesShown = 4;
constexpr std::size_t kIndent = 10;

std::string states_of(const GoroutineReport& report, const GoroutineGroup& group) {
  std::vector<std::string> parts;
  std::uint64_t others = 0;
  for (const auto& state : group.states) {
    const std::string name =
        state.state.none() ? std::string("no known state") : printable_line(report.symbols.text(state.state));
    if (group.states.size() == 1) {
      parts.push_back(name);
    } else if (parts.size() < kStatesShown) {
      parts.push_back(fmt::format("{} {}", with_commas(state.count), name));
    } else {
      others += state.count;
    }
  }
  if (others != 0) parts.push_back(fmt::format("{} others", with_commas(others)));
  return join(parts, ", ");
}

std::string ids_of(const GoroutineReport& report, const GoroutineGroup& group) {
  const auto& snapshot = report.snapshot();
  if (snapshot.is_profile()) return {};
  std::vector<std::string> ids;
  for (const auto row : group.rows.first(std::min(group.rows.size(), kIdsShown)))
    ids.push_back(fmt::format("{}", snapshot.traceback->goroutines[row].id));
  return fmt::format("{} {}{}", ids.size() == 1 ? "goroutine" : "goroutines", join(ids, ", "),
                     group.rows.size() > ids.size() ? ", …" : "");
}

// What all of the group have in common, in the words of the grouping.
std::string title_of(const GoroutineReport& report, const GoroutineGroup& group) {
  const auto& snapshot = report.snapshot();
  const std::uint32_t first = group.rows.front();
  const auto& goroutine = snapshot.traceback->goroutines[first];
  const std::string states = states_of(report, group);
  switch (report.grouping.by) {
    case GroupBy::Creator: {
      const std::string creator = creator_words(goroutine, report.symbols);
      return fmt::format("{}  [{}]", creator.empty() ? "started by nobody (main)" : "go in " + creator, states);
    }
    case GroupBy::Label: {
      if (report.grouping.label.none()) {
        const std::string labels = label_words(report, goroutine);
        return fmt::format("{}  [{}]", labels.empty() ? "no labels" : labels, states);
      }
      std::string value = "(without it)";
      for (const auto& label : snapshot.traceback->labels_of(goroutine))
        if (label.key == report.grouping.label) value = printable_line(report.symbols.text(label.value));
      return fmt::format("{}: {}  [{}]", printable_line(report.symbols.text(report.grouping.label)), value, states);
    }
    default: break;
  }
  std::string title = states;
  const auto kind = snapshot.facts[first].wait.kind;
  const bool plain = kind == model::WaitKind::Runnable || kind == model::WaitKind::Sleep;
  const bool alike = group.rows.size() == 1 || (report.grouping.by != GroupBy::State && group.states.size() == 1);
  // Which lock or channel is one goroutine's own business, unless it is alone.
  if (alike && !plain && (group.rows.size() == 1 || !snapshot.facts[first].wait.address))
    if (const std::string wait = waits_on(snapshot, first, report.symbols); !wait.empty()) title += ": " + wait;
  return title;
}

std::string details_of(const GoroutineGroup& group) {
  std::string details;
  const auto add = [&](std::string text) { (details += details.empty() ? "" : ", ") += text; };
  if (group.most_minutes != 0) add(age_words(group.least_minutes, group.most_minutes));
  if (group.leaked != 0)
    add(group.leaked == group.count ? "leaked" : fmt::format("{} leaked", with_commas(group.leaked)));
  if (group.locked != 0)
    add(group.locked == group.count ? "locked to threads"
                                    : fmt::format("{} locked to threads", with_commas(group.locked)));
  return details;
}

void write(const GoroutineReport& report, const GoroutineGroup& group, const Style& style, std::string& out) {
  const auto& snapshot = report.snapshot();
  const auto& first = snapshot.traceback->goroutines[group.rows.front()];
  const bool crashed = std::ranges::any_of(
      group.rows, [&](auto row) { return &snapshot.traceback->goroutines[row] == snapshot.crashed; });
  std::string title = title_of(report, group);
  if (const std::string details = details_of(group); !details.empty()) title += "  " + details;
  out += paint(style, crashed ? kRed : kBold, fit_right(with_commas(group.count), kIndent - 2));
  out += "  ";
  std::string wrapped;
  wrap(wrapped, title + (crashed ? "  * ended the process" : ""), kIndent, kIndent, style.width);
  out += style.color ? paint(style, crashed ? kRed : kBold, wrapped.substr(0, wrapped.size() - 1)) + "\n" : wrapped;
  const bool by_stack = report.grouping.by == GroupBy::Stack;
  if (group.one_stack || by_stack) {
    stack_lines(report, first, kIndent, style, out);
  } else if (report.grouping.by == GroupBy::Site) {
    if (const auto* user = snapshot.facts[group.rows.front()].user)
      out += std::string(kIndent, ' ') + frame_words(*user, report.symbols) + "\n";
  }
  std::string tail;
  const std::string creator = report.grouping.by == GroupBy::Creator || !(group.one_creator || by_stack)
                                  ? ""
                                  : creator_words(first, report.symbols);
  if (!creator.empty()) tail = "created by " + creator;
  const std::string ids = ids_of(report, group);
  if (!ids.empty()) (tail += tail.empty() ? "" : "; ") += ids;
  if (by_stack)
    if (const std::string labels = label_words(report, first); !labels.empty())
      (tail += tail.empty() ? "" : "; ") += labels + (group.rows.size() > 1 ? " …" : "");
  if (!tail.empty()) {
    std::string lines;
    wrap(lines, tail, kIndent, kIndent, style.width);
    out += std::string(kIndent, ' ') +
           (style.color ? paint(style, kDim, lines.substr(0, lines.size() - 1)) + "\n" : lines);
  }
  out += '\n';
}

}  // namespace

void goroutine_groups(const GoroutineReport& report, const Style& style, std::string& out) {
  const auto& groups = report.groups.groups;
  const std::size_t shown = rows_shown(report, groups.size());
  for (std::size_t i = 0; i < shown; ++i) write(report, groups[i], style, out);
  if (shown < groups.size()) {
    std::uint64_t rest = 0;
    for (std::size_t i = shown; i < groups.size(); ++i) rest += groups[i].count;
    more_rows(groups.size(), shown, fmt::format("groups with {}", counted(rest, "goroutine")), style, out);
  }
  if (!report.view_chosen && !report.snapshot().is_profile())
    out += paint(style, kDim, "Grouped by stack; --list shows single goroutines, --group and --filter choose.") + "\n";
}

}  // namespace gopsy::render
