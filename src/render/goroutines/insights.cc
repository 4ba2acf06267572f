#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "base/text.h"
#include "base/units.h"
#include "render/columns.h"
#include "render/goroutines/sections.h"
#include "render/goroutines/words.h"
#include "render/words.h"

namespace gopsy::render {
namespace {

using analyze::Growth;
using analyze::SiteGrowth;
using analyze::WaitGroupOf;

// Sections below the table are for what stands out.
constexpr std::size_t kGroupsShown = 10;
constexpr std::size_t kFewestWaiters = 2;

// What a lock's holder does meanwhile; its place is said before where it is the same.
std::string doing(const GoroutineReport& report, std::uint32_t row, const model::TracebackFrame* held_in) {
  const auto& snapshot = report.snapshot();
  const auto& goroutine = snapshot.traceback->goroutines[row];
  std::string words = fmt::format("[{}]", printable_line(report.symbols.text(goroutine.state)));
  if (const std::string on = waits_on(snapshot, row, report.symbols); !on.empty()) words += " " + on;
  const auto* user = snapshot.facts[row].user;
  if (user != nullptr && user != held_in) words += " in " + frame_words(*user, report.symbols);
  return words;
}

std::string waiters_of(const GoroutineReport& report, const WaitGroupOf& group) {
  std::vector<std::string> ids;
  constexpr std::size_t kIdsShown = 5;
  for (std::size_t i = 0; i < std::min(group.waiters.size(), kIdsShown); ++i)
    ids.push_back(fmt::format("{}", report.snapshot().traceback->goroutines[group.waiters[i]].id));
  return join(ids, ", ") + (group.waiters.size() > ids.size() ? ", …" : "");
}

// The others that have it too, or owe a Done.
std::string others_of(const GoroutineReport& report, const WaitGroupOf& group) {
  std::vector<std::string> ids;
  constexpr std::size_t kIdsShown = 5;
  for (std::size_t i = 0; i < std::min(group.other_holders.size(), kIdsShown); ++i)
    ids.push_back(fmt::format("{}", report.snapshot().traceback->goroutines[group.other_holders[i]].id));
  const bool one = group.other_holders.size() == 1;
  return fmt::format("{} {}{}", one ? "goroutine" : "goroutines", join(ids, ", "),
                     group.other_holders.size() > ids.size() ? ", …" : "");
}

// What the object itself counts, where memory was read.
std::string state_words(const WaitGroupOf& group) {
  using enum model::WaitObject::Kind;
  if (group.object == nullptr || !group.object->known) return {};
  const model::WaitObject& object = *group.object;
  switch (object.kind) {
    case Mutex: return object.locked ? (object.starving ? "locked, starving" : "locked") : "not locked";
    case RWMutex:
      if (object.leaving > 0) return fmt::format("read by {}, a writer waits for them", object.leaving);
      return object.writer_waits ? "a writer has it" : fmt::format("read by {}", object.readers);
    case WaitGroup: return fmt::format("{} Done missing", object.outstanding);
    case Channel:
      return fmt::format("{}{}",
                         object.capacity == 0 ? std::string("unbuffered")
                                              : fmt::format("{} of {} queued", object.queued, object.capacity),
                         object.closed ? ", closed" : "");
    default: return {};
  }
}

void write(const GoroutineReport& report, const WaitGroupOf& group, const Style& style, std::string& out) {
  const auto& goroutines = report.snapshot().traceback->goroutines;
  std::string line = fmt::format("{}: {}", group_words(group, report.symbols),
                                 counted(group.waiters.size(), "goroutine waits", "goroutines wait"));
  if (group.is_channel())
    line += group.senders == group.waiters.size() ? " to send"
            : group.senders == 0                  ? " to receive"
                                                  : fmt::format(", {} to send", with_commas(group.senders));
  line += fmt::format(" in {} ({})", frame_words(*group.place, report.symbols), waiters_of(report, group));
  if (const std::string state = state_words(group); !state.empty()) line += "; " + state;
  out += "  ";
  wrap(out, line, 4, 2, style.width);
  if (group.orphan) {
    out += "    ";
    wrap(out,
         fmt::format("{} (confidence {:.2f})",
                     group.is_lock ? "locked, and nobody is left to unlock it: no stack will come to its Unlock"
                                   : "nobody is left to call Done: no stack will come to one",
                     group.orphan_confidence),
         6, 4, style.width);
  }
  if (group.proof == analyze::HolderProof::None) return;
  std::string words =
      fmt::format("{} goroutine {} in {} ({}); it is {}", group.is_lock ? "held by" : "waits for the Done of",
                  goroutines[group.holder].id, frame_words(*group.held_in, report.symbols), proof_words(group.proof),
                  doing(report, group.holder, group.held_in));
  if (!group.other_holders.empty()) words += "; and by " + others_of(report, group);
  out += "    ";
  wrap(out, words, 6, 4, style.width);
}

std::string cycle_words(const GoroutineReport& report, const analyze::WaitCycle& cycle) {
  const auto& groups = report.waits.groups;
  const auto& goroutines = report.snapshot().traceback->goroutines;
  std::string words;
  for (std::size_t i = 0; i < cycle.groups.size(); ++i) {
    const WaitGroupOf& held = groups[cycle.groups[i]];
    const WaitGroupOf& wanted = groups[cycle.groups[(i + 1) % cycle.groups.size()]];
    words += fmt::format("{}goroutine {} {} {} and waits for {}", i == 0 ? "" : "; ", goroutines[held.holder].id,
                         held.is_lock ? "holds" : "owes a Done to", group_words(held, report.symbols),
                         group_words(wanted, report.symbols));
  }
  return fmt::format("{} (confidence {:.2f})", words, cycle.confidence);
}

std::string counts_words(const SiteGrowth& site) {
  std::vector<std::string> counts;
  constexpr std::size_t kCountsShown = 6;
  for (std::size_t i = 0; i < site.counts.size(); ++i) {
    const bool middle =
        site.counts.size() > kCountsShown && i >= kCountsShown / 2 && i + kCountsShown / 2 < site.counts.size();
    if (!middle) {
      counts.push_back(with_commas(site.counts[i]));
    } else if (i == kCountsShown / 2) {
      counts.emplace_back("…");
    }
  }
  return join(counts, " → ");
}

std::string change_words(const Growth& growth, const SiteGrowth& site) {
  const std::int64_t change = site.change();
  std::string words = fmt::format("{}{}",
                                  change > 0   ? "+"
                                  : change < 0 ? "-"
                                               : "±",
                                  with_commas(static_cast<std::uint64_t>(std::abs(change))));
  if (growth.minutes && *growth.minutes > 0)
    words += fmt::format(" ({:+.3g}/min)", static_cast<double>(change) / *growth.minutes);
  return words;
}

std::string turnover_words(const Growth& growth, const SiteGrowth& site) {
  if (!growth.has_ids) return {};
  analyze::Turnover sum;
  for (const auto& step : site.turnover) {
    sum.fresh += step.fresh;
    sum.ended += step.ended;
  }
  return fmt::format("{} new, {} ended", with_commas(sum.fresh), with_commas(sum.ended));
}

std::string_view order_words(Growth::Ordered ordered) {
  switch (ordered) {
    case Growth::Ordered::ByTime: return "in the order of their times";
    case Growth::Ordered::ByNumber: return "in the order of their highest goroutine number, which only grows";
    case Growth::Ordered::AsGiven: break;
  }
  return "in the order given: nothing in them tells their times";
}

void write(const GoroutineReport& report, const Growth& growth, const Style& style, std::string& out) {
  std::vector<std::string> names;
  for (const auto i : growth.order) names.push_back(printable_line(report.snapshots[i].name));
  if (names.size() > 4) names.erase(names.begin() + 2, names.end() - 1), names.insert(names.begin() + 2, "…");
  std::string title =
      fmt::format("Growth over {} dumps, {}: {}", growth.order.size(), order_words(growth.ordered), join(names, " → "));
  if (growth.minutes) title += fmt::format(", {:.3g} minutes", *growth.minutes);
  out += '\n';
  std::string lines;
  wrap(lines, title, 2, 0, style.width);
  out += style.color ? paint(style, kBold, lines.substr(0, lines.size() - 1)) + "\n" : lines;
  std::vector<const SiteGrowth*> changed;
  for (const auto& site : growth.sites)
    if (site.change() != 0 || !site.never_fell() ||
        std::ranges::any_of(site.turnover, [](const auto& t) { return t.fresh + t.ended != 0; }))
      changed.push_back(&site);
  // The most grown and the most shrunk are of interest; what turned over stands between them.
  const std::size_t shown = rows_shown(report, changed.size());
  for (std::size_t i = 0; i < shown; ++i) {
    const SiteGrowth& site = *changed[i];
    const bool grows = analyze::judge(growth, site).grows;
    std::string line = fmt::format("{}  {}", counts_words(site), change_words(growth, site));
    if (const std::string turnover = turnover_words(growth, site); !turnover.empty()) line += "  " + turnover;
    line += fmt::format("  {} {}", site.line == 0 ? "started with" : "go in",
                        frame_words({.function = site.function, .file = site.file, .line = site.line}, report.symbols));
    if (grows) line += "  grows: they do not end";
    out += "  ";
    std::string text;
    wrap(text, line, 4, 2, style.width);
    out += grows && style.color ? paint(style, kYellow, text.substr(0, text.size() - 1)) + "\n" : text;
  }
  if (changed.empty()) out += "  nothing changed\n";
  more_rows(changed.size(), shown, "sites", style, out);
}

void asleep(const GoroutineReport& report, const analyze::Deadlock& deadlock, const Style& style, std::string& out) {
  out += "\n" + paint(style, kRed, "Deadlock, reported by the runtime") + "\n  ";
  const auto& culprits = deadlock.culprits.empty() ? deadlock.sleepers : deadlock.culprits;
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < std::min(culprits.size(), kGroupsShown); ++i)
    ids.push_back(fmt::format("{}", culprits[i].goroutine->id));
  wrap(out,
       fmt::format("{}: {} {}{} (gopsy diagnose {})", deadlock_words(deadlock.kind),
                   ids.size() == 1 ? "goroutine" : "goroutines", join(ids, ", "),
                   culprits.size() > ids.size() ? ", …" : "", printable_line(report.snapshot().evidence->path)),
       4, 2, style.width);
}

}  // namespace

