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

constexpr std::size_t kFramesShown = 8;
constexpr std::size_t kFramesAtRoot = 2;

// "228 chan send, 1 running": of the goroutines that are shown.
std::string states_line(const GoroutineReport& report) {
  const auto& snapshot = report.snapshot();
  const auto by_state =
      analyze::group_goroutines(snapshot, report.rows, {.by = analyze::GroupBy::State}, report.symbols);
  std::vector<std::string> parts;
  constexpr std::size_t kStatesShown = 8;
  std::uint64_t others = 0;
  for (const auto& group : by_state.groups) {
    const std::string_view state = report.symbols.text(snapshot.traceback->goroutines[group.rows.front()].state);
    if (parts.size() < kStatesShown) {
      parts.push_back(
          fmt::format("{} {}", with_commas(group.count), state.empty() ? "in no known state" : printable_line(state)));
    } else {
      others += group.count;
    }
  }
  if (others != 0) parts.push_back(fmt::format("{} in other states", with_commas(others)));
  return join(parts, ", ");
}

std::string crash_line(const GoroutineReport& report) {
  const auto& traceback = *report.snapshot().traceback;
  const auto words = [&](StringId text) { return printable_line(shorten(report.symbols.text(text), 200)); };
  if (!traceback.fatal.none()) return "fatal error: " + words(traceback.fatal);
  if (!traceback.panics.empty() && traceback.fatal_end()) return "panic: " + words(traceback.panics.front().text);
  if (traceback.signal) return words(traceback.signal->name);
  return {};
}

// What every waiting goroutine stands in: the runtime, and the inner works of sync and of the poller.
bool says_nothing(std::string_view function) {
  return model::is_runtime(function) || function.starts_with("internal/poll.") ||
         function.starts_with("internal/sync.") || function.starts_with("sync.runtime_") ||
         function.ends_with(").lockSlow");
}

void head(const GoroutineReport& report, const Style& style, std::string& out) {
  const auto& snapshot = report.snapshot();
  std::string line = fmt::format("{}: {}", printable_line(snapshot.name), counted(report.goroutines, "goroutine"));
  if (snapshot.is_profile()) line += fmt::format(" on {}", counted(snapshot.traceback->goroutines.size(), "stack"));
  if (report.of_runtime != 0) line += fmt::format(" (and {} of the runtime, --runtime shows them)", report.of_runtime);
  if (const std::string version = snapshot.evidence->go_version.text(); !version.empty())
    line += fmt::format(", Go {}", version.starts_with("go") ? version.substr(2) : version);
  if (snapshot.time_ns != 0) line += ", " + utc_time(snapshot.time_ns);
  out += paint(style, kBold, line) + "\n";
  if (const std::string crash = crash_line(report); !crash.empty()) out += paint(style, kRed, crash) + "\n";
  if (!report.filter.empty()) {
    std::uint64_t count = 0;
    for (const auto row : report.rows) count += snapshot.count(row);
    wrap(out, fmt::format("{} fit {}", with_commas(count), printable_line(report.filter)), 2, 0, style.width);
  }
  if (!report.rows.empty()) wrap(out, states_line(report), 2, 0, style.width);
  const bool is_memory = !snapshot.evidence->notes.empty();  // not a text that ends, but a process with gaps
  if (is_memory && !snapshot.evidence->cut.empty()) {
    wrap(out, fmt::format("Incomplete: {}.", printable_line(snapshot.evidence->cut)), 2, 0, style.width);
  } else if (snapshot.traceback->cut || !snapshot.evidence->cut.empty()) {
    out += "The text ends inside it: goroutines are missing.\n";
  }
  if (report.snapshots.size() < 2) return;
  std::vector<std::string> others;
  constexpr std::size_t kNamesShown = 6;
  for (std::size_t i = 0; i < report.snapshots.size() && others.size() < kNamesShown; ++i)
    if (i != report.shown)
      others.push_back(fmt::format("{} {} ({})", i + 1, printable_line(report.snapshots[i].name),
                                   with_commas(report.snapshots[i].total)));
  if (others.size() + 1 < report.snapshots.size()) others.emplace_back("…");
  wrap(out,
       fmt::format("Dump {} of {}; --dump N shows another: {}", report.shown + 1, report.snapshots.size(),
                   join(others, ", ")),
       2, 0, style.width);
}

