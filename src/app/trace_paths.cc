#include "app/trace_paths.h"

#include <algorithm>
#include <map>
#include <utility>

#include "analyze/trace/critical_path.h"
#include "analyze/trace/task_story.h"
#include "analyze/trace/tasks.h"
#include "base/format.h"
#include "base/text.h"
#include "model/trace_facts.h"

namespace gopsy::app {
namespace {

using analyze::TracePart;

constexpr unsigned kMostPasses = 256;

// Whose path, from when to when.
struct Subject {
  std::string words;
  std::uint64_t goid = 0;
  std::int64_t begin_ns = 0;
  std::int64_t end_ns = 0;
};

// One pass over the file with some parts. False: it cannot be read, and the report says so.
bool pass(const std::string& file, const TraceOptions& options, std::vector<TracePart*> parts,
          analyze::TraceRange range, TracePathReport& report, std::int64_t& first_ns) {
  TraceOptions lenient = options;
  lenient.salvage = true;
  analyze::TraceStudy study(report.symbols, std::move(parts), range);
  TraceOutcome outcome = read_trace(file, lenient, study);
  report.failure = std::move(outcome.failure);
  if (!report.failure.empty()) return false;
  study.finish();
  report.path_name = std::move(outcome.path);
  report.stacks = study.whole().take();
  first_ns = outcome.report.first_ns;
  return true;
}

std::int64_t since(std::int64_t first_ns, std::int64_t ns) {
  std::int64_t result = 0;
  return __builtin_sub_overflow(ns, first_ns, &result) ? INT64_MAX : std::max<std::int64_t>(result, 0);
}

// Equal stacks have other rows in each pass: here they get one.
class OneStackTable {
 public:
  void add(model::TraceStacks&& stacks, model::TracePath& piece) {
    std::vector<std::uint32_t> rows(stacks.size(), UINT32_MAX);
    const auto row_of = [&](std::uint32_t row) {
      if (row <= model::TraceStacks::kLost || row >= rows.size()) return row;
      if (rows[row] == UINT32_MAX) rows[row] = find(stacks, row);
      return rows[row];
    };
    for (auto& step : piece.steps) step.stack = row_of(step.stack);
    for (auto& row : piece.rows) row.stack = row_of(row.stack);
  }
  model::TraceStacks take() { return std::move(stacks_); }

 private:
  std::uint32_t find(const model::TraceStacks& stacks, std::uint32_t row) {
    std::vector<std::uint32_t> frames;
    for (const std::uint32_t place : stacks.stack(row)) frames.push_back(stacks.places[place].frame.value);
    const auto [at, is_new] = rows_.try_emplace(std::move(frames), static_cast<std::uint32_t>(stacks_.size()));
    if (!is_new) return at->second;
    for (const std::uint32_t place : stacks.stack(row)) {
      stacks_.rows.push_back(static_cast<std::uint32_t>(stacks_.places.size()));
      stacks_.places.push_back(stacks.places[place]);
    }
    stacks_.start.push_back(static_cast<std::uint32_t>(stacks_.rows.size()));
    return at->second;
  }

