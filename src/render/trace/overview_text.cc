#include <algorithm>
#include <numeric>

#include "base/format.h"
#include "base/units.h"
#include "render/columns.h"
#include "render/trace/overview.h"
#include "render/trace/trace_words.h"
#include "render/words.h"

namespace gopsy::render {
namespace {

using model::TraceFacts;
using model::TraceGc;
using model::TraceLatency;
using model::TraceTimeline;
using model::TraceTimes;

constexpr std::size_t kFunctionsShown = 12;
constexpr std::size_t kReasonsShown = 10;
constexpr std::size_t kLineWidth = 60;

double mean(const std::vector<double>& values) {
  return values.empty() ? 0 : std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double peak(const std::vector<double>& values) { return values.empty() ? 0 : *std::ranges::max_element(values); }

void add_line(std::string& out, std::string_view name, const std::vector<double>& values, double top,
              const std::string& words) {
  out += fmt::format("  {:<11} {} {}\n", name, fit_left(sparkline(values, kLineWidth, top), kLineWidth), words);
}

void add_timeline(std::string& out, const TraceTimeline& line) {
  if (line.size() < 2) return;
  out += fmt::format(
      "\nOver time, {} a column\n",
      human_duration((line.last_ns - line.first_ns) / static_cast<std::int64_t>(std::min(kLineWidth, line.size()))));
  const double procs = peak(line.gomaxprocs);
  add_line(out, "Ps in use", line.procs, procs, fmt::format("{:.1f} of {:.0f}", mean(line.procs), procs));
  const auto counts = [&](std::string_view name, const std::vector<double>& values) {
    if (peak(values) > 0)
      add_line(out, name, values, 0, fmt::format("mean {:.1f}, most {:.1f}", mean(values), peak(values)));
  };
  counts("runnable", line.runnable);
  counts("syscalls", line.syscall);
  counts("blocked", line.waiting);
  if (const std::vector<double> heap(line.heap.begin(), line.heap.end()); peak(heap) > 0)
    add_line(out, "heap", heap, 0, fmt::format("most {}", human_bytes(static_cast<std::uint64_t>(peak(heap)))));
  if (peak(line.marking) > 0) add_line(out, "GC marks", line.marking, 1, percent(mean(line.marking)) + " of the time");
}

void add_states(std::string& out, const TraceTimes& times) {
  out += fmt::format("\n{} lived {} in all\n", counted(times.goroutines, "goroutine"), human_duration(times.lives_ns));
  const std::string stolen =
      times.spent.syscall_blocked_ns == 0
          ? ""
          : fmt::format(", {} of it after their P was taken", human_duration(times.spent.syscall_blocked_ns));
  for (const auto& [ns, what] : {std::pair{times.all.running_ns, std::string("running")},
                                 std::pair{times.all.runnable_ns, std::string("runnable: waiting for a processor")},
                                 std::pair{times.all.syscall_ns, "in system calls" + stolen},
                                 std::pair{times.all.waiting_ns, std::string("blocked")},
                                 std::pair{times.all.unknown_ns, std::string("unknown")}})
    if (ns != 0) out += fmt::format("  {:>10} {:>7}  {}\n", human_duration(ns), share_of(ns, times.lives_ns), what);
}

void add_latency(std::string& out, const TraceTimes& times) {
  if (times.latency.count == 0) return;
  out += fmt::format("\nFrom runnable to running\n  {:>10} {:>10} {:>10} {:>10} {:>10}\n", "half in", "99% in",
                     "longest", "times", "total");
  for (const auto& [row, what] :
       {std::pair<const TraceLatency&, std::string_view>{times.after_unblock, "after being unblocked"},
        {times.after_create, "after being created"},
        {times.after_preempt, "after being preempted"},
        {times.after_syscall, "after a system call that lost its P"}})
    if (row.count != 0)
      out += fmt::format("  {:>10} {:>10} {:>10} {:>10} {:>10}  {}\n", human_duration(row.p50_ns),
                         human_duration(row.p99_ns), human_duration(row.longest_ns), with_commas(row.count),
                         human_duration(row.total_ns), what);
}

void add_gc(std::string& out, const TraceFacts& facts, const model::Symbols& symbols) {
  const TraceGc& gc = facts.gc;
  if (gc.cycles != 0) {
    out +=
        fmt::format("\nGarbage collector: marked {} times, {} of the time, the longest {} at {}\n",
                    with_commas(gc.cycles), share_of(gc.mark_ns, facts.times.wall_ns),
                    human_duration(gc.longest_cycles[0].mark_ns), moment(facts.times, gc.longest_cycles[0].begin_ns));
    if (gc.assists != 0)
      out += fmt::format("  goroutines had to help it {} times for {}, waits included\n", with_commas(gc.assists),
                         human_duration(gc.assist_ns));
    if (gc.sweeps != 0)
      out += fmt::format("  and swept {} times for {}\n", with_commas(gc.sweeps), human_duration(gc.sweep_ns));
  }
  std::string mmu;
  for (const TraceGc::Mmu& row : gc.mmu)
    if (row.utilization < 1 && !row.worst.empty())
      mmu += fmt::format("{}{} of any {}", mmu.empty() ? "" : ", ", percent(row.utilization),
                         human_duration(row.window_ns));
  if (!mmu.empty()) out += fmt::format("  it left the program at least {} (--mmu)\n", mmu);
  if (gc.stops == 0) return;
  out += fmt::format("\nThe world was stopped {} times for {}\n  {:>10} {:>10} {:>10}\n", with_commas(gc.stops),
                     human_duration(gc.stopped_ns), "total", "times", "longest");
  for (const TraceTimes::Reason& row : facts.times.stops)
    out += fmt::format("  {:>10} {:>10} {:>10}  {}\n", human_duration(row.total_ns), with_commas(row.count),
                       human_duration(row.longest_ns), printable_line(row.name));
  const TraceGc::Stop& worst = gc.worst_stops[0];
  const std::string place = place_words(facts, symbols, worst.stack);
  out += fmt::format("  the longest at {}{}{}\n", moment(facts.times, worst.begin_ns),
                     worst.goid == 0 ? "" : fmt::format(", by goroutine {}", worst.goid),
                     place.empty() ? "" : " in " + place);
}

void add_blocked(std::string& out, const TraceTimes& times) {
  if (times.blocked.empty()) return;
  out += fmt::format("\nBlocked, by what the runtime calls it\n  {:>10} {:>10} {:>10}\n", "total", "times", "longest");
  std::size_t shown = 0;
  for (const TraceTimes::Reason& row : times.blocked) {
    if (shown++ == kReasonsShown) break;
    out +=
        fmt::format("  {:>10} {:>10} {:>10}  {}\n", human_duration(row.total_ns), with_commas(row.count),
                    human_duration(row.longest_ns), row.name.empty() ? "(no reason given)" : printable_line(row.name));
  }
  if (times.blocked.size() > kReasonsShown)
    out += fmt::format("  and {} more\n", counted(times.blocked.size() - kReasonsShown, "reason"));
}

void add_functions(std::string& out, const TraceTimes& times) {
  if (times.functions.empty()) return;
  out += fmt::format("\nGoroutines by the function they start in\n  {:>10} {:>9} {:>9} {:>9} {:>9} {:>9}\n",
                     "goroutines", "running", "runnable", "(99% in)", "syscalls", "blocked");
  std::size_t shown = 0;
  for (const TraceTimes::Function& row : times.functions) {
    if (shown++ == kFunctionsShown) break;
    out += fmt::format("  {:>10} {:>9} {:>9} {:>9} {:>9} {:>9}  {}\n", with_commas(row.goroutines),
                       human_duration(row.states.running_ns), human_duration(row.states.runnable_ns),
                       row.latency.count == 0 ? "" : human_duration(row.latency.p99_ns),
                       human_duration(row.states.syscall_ns), human_duration(row.states.waiting_ns),
                       row.name.empty() ? "(not told)" : printable_line(row.name));
  }
  if (times.functions.size() > kFunctionsShown)
    out += fmt::format("  and {} more\n", counted(times.functions.size() - kFunctionsShown, "function"));
}

void add_creators(std::string& out, const TraceFacts& facts, const model::Symbols& symbols) {
  const model::TraceTreeNode* most = nullptr;
  for (const model::TraceTreeNode& node : facts.tree.nodes)
    if (node.created != 0 && (most == nullptr || node.created > most->created)) most = &node;
  if (most == nullptr) return;
  out += fmt::format("\n{} created", counted(facts.tree.created, "goroutine"));
  if (facts.times.wall_ns > 0)
    out += fmt::format(", {:.0f} a second",
                       static_cast<double>(facts.tree.created) * 1e9 / static_cast<double>(facts.times.wall_ns));
  const std::string place = place_words(facts, symbols, most->creation_stack);
  out += fmt::format("; most of them, {}, {}{}", with_commas(most->created), function_words(symbols, most->function),
                     place.empty() ? "" : " by " + place);
  if (most->median_life_ns != 0) out += fmt::format(", half lived up to {}", human_duration(most->median_life_ns));
  out += fmt::format(", {} at the end (--tree)\n", most->alive == 1 ? "1 lives" : with_commas(most->alive) + " live");
}

void add_next(std::string& out, const model::Evidence& evidence) {
  const std::string path = printable_line(evidence.path);
  out += fmt::format(
      "\nNext\n"
      "  gopsy diagnose {0}                what is wrong with it\n"
      "  gopsy trace {0} --goroutines --sort runnable   which goroutines wait for a processor; one: --goroutine ID\n"
      "  gopsy trace {0} --from 500ms --to 1s           only that part of it\n",
      path);
}

}  // namespace

std::string trace_head_text(const model::Evidence& evidence) {
  std::string out = fmt::format("{}\n  {}\n", printable_line(evidence.path), describe(evidence));
  const model::TraceReport& report = *evidence.trace;
  const bool damaged = report.damages != 0 || report.lost_bytes != 0 || report.forced != 0;
  for (const model::Counts& counts : evidence.counts)
    if (damaged || counts.read != counts.kept) out += fmt::format("  {}\n", describe(counts));
  if (!damaged && evidence.trace_facts)
    out += fmt::format("  {}, {}, all of it read\n", counted(report.events, "event"),
                       counted(report.generations, "generation"));
  for (const model::TraceDamage& damage : report.damaged)
    out += fmt::format("  damaged at byte {}, generation {}: {}; {} lost\n", with_commas(damage.offset),
                       damage.generation, damage.what, counted(damage.bytes, "byte"));
  if (report.damages > report.damaged.size())
    out += fmt::format("  and in {} more\n", counted(report.damages - report.damaged.size(), "place"));
  return out + range_words(evidence.trace_facts->times);
}

std::string trace_overview_text(const model::Evidence& evidence, const model::Symbols& symbols) {
  const TraceFacts& facts = *evidence.trace_facts;
  std::string out = trace_head_text(evidence);
  if (facts.times.goroutines == 0) return out;
  add_states(out, facts.times);
  add_timeline(out, facts.timeline);
  add_latency(out, facts.times);
  add_gc(out, facts, symbols);
  add_blocked(out, facts.times);
  add_functions(out, facts.times);
  add_creators(out, facts, symbols);
  add_next(out, evidence);
  return out;
}

}  // namespace gopsy::render