void footer(const GoroutineReport& report, const Style& style, std::string& out) {
  const auto& goroutines = report.snapshot().traceback->goroutines;
  const bool ages = report.view != GoroutineReport::View::Tree &&
                    std::ranges::any_of(report.rows, [&](auto row) { return goroutines[row].minutes != 0; });
  std::string text;
  if (ages)
    text =
        "Ages are the runtime's: since about when a garbage collection found the goroutine blocked, up to two minutes "
        "too long, and none where too few collections ran.";
  for (const auto& note : report.notes) text += (text.empty() ? "" : "\n") + printable_line(note);
  if (text.empty()) return;
  out += '\n';
  for (const auto line : split(text, '\n')) {
    std::string wrapped;
    wrap(wrapped, line, 0, 0, style.width);
    out += style.color ? paint(style, kDim, wrapped.substr(0, wrapped.size() - 1)) + "\n" : wrapped;
  }
}

}  // namespace

void more_rows(std::size_t all, std::size_t shown, std::string_view of, const Style& style, std::string& out) {
  if (shown >= all) return;
  out += paint(style, kDim, fmt::format("  … {} more {} (--rows 0 shows all)", with_commas(all - shown), of)) + "\n";
}

std::size_t rows_shown(const GoroutineReport& report, std::size_t all) {
  return report.most_rows == 0 ? all : std::min(all, report.most_rows);
}

void stack_lines(const GoroutineReport& report, const model::Goroutine& goroutine, std::size_t indent,
                 const Style& style, std::string& out) {
  const auto frames = report.snapshot().traceback->frames_of(goroutine);
  std::size_t first = 0;
  std::size_t end = frames.size();
  if (!report.full) {
    while (first + 1 < end && says_nothing(report.symbols.text(frames[first].function))) ++first;
    while (end > first + 1 && model::is_runtime(report.symbols.text(frames[end - 1].function))) --end;
  }
  const bool all = report.full || end - first <= kFramesShown + 1;
  const std::string blanks(indent, ' ');
  const std::size_t width = style.width > indent ? style.width - indent : 20;
  const auto line = [&](std::string_view text, std::string_view code) {
    out += blanks + paint(style, code, columns(text) > width ? fit_left(text, width) : std::string(text)) + "\n";
  };
  const auto elided = [&](std::size_t after) {
    if (goroutine.elided_frames == 0 || goroutine.elided_after != after) return;
    line(goroutine.elided_frames == model::Goroutine::kElidedUnknown
             ? std::string("… frames that the runtime left out")
             : fmt::format("… {} that the runtime left out", counted(goroutine.elided_frames, "frame")),
         kDim);
  };
  for (std::size_t i = first; i < end; ++i) {
    if (!all && i == first + kFramesShown - kFramesAtRoot) {
      line(fmt::format("… {} (--full shows them)", counted(end - i - kFramesAtRoot, "more frame")), kDim);
      if (goroutine.elided_after >= i && goroutine.elided_after < end - kFramesAtRoot) elided(goroutine.elided_after);
      i = end - kFramesAtRoot;
    }
    elided(i);
    const std::string words =
        report.full && frames[i].line != 0
            ? fmt::format("{} {}:{}", printable_line(model::short_function(report.symbols.text(frames[i].function))),
                          printable_line(report.symbols.text(frames[i].file)), frames[i].line)
            : frame_words(frames[i], report.symbols);
    line(words, "0");
  }
  elided(frames.size());
}

std::string label_words(const GoroutineReport& report, const model::Goroutine& goroutine) {
  std::string words;
  for (const auto& label : report.snapshot().traceback->labels_of(goroutine))
    words += fmt::format("{}{}: {}", words.empty() ? "{" : ", ", printable_line(report.symbols.text(label.key)),
                         printable_line(report.symbols.text(label.value)));
  return words.empty() ? words : words + "}";
}

std::string age_words(std::uint32_t least, std::uint32_t most) {
  if (most == 0) return "-";
  return least == most ? fmt::format("{} min", most) : fmt::format("{}-{} min", least, most);
}

void goroutines_text(const GoroutineReport& report, const Style& style, std::string& out) {
  head(report, style, out);
  out += '\n';
  switch (report.view) {
    case GoroutineReport::View::List: goroutine_list(report, style, out); break;
    case GoroutineReport::View::Groups: goroutine_groups(report, style, out); break;
    case GoroutineReport::View::Tree: goroutine_tree(report, style, out); break;
  }
  goroutine_growth(report, style, out);
  goroutine_waits(report, style, out);
  goroutine_depth(report, style, out);
  footer(report, style, out);
}

}  // namespace gopsy::render