void goroutine_growth(const GoroutineReport& report, const Style& style, std::string& out) {
  for (const Growth& growth : report.growth) write(report, growth, style, out);
}

void goroutine_waits(const GoroutineReport& report, const Style& style, std::string& out) {
  std::vector<const WaitGroupOf*> groups;
  for (const auto& group : report.waits.groups)
    if (group.waiters.size() >= kFewestWaiters || group.orphan || group.proof != analyze::HolderProof::None)
      groups.push_back(&group);
  // What nobody will end stands first.
  std::ranges::stable_partition(groups, [](const WaitGroupOf* group) { return group->orphan; });
  if (!groups.empty()) {
    out += "\n" + paint(style, kBold, "Waiting for the same thing") + "\n";
    const std::size_t shown = std::min(groups.size(), report.most_rows == 0 ? groups.size() : kGroupsShown);
    for (std::size_t i = 0; i < shown; ++i) write(report, *groups[i], style, out);
    more_rows(groups.size(), shown, "locks and channels", style, out);
  }
  if (report.asleep) asleep(report, *report.asleep, style, out);
  if (report.waits.cycles.empty() && report.waits.recursive_onces.empty()) return;
  out += "\n" + paint(style, kRed, "Deadlock: these wait for each other") + "\n";
  const std::size_t shown = std::min(report.waits.cycles.size(), kGroupsShown);
  for (std::size_t i = 0; i < shown; ++i) {
    out += "  ";
    wrap(out, cycle_words(report, report.waits.cycles[i]), 4, 2, style.width);
  }
  more_rows(report.waits.cycles.size(), shown, "cycles", style, out);
  for (const auto row : report.waits.recursive_onces)
    out += fmt::format("  goroutine {} calls Do of a sync.Once inside that same Do\n",
                       report.snapshot().traceback->goroutines[row].id);
}