  model::TraceStacks stacks_;
  std::map<std::vector<std::uint32_t>, std::uint32_t> rows_;  // by frames
};

void walk(const std::string& file, const TraceOptions& options, const Subject& subject, std::int64_t first_ns,
          TracePart* more, TracePathReport& report) {
  model::TracePath path{.subject = subject.words,
                        .goid = subject.goid,
                        .begin_ns = subject.begin_ns,
                        .end_ns = subject.end_ns,
                        .first_ns = first_ns,
                        .rows = {},
                        .steps = {},
                        .step_count = 0,
                        .jumps = 0,
                        .passes = 0};
  analyze::CriticalPath::Walk at{
      .goid = subject.goid, .from_ns = subject.begin_ns, .until_ns = subject.end_ns, .over = false};
  at.over = at.until_ns <= at.from_ns;
  OneStackTable stacks;
  while (!at.over && path.passes < kMostPasses) {
    model::TracePath piece;
    analyze::CriticalPath part(at, piece);
    std::vector<TracePart*> parts{&part};
    if (more != nullptr) parts.push_back(std::exchange(more, nullptr));
    const analyze::TraceRange range{.from_ns = since(first_ns, subject.begin_ns),
                                    .to_ns = since(first_ns, at.until_ns)};
    if (!pass(file, options, std::move(parts), range, report, first_ns)) return;
    analyze::CriticalPath::settle(piece);
    stacks.add(std::move(report.stacks), piece);
    const std::size_t room = analyze::CriticalPath::kSteps - path.steps.size();
    path.steps.insert(path.steps.end(), piece.steps.begin(),
                      piece.steps.begin() + static_cast<std::ptrdiff_t>(std::min(room, piece.steps.size())));
    path.rows.insert(path.rows.end(), piece.rows.begin(), piece.rows.end());
    path.step_count += piece.step_count;
    path.jumps += piece.jumps;
    ++path.passes;
  }
  if (!at.over) analyze::CriticalPath::give_up(at, path);
  report.stacks = stacks.take();
  analyze::CriticalPath::settle(path);
  std::ranges::reverse(path.steps);
  report.path = std::move(path);
}

std::string name_in(const TracePathReport& report, StringId name) { return std::string(report.symbols.text(name)); }

// The longest one of a type, seen whole.
std::optional<Subject> longest(const std::vector<model::TraceTaskType>& types, std::string_view name,
                               std::string_view what) {
  const auto type = std::ranges::find(types, name, &model::TraceTaskType::name);
  if (type == types.end() || type->longest.empty()) return std::nullopt;
  const model::TraceTaskType::One& one = type->longest[0];
  return Subject{.words = one.task == 0 ? fmt::format("the longest {} {}, of goroutine {}", what, name, one.goid)
                                        : fmt::format("the longest {} {}, task {} of goroutine {}", what, name,
                                                      one.task, one.goid),
                 .goid = one.end_goid,
                 .begin_ns = one.begin_ns,
                 .end_ns = one.end_ns};
}

std::optional<Subject> find_subject(const std::string& file, const TraceOptions& options, const std::string& words,
                                    TracePathReport& report, std::int64_t& first_ns) {
  std::string_view rest = words;
  const auto kind = consume_until(rest, ":");
  const auto id = parse_decimal(rest);
  if (kind == "goroutine" && id) {
    analyze::GoroutineSpan span(*id);
    if (!pass(file, options, {&span}, {}, report, first_ns)) return std::nullopt;
    if (span.found)
      return Subject{.words = fmt::format("goroutine {} ({})", *id, name_in(report, span.function)),
                     .goid = *id,
                     .begin_ns = span.begin_ns,
                     .end_ns = span.end_ns};
    report.failure = fmt::format("{}: there is no goroutine {} in it", report.path_name, *id);
  } else if (kind == "task" && id) {
    analyze::TaskStory part(*id);
    if (!pass(file, options, {&part}, {}, report, first_ns)) return std::nullopt;
    const auto story = part.take();
    if (story.event_count != 0)
      return Subject{.words = fmt::format("task {} ({})", *id, story.name),
                     .goid = story.end_goid,
                     .begin_ns = story.begin_ns,
                     .end_ns = story.end_ns};
    report.failure = fmt::format("{}: there is no task {} in it", report.path_name, *id);
  } else if ((kind == "task" || kind == "region") && !rest.empty()) {
    analyze::TaskTimes times;
    if (!pass(file, options, {&times}, {}, report, first_ns)) return std::nullopt;
    const auto tasks = times.take();
    const auto found = longest(kind == "task" ? tasks.tasks : tasks.regions, rest, *kind);
    if (found) return found;
    report.failure = fmt::format("{}: there is no {} {} in it that both begins and ends; --{}s lists them",
                                 report.path_name, *kind, rest, *kind);
  } else {
    report.failure = fmt::format("{}: it is none of goroutine:ID, task:ID, task:NAME, region:NAME", words);
  }
  return std::nullopt;
}

}  // namespace

TracePathReport critical_path_of_trace(const std::string& file, const TraceOptions& options,
                                       const std::string& subject) {
  TracePathReport report;
  std::int64_t first_ns = 0;
  const auto found = find_subject(file, options, subject, report, first_ns);
  if (found) walk(file, options, *found, first_ns, nullptr, report);
  return report;
}

TracePathReport task_of_trace(const std::string& file, const TraceOptions& options, std::uint64_t id) {
  TracePathReport report;
  std::int64_t first_ns = 0;
  analyze::TaskStory part(id);
  if (!pass(file, options, {&part}, {}, report, first_ns)) return report;
  if (!part.found()) {
    report.failure = fmt::format("{}: there is no task {} in it", report.path_name, id);
    return report;
  }
  model::TraceTaskStory story = part.take();
  analyze::TaskGoroutines goroutines(story);
  const Subject subject{
      .words = fmt::format("task {}", id), .goid = story.end_goid, .begin_ns = story.begin_ns, .end_ns = story.end_ns};
  walk(file, options, subject, first_ns, &goroutines, report);
  report.story = std::move(story);
  return report;
}

}  // namespace gopsy::app
