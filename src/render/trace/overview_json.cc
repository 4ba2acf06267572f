#include "base/json_writer.h"
#include "render/json/json.h"
#include "render/trace/overview.h"
#include "render/trace/trace_json.h"
#include "render/trace/trace_words.h"

namespace gopsy::render {
namespace {

using model::TraceTimes;

void add_reasons(JsonWriter& json, std::string_view name, const std::vector<TraceTimes::Reason>& rows) {
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

void add_report(JsonWriter& json, const model::TraceReport& report) {
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

void add_functions(JsonWriter& json, const TraceTimes& times) {
  json.key("functions");
  json.begin_array();
  for (const TraceTimes::Function& row : times.functions) {
    json.begin_object();
    json.member("name", row.name);
    json.member("goroutines", row.goroutines);
    json.member("alive", row.alive);
    add_json_states(json, row.states);
    add_json_spent(json, row.spent);
    add_json_blocked(json, times, row.blocked);
    add_json_latency(json, "latency", row.latency);
    json.end_object();
  }
  json.end_array();
}

void add_gc(JsonWriter& json, const model::TraceFacts& facts, const model::Symbols& symbols) {
  const model::TraceGc& gc = facts.gc;
  json.key("gc");
  json.begin_object();
  json.member("cycles", gc.cycles);
  json.member("mark_ns", gc.mark_ns);
  json.member("assists", gc.assists);
  json.member("assist_ns", gc.assist_ns);
  json.member("sweeps", gc.sweeps);
  json.member("sweep_ns", gc.sweep_ns);
  json.member("swept_bytes", gc.swept_bytes);
  json.member("reclaimed_bytes", gc.reclaimed_bytes);
  json.member("heap_first", gc.heap_first);
  json.member("heap_last", gc.heap_last);
  json.member("heap_peak", gc.heap_peak);
  json.member("goal_last", gc.goal_last);
  json.key("longest_cycles");
  json.begin_array();
  for (const model::TraceGc::Cycle& cycle : gc.longest_cycles) {
    json.begin_object();
    json.member("begin_ns", cycle.begin_ns);
    json.member("mark_ns", cycle.mark_ns);
    json.member("assists", cycle.assists);
    json.member("assist_ns", cycle.assist_ns);
    json.member("heap_at_begin", cycle.heap_at_begin);
    json.member("heap_at_end", cycle.heap_at_end);
    json.member("goal_at_begin", cycle.goal_at_begin);
    json.member("began_before", cycle.cut);
    json.member("goes_on", cycle.open);
    json.end_object();
  }
  json.end_array();
  json.member("stops", gc.stops);
  json.member("stopped_ns", gc.stopped_ns);
  json.key("worst_stops");
  json.begin_array();
  for (const model::TraceGc::Stop& stop : gc.worst_stops) {
    json.begin_object();
    json.member("kind", stop.kind);
    json.member("begin_ns", stop.begin_ns);
    json.member("length_ns", stop.length_ns);
    json.member("goroutine", stop.goid);
    json.member("goes_on", stop.open);
    add_json_stack(json, "stack", facts, symbols, stop.stack);
    json.end_object();
  }
  json.end_array();
  add_json_mmu(json, "mmu", gc.mmu);
  json.end_object();
}

template <class Value>
void add_values(JsonWriter& json, std::string_view name, const std::vector<Value>& values) {
  json.key(name);
  json.begin_array();
  for (const Value value : values) json.value(value);
  json.end_array();
}

void add_timeline(JsonWriter& json, const model::TraceTimeline& line) {
  json.key("timeline");
  json.begin_object();
  json.member("first_ns", line.first_ns);
  json.member("last_ns", line.last_ns);
  json.member("bucket_ns", line.bucket_ns);
  add_values(json, "running", line.running);
  add_values(json, "runnable", line.runnable);
  add_values(json, "waiting", line.waiting);
  add_values(json, "syscall", line.syscall);
  add_values(json, "procs", line.procs);
  add_values(json, "gomaxprocs", line.gomaxprocs);
  add_values(json, "threads", line.threads);
  add_values(json, "marking", line.marking);
  add_values(json, "stopped", line.stopped);
  add_values(json, "heap", line.heap);
  add_values(json, "goal", line.goal);
  add_values(json, "created", line.created);
  json.end_object();
}

}  // namespace

void add_json_mmu(JsonWriter& json, std::string_view name, const std::vector<model::TraceGc::Mmu>& rows) {
  json.key(name);
  json.begin_array();
  for (const model::TraceGc::Mmu& row : rows) {
    json.begin_object();
    json.member("window_ns", row.window_ns);
    json.member("utilization", row.utilization);
    json.key("worst");
    json.begin_array();
    for (const model::TraceGc::Window& window : row.worst) {
      json.begin_object();
      json.member("begin_ns", window.begin_ns);
      json.member("utilization", window.utilization);
      json.end_object();
    }
    json.end_array();
    json.end_object();
  }
  json.end_array();
}

std::string trace_overview_json(const model::Evidence& evidence, const model::Symbols& symbols,
                                std::span<const rules::Finding> findings) {
  const model::TraceFacts& facts = *evidence.trace_facts;
  const TraceTimes& times = facts.times;
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.member("path", evidence.path);
  json.member("format", std::uint64_t{evidence.trace->format});
  json.member("go_version", evidence.go_version.text());
  add_report(json, *evidence.trace);
  add_json_range(json, times);
  json.member("wall_ns", times.wall_ns);
  json.member("goroutines", times.goroutines);
  json.member("lives_ns", times.lives_ns);
  add_json_states(json, times.all);
  add_json_spent(json, times.spent);
  add_json_latency(json, "latency", times.latency);
  add_json_latency(json, "after_unblock", times.after_unblock);
  add_json_latency(json, "after_create", times.after_create);
  add_json_latency(json, "after_preempt", times.after_preempt);
  add_json_latency(json, "after_syscall", times.after_syscall);
  add_reasons(json, "blocked", times.blocked);
  add_reasons(json, "stops", times.stops);
  add_functions(json, times);
  add_gc(json, facts, symbols);
  add_timeline(json, facts.timeline);
  json.member("created", facts.tree.created);
  write_findings(json, findings);
  json.end_object();
  out += '\n';
  return out;
}

}  // namespace gopsy::render