void goroutine_depth(const GoroutineReport& report, const Style& style, std::string& out) {
  const auto& deep = report.deep;
  if (deep.count == 0) return;
  out += "\n" +
         paint(style, kBold,
               fmt::format("Far deeper than the others (usual depth: up to {})", counted(deep.usual, "frame"))) +
         "\n";
  const auto& traceback = *report.snapshot().traceback;
  for (const auto& stack : deep.deepest) {
    std::string line = fmt::format("{}: {}", goroutine_words(*stack.goroutine), counted(stack.depth, "frame"));
    if (stack.cycle.period != 0) {
      const auto frames = traceback.frames_of(*stack.goroutine);
      std::vector<std::string> names;
      constexpr std::size_t kNamesShown = 5;
      // Outermost first: as they call each other.
      for (std::size_t i = stack.cycle.period; i-- > 0 && names.size() < kNamesShown;)
        names.push_back(
            printable_line(model::short_function(report.symbols.text(frames[stack.cycle.begin + i].function))));
      if (names.size() < stack.cycle.period) names.emplace_back("…");
      line += fmt::format(", a recursion of {}: {}", counted(stack.cycle.period, "frame"), join(names, " → "));
    }
    out += "  ";
    wrap(out, line, 4, 2, style.width);
  }
  more_rows(deep.count, deep.deepest.size(), "goroutines", style, out);
}

}  // namespace gopsy::render
