#include "render/trace/overview.h"

#include "base/format.h"
#include "base/json_writer.h"
#include "base/units.h"
#include "model/trace_facts.h"
#include "render/words.h"

namespace gopsy::render {
namespace {

using model::TraceTimes;

constexpr std::size_t kFunctionsShown = 15;

std::string share(std::int64_t part, std::int64_t whole) {
  return whole <= 0 ? "" : percent(static_cast<double>(part) / static_cast<double>(whole));
}

void add_states(std::string& out, const TraceTimes& times) {
  out += fmt::format("\n{} lived {} in all:\n", counted(times.goroutines, "goroutine"), human_duration(times.lives_ns));
  for (const auto& [ns, what] :
       {std::pair{times.all.running_ns, "running"},
        std::pair{times.all.runnable_ns, "runnable: waiting for a processor"},
        std::pair{times.all.syscall_ns, "in system calls"}, std::pair{times.all.waiting_ns, "blocked"},
        std::pair{times.all.unknown_ns, "unknown"}})
    if (ns != 0) out += fmt::format("  {:>10} {:>7}  {}\n", human_duration(ns), share(ns, times.lives_ns), what);
}

void add_reasons(std::string& out, std::string_view title, const std::vector<TraceTimes::Reason>& rows) {
  if (rows.empty()) return;
  out += fmt::format("\n{}\n  {:>10} {:>10} {:>10}\n", title, "total", "times", "longest");
  for (const TraceTimes::Reason& row : rows)
    out +=
        fmt::format("  {:>10} {:>10} {:>10}  {}\n", human_duration(row.total_ns), with_commas(row.count),
                    human_duration(row.longest_ns), row.name.empty() ? "(no reason given)" : printable_line(row.name));
}

void add_functions(std::string& out, const TraceTimes& times) {
  if (times.functions.empty()) return;
  out += fmt::format("\nGoroutines by the function they start in\n  {:>10} {:>10} {:>10} {:>10} {:>10}\n", "goroutines",
                     "running", "runnable", "syscalls", "blocked");
  std::size_t shown = 0;
  for (const TraceTimes::Function& row : times.functions) {
    if (shown++ == kFunctionsShown) break;
    out += fmt::format("  {:>10} {:>10} {:>10} {:>10} {:>10}  {}\n", with_commas(row.goroutines),
                       human_duration(row.states.running_ns), human_duration(row.states.runnable_ns),
                       human_duration(row.states.syscall_ns), human_duration(row.states.waiting_ns),
                       row.name.empty() ? "(not told)" : printable_line(row.name));
  }
  if (times.functions.size() > kFunctionsShown)
    out += fmt::format("  and {} more\n", counted(times.functions.size() - kFunctionsShown, "function"));
}

void add_json_states(JsonWriter& json, const model::TraceStates& states) {
  json.member("running_ns", states.running_ns);
  json.member("runnable_ns", states.runnable_ns);
  json.member("syscall_ns", states.syscall_ns);
  json.member("waiting_ns", states.waiting_ns);
  json.member("unknown_ns", states.unknown_ns);
}

void add_json_reasons(JsonWriter& json, std::string_view name, const std::vector<TraceTimes::Reason>& rows) {
  json.key(name);
  json.begin_array();
  for (const TraceTimes::Reason& row : rows) {
    json.begin_object();
    json.member("name", row.name);
    json.member("count", row.count);
    json.member("total_ns", row.total_ns);
    json.member("longest_ns", row.longest_ns);
    json.end_object();
  }
  json.end_array();
}

void add_json_report(JsonWriter& json, const model::TraceReport& report) {
  json.member("bytes", report.bytes);
  json.member("generations", report.generations);
  json.member("events", report.events);
  json.member("cpu_samples", report.samples);
  json.member("first_ns", report.first_ns);
  json.member("last_ns", report.last_ns);
  json.member("unfinished", report.unfinished);
  json.member("guessed_clock", report.guessed_clock);
  json.member("lost_bytes", report.lost_bytes);
  json.member("forced_events", report.forced);
  json.member("lost_stacks", report.lost_stacks);
  json.member("lost_strings", report.lost_strings);
  json.member("damages", report.damages);
  json.key("damaged");
  json.begin_array();
  for (const model::TraceDamage& damage : report.damaged) {
    json.begin_object();
    json.member("offset", damage.offset);
    json.member("bytes", damage.bytes);
    json.member("generation", damage.generation);
    json.member("what", damage.what);
    json.end_object();
  }
  json.end_array();
}

}  // namespace

std::string trace_overview_text(const model::Evidence& evidence) {
  const TraceTimes& times = evidence.trace_facts->times;
  std::string out = fmt::format("{}\n  {}\n", printable_line(evidence.path), describe(evidence));
  for (const model::Counts& counts : evidence.counts) out += fmt::format("  {}\n", describe(counts));
  const model::TraceReport& report = *evidence.trace;
  for (const model::TraceDamage& damage : report.damaged)
    out += fmt::format("  damaged at byte {}, generation {}: {}; {} lost\n", with_commas(damage.offset),
                       damage.generation, damage.what, counted(damage.bytes, "byte"));
  if (report.damages > report.damaged.size())
    out += fmt::format("  and in {} more\n", counted(report.damages - report.damaged.size(), "place"));
  if (times.goroutines == 0) return out;
  add_states(out, times);
  if (times.latency.count != 0)
    out += fmt::format("\nFrom runnable to running: half within {}, 99% within {}, the longest {} ({})\n",
                       human_duration(times.latency.p50_ns), human_duration(times.latency.p99_ns),
                       human_duration(times.latency.longest_ns), counted(times.latency.count, "time"));
  add_reasons(out, "Blocked, by what the runtime calls it", times.blocked);
  add_reasons(out, "The world was stopped", times.stops);
  add_functions(out, times);
  return out;
}

std::string trace_overview_json(const model::Evidence& evidence) {
  const TraceTimes& times = evidence.trace_facts->times;
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.member("path", evidence.path);
  json.member("format", std::uint64_t{evidence.trace->format});
  json.member("go_version", evidence.go_version.text());
  add_json_report(json, *evidence.trace);
  json.member("wall_ns", times.wall_ns);
  json.member("goroutines", times.goroutines);
  json.member("lives_ns", times.lives_ns);
  add_json_states(json, times.all);
  json.key("latency");
  json.begin_object();
  json.member("count", times.latency.count);
  json.member("p50_ns", times.latency.p50_ns);
  json.member("p99_ns", times.latency.p99_ns);
  json.member("longest_ns", times.latency.longest_ns);
  json.end_object();
  add_json_reasons(json, "blocked", times.blocked);
  add_json_reasons(json, "stops", times.stops);
  json.key("functions");
  json.begin_array();
  for (const TraceTimes::Function& row : times.functions) {
    json.begin_object();
    json.member("name", row.name);
    json.member("goroutines", row.goroutines);
    add_json_states(json, row.states);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  out += '\n';
  return out;
}

}  // namespace gopsy::render
