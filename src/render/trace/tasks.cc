#include "render/trace/tasks.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "base/units.h"
#include "render/words.h"

namespace gopsy::render {
namespace {

using model::TraceTaskType;

constexpr std::size_t kTypesShown = 20;
constexpr std::size_t kReasonsShown = 8;
constexpr std::size_t kParentsShown = 3;
constexpr std::uint64_t kBar = 40;

std::int64_t bucket_ns(std::size_t bucket) {
  return static_cast<std::int64_t>(std::pow(10.0, static_cast<double>(bucket) / 5.0));
}

std::string name_of(std::string_view name) { return name.empty() ? "(not told)" : printable_line(name); }

std::string share(std::int64_t part, std::int64_t whole) {
  return whole <= 0 ? "" : percent(static_cast<double>(part) / static_cast<double>(whole));
}

void add_breakdown(std::string& out, const model::TraceBreakdown& spent) {
  const std::int64_t all = spent.states.sum_ns();
  if (all <= 0) return;
  const auto line = [&](std::int64_t ns, std::string_view what) {
    if (ns != 0) out += fmt::format("    {:>10} {:>7}  {}\n", human_duration(ns), share(ns, all), what);
  };
  line(spent.states.running_ns, "running");
  line(spent.states.runnable_ns, "runnable: waiting for a processor");
  line(spent.states.syscall_ns, "in system calls");
  std::size_t shown = 0;
  for (const auto& [reason, ns] : spent.blocked) {
    if (shown++ == kReasonsShown) break;
    line(ns, fmt::format("blocked: {}", reason.empty() ? "(no reason given)" : printable_line(reason)));
  }
  line(spent.states.unknown_ns, "unknown");
  line(spent.assist_ns, "of it helping the garbage collector");
}

void add_counts(std::string& out, const TraceTaskType& type, bool is_task) {
  std::string rest;
  if (type.unended != 0) rest += fmt::format(", {} never ended", with_commas(type.unended));
  if (type.unbegun != 0) rest += fmt::format(", {} began before the trace", with_commas(type.unbegun));
  const auto& d = type.durations;
  out += fmt::format("\n{}: {}{}\n", name_of(type.name), counted(type.count, is_task ? "task" : "region"), rest);
  if (d.count != 0)
    out += fmt::format("  half within {}, 90% within {}, 99% within {}, the longest {}\n", human_duration(d.p50_ns),
                       human_duration(d.p90_ns), human_duration(d.p99_ns), human_duration(d.longest_ns));
}

void add_one(std::string& out, const TraceTaskType::One& one, std::int64_t first_ns, bool is_task,
             std::string_view what) {
  out += fmt::format("  {} {} at {}: ", what, human_duration(one.end_ns - one.begin_ns),
                     trace_moment(one.begin_ns, first_ns));
  out += is_task         ? fmt::format("task {} of goroutine {}\n", one.task, one.goid)
         : one.task == 0 ? fmt::format("goroutine {}\n", one.goid)
                         : fmt::format("goroutine {}, task {}\n", one.goid, one.task);
}

void add_type(std::string& out, const TraceTaskType& type, std::int64_t first_ns, const TraceStackWords& words,
              bool is_task) {
  add_counts(out, type, is_task);
  if (type.stack != 0) out += fmt::format("  begun by {}\n", words.place(type.stack));
  std::size_t shown = 0;
  for (const auto& [name, count] : type.parents) {
    if (shown++ == kParentsShown) break;
    out += fmt::format("  {} of them in a task {}\n", with_commas(count), name_of(name));
  }
  if (type.regions != 0 || type.logs != 0)
    out += fmt::format("  with {} and {}\n", counted(type.regions, "region"), counted(type.logs, "log message"));
  out += duration_histogram(type.durations, "    ");
  if (type.spent.states.sum_ns() > 0) {
    out += is_task ? "  Those who worked for it spent\n" : "  Spent in it\n";
    add_breakdown(out, type.spent);
  }
  if (!type.longest.empty()) add_one(out, type.longest[0], first_ns, is_task, "the longest:");
  for (const TraceTaskType::One& one : type.open) add_one(out, one, first_ns, is_task, "not ended after");
}

void add_json_one(JsonWriter& json, const TraceTaskType::One& one) {
  json.begin_object();
  json.member("task", one.task);
  json.member("goroutine", one.goid);
  json.member("begin_ns", one.begin_ns);
  json.member("end_ns", one.end_ns);
  json.end_object();
}

void add_json_type(JsonWriter& json, const TraceTaskType& type, const TraceStackWords& words) {
  json.begin_object();
  json.member("name", type.name);
  json.member("count", type.count);
  json.member("unended", type.unended);
  json.member("unbegun", type.unbegun);
  json.member("regions", type.regions);
  json.member("logs", type.logs);
  json.member("total_ns", type.durations.total_ns);
  json.member("p50_ns", type.durations.p50_ns);
  json.member("p90_ns", type.durations.p90_ns);
  json.member("p99_ns", type.durations.p99_ns);
  json.member("longest_ns", type.durations.longest_ns);
  json.key("histogram");
  json.begin_array();
  for (std::size_t i = 0; i < type.durations.histogram.size(); ++i) {
    if (type.durations.histogram[i] == 0) continue;
    json.begin_object();
    json.member("from_ns", bucket_ns(i));
    json.member("count", type.durations.histogram[i]);
    json.end_object();
  }
  json.end_array();
  json.member("running_ns", type.spent.states.running_ns);
  json.member("runnable_ns", type.spent.states.runnable_ns);
  json.member("syscall_ns", type.spent.states.syscall_ns);
  json.member("waiting_ns", type.spent.states.waiting_ns);
  json.member("unknown_ns", type.spent.states.unknown_ns);
  json.member("assist_ns", type.spent.assist_ns);
  json.key("blocked");
  json.begin_array();
  for (const auto& [reason, ns] : type.spent.blocked) {
    json.begin_object();
    json.member("reason", reason);
    json.member("ns", ns);
    json.end_object();
  }
  json.end_array();
  json.key("parents");
  json.begin_array();
  for (const auto& [name, count] : type.parents) {
    json.begin_object();
    json.member("name", name);
    json.member("count", count);
    json.end_object();
  }
  json.end_array();
  json.key("longest");
  json.begin_array();
  for (const auto& one : type.longest) add_json_one(json, one);
  json.end_array();
  json.key("open");
  json.begin_array();
  for (const auto& one : type.open) add_json_one(json, one);
  json.end_array();
  words.add_json(json, "stack", type.stack);
  json.end_object();
}

std::string types_text(const model::Evidence& evidence, const model::Symbols& symbols, bool is_task) {
  const model::TraceTasks& tasks = evidence.trace_facts->tasks;
  const auto& types = is_task ? tasks.tasks : tasks.regions;
  const TraceStackWords words(symbols, evidence.trace_facts->stacks);
  std::string out = fmt::format("{}\n", printable_line(evidence.path));
  if (types.empty())
    return out + fmt::format("  no {}: it does not call runtime/trace.{}\n", is_task ? "tasks" : "regions",
                             is_task ? "NewTask" : "WithRegion or StartRegion");
  std::size_t shown = 0;
  for (const TraceTaskType& type : types)
    if (shown++ < kTypesShown) add_type(out, type, evidence.trace->first_ns, words, is_task);
  if (types.size() > kTypesShown)
    out += fmt::format("\nand {} more, which --json has\n", counted(types.size() - kTypesShown, "type"));
  if (!is_task || tasks.logs.empty()) return out;
  out += "\nLog messages by category\n";
  shown = 0;
  for (const auto& [name, count] : tasks.logs)
    if (shown++ < kTypesShown) out += fmt::format("  {:>10}  {}\n", with_commas(count), name_of(name));
  return out;
}

std::string types_json(const model::Evidence& evidence, const model::Symbols& symbols, bool is_task) {
  const model::TraceTasks& tasks = evidence.trace_facts->tasks;
  const TraceStackWords words(symbols, evidence.trace_facts->stacks);
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.member("path", evidence.path);
  json.member("first_ns", evidence.trace->first_ns);
  json.key(is_task ? "tasks" : "regions");
  json.begin_array();
  for (const TraceTaskType& type : is_task ? tasks.tasks : tasks.regions) add_json_type(json, type, words);
  json.end_array();
  if (is_task) {
    json.key("logs");
    json.begin_array();
    for (const auto& [name, count] : tasks.logs) {
      json.begin_object();
      json.member("category", name);
      json.member("count", count);
      json.end_object();
    }
    json.end_array();
  }
  json.end_object();
  out += '\n';
  return out;
}

}  // namespace

std::string duration_histogram(const model::TraceDurations& durations, std::string_view indent) {
  const auto& rows = durations.histogram;
  const auto used = [](std::uint64_t count) { return count != 0; };
  const auto first = static_cast<std::size_t>(std::ranges::find_if(rows, used) - rows.begin());
  std::uint64_t most = 0;
  for (const std::uint64_t count : rows) most = std::max(most, count);
  std::string out;
  for (std::size_t i = first; i < rows.size(); ++i) {
    // What is there can be seen, be it one of a million.
    const std::uint64_t bar = rows[i] == 0 ? 0 : std::max<std::uint64_t>(1, rows[i] * kBar / most);
    std::string line = fmt::format("{}{:>8} {:>10} ", indent, human_duration(bucket_ns(i)), with_commas(rows[i]));
    for (std::uint64_t j = 0; j < bar; ++j) line += "█";
    while (line.ends_with(' ')) line.pop_back();
    out += line + '\n';
  }
  return out;
}

std::string trace_tasks_text(const model::Evidence& evidence, const model::Symbols& symbols) {
  return types_text(evidence, symbols, true);
}

std::string trace_regions_text(const model::Evidence& evidence, const model::Symbols& symbols) {
  return types_text(evidence, symbols, false);
}

std::string trace_tasks_json(const model::Evidence& evidence, const model::Symbols& symbols) {
  return types_json(evidence, symbols, true);
}

std::string trace_regions_json(const model::Evidence& evidence, const model::Symbols& symbols) {
  return types_json(evidence, symbols, false);
}

}  // namespace gopsy::render
