#include "app/goroutines.h"

#include <algorithm>
#include <array>

#include "analyze/pprof/filters.h"
#include "base/format.h"
#include "base/text.h"

namespace gopsy::app {
namespace {

using render::GoroutineReport;
using View = GoroutineReport::View;

// As many as fit on a screen; of more, single ones say less than their groups.
constexpr std::size_t kFewGoroutines = 24;
constexpr std::size_t kRowsOfList = 100;
constexpr std::size_t kRowsOfGroups = 20;
constexpr std::size_t kRowsOfTree = 60;

void choose_rows(const GoroutineRequest& request, GoroutineReport& report) {
  const auto& snapshot = report.snapshot();
  for (std::uint32_t i = 0; i < snapshot.traceback->goroutines.size(); ++i) {
    const bool hidden = !request.runtime && snapshot.of_runtime(snapshot.traceback->goroutines[i]);
    (hidden ? report.of_runtime : report.goroutines) += snapshot.count(i);
    if (!hidden) report.rows.push_back(i);
  }
  if (request.filter != nullptr) report.rows = request.filter->matching(snapshot, report.rows, report.symbols);
}

// What a profile does not have, where somebody asked for it.
void note_what_is_missing(const GoroutineRequest& request, const model::Incident& incident, GoroutineReport& report) {
  if (report.snapshot().is_profile()) {
    std::string lacks =
        "A goroutine profile counts stacks: it has no numbers, ages, creators or arguments, and states are "
        "those that the innermost frames tell. A dump has them: /debug/pprof/goroutine?debug=2.";
    if (report.view == View::Tree || request.by == analyze::GroupBy::Creator)
      lacks += " So nobody is known to have started another.";
    report.notes.push_back(std::move(lacks));
  }
  // How sure the reader of a process is of what it found, and what it lacked.
  const model::Evidence& shown = *report.snapshot().evidence;
  for (const auto& note : shown.notes) report.notes.push_back(fmt::format("{}: {}.", shown.path, note));
  std::vector<std::string> others;
  for (const auto& evidence : incident.evidence) {
    const bool used = std::ranges::any_of(report.snapshots, [&](const auto& s) { return s.evidence == &evidence; });
    if (!used) others.push_back(fmt::format("{} ({})", evidence.path, evidence.kind));
  }
  if (!others.empty()) report.notes.push_back("Left out, no goroutines in it: " + join(others, ", "));
}

std::string labels_there(const GoroutineReport& report) {
  std::vector<std::string> keys;
  for (const auto& label : report.snapshot().traceback->labels) {
    std::string key(report.symbols.text(label.key));
    constexpr std::size_t kKeysNamed = 20;
    if (keys.size() < kKeysNamed && std::ranges::find(keys, key) == keys.end()) keys.push_back(std::move(key));
  }
  return keys.empty() ? "there are no labels at all" : "there are: " + join(keys, ", ");
}

std::optional<std::string> choose_view(const GoroutineRequest& request, GoroutineReport& report) {
  const auto& snapshot = report.snapshot();
  report.view_chosen = request.view.has_value();
  report.view =
      request.view.value_or(snapshot.is_profile() || report.rows.size() > kFewGoroutines ? View::Groups : View::List);
  report.most_rows = request.rows.value_or(report.view == View::List     ? kRowsOfList
                                           : report.view == View::Groups ? kRowsOfGroups
                                                                         : kRowsOfTree);
  report.grouping = {.by = request.by, .label = report.symbols.strings.find(request.label), .exact = request.exact};
  if (!request.label.empty() && report.grouping.label.none())
    return fmt::format("no goroutine has the label {}; {}", request.label, labels_there(report));
  if (report.view == View::Groups)
    report.groups = analyze::group_goroutines(snapshot, report.rows, report.grouping, report.symbols);
  if (report.view == View::Tree) report.tree = analyze::creator_tree(snapshot, report.rows);
  return std::nullopt;
}

model::Profile samples_of(const model::Profile& profile, const analyze::Snapshot& snapshot,
                          const std::vector<std::uint32_t>& rows) {
  std::vector<bool> chosen(profile.sample_count());
  for (const auto row : rows) chosen[snapshot.samples[row]] = true;
  model::Profile kept = profile;
  pprof::keep_samples(kept, [&](std::size_t sample) { return chosen[sample]; });
  return kept;
}

}  // namespace

std::expected<GoroutineReport, std::string> goroutines_of(model::Incident& incident, const GoroutineRequest& request,
                                                          Stats& stats) {
  Stats::Timer timer(stats, "goroutines");
  GoroutineReport report{.symbols = incident.symbols, .filter = request.filter_text, .full = request.full};
  {
    Stats::Timer snapshots(stats, "waits and places");
    report.snapshots = analyze::snapshots_of(incident);
  }
  if (report.snapshots.empty()) {
    std::string what = "there are no goroutines in the input";
    for (const auto& evidence : incident.evidence) what += fmt::format("; {} is a {}", evidence.path, evidence.kind);
    return std::unexpected(std::move(what));
  }
  if (request.dump > report.snapshots.size())
    return std::unexpected(fmt::format("--dump {}: there are {}", request.dump, report.snapshots.size()));
  report.shown = request.dump == 0 ? analyze::snapshot_to_show(report.snapshots) : request.dump - 1;
  {
    Stats::Timer view(stats, "filter and groups");
    choose_rows(request, report);
    if (auto refused = choose_view(request, report)) return std::unexpected(*std::move(refused));
  }
  {
    Stats::Timer waits(stats, "wait-for and depth");
    report.waits = analyze::wait_groups(report.snapshot(), report.symbols);
    if (report.snapshot().all_asleep)
      report.asleep = analyze::deadlock_of(*report.snapshot().traceback, report.symbols);
    report.deep = analyze::depth_outliers(report.snapshot());
  }
  {
    Stats::Timer growth(stats, "growth");
    report.growth = analyze::growth_of(report.snapshots);
  }
  note_what_is_missing(request, incident, report);
  return report;
}

void keep_shown(const GoroutineReport& report, model::Incident& incident) {
  const auto& snapshot = report.snapshot();
  model::Evidence evidence;
  evidence.path = snapshot.evidence->path;
  evidence.kind = snapshot.evidence->kind;
  evidence.process = snapshot.evidence->process;
  if (snapshot.is_profile()) {
    evidence.profile = samples_of(*snapshot.evidence->profile, snapshot, report.rows);
  } else {
    model::Traceback kept = *snapshot.traceback;
    kept.goroutines.clear();
    kept.waits.reset();  // it counts goroutines by their places
    for (const auto row : report.rows) kept.goroutines.push_back(snapshot.traceback->goroutines[row]);
    evidence.log.emplace().tracebacks.push_back(std::move(kept));
  }
  incident.evidence.clear();
  incident.evidence.push_back(std::move(evidence));
}

}  // namespace gopsy::app
