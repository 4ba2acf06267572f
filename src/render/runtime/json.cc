#include "base/json_writer.h"
#include "render/runtime/runtime_report.h"

namespace gopsy::render {
namespace {

class Json {
 public:
  Json(std::string& out, const model::Symbols& symbols) : json_(out), symbols_(symbols) {}

  void write(const std::vector<RuntimeDocument>& documents) {
    json_.begin_object();
    json_.key("runs");
    json_.begin_array();
    for (const auto& document : documents) run(document);
    json_.end_array();
    json_.end_object();
  }

 private:
  void run(const RuntimeDocument& document) {
    json_.begin_object();
    json_.member("path", std::string_view(document.run.evidence->path));
    json_.member("run", document.run.number + 1);
    json_.member("go", std::string_view(document.run.evidence->go_version.text()));
    const auto& log = document.run.log();
    json_.member("lines", log.lines);
    json_.member("torn_lines", log.torn);
    json_.member("repeated_lines", log.repeated);
    json_.member("pacer_lines", log.pacer_lines);
    json_.member("scan_lines", log.scan_lines);
    json_.member("periodic_cycles", log.periodic);
    if (document.gc) collector(*document.gc);
    if (document.scheduler) scheduler(*document.scheduler);
    if (document.scavenges) scavenger(*document.scavenges);
    if (document.inits) inits(*document.inits);
    json_.end_object();
  }

  void collector(const analyze::GcReport& gc) {
    json_.key("gc");
    json_.begin_object();
    json_.member("cycles", gc.cycles);
    json_.member("forced", gc.forced);
    json_.member("leak_checks", gc.leak_checks);
    json_.member("missing", gc.missing);
    json_.member("from_ns", gc.from_ns);
    json_.member("to_ns", gc.to_ns);
    json_.member("first_line", gc.first_line);
    json_.member("last_line", gc.last_line);
    json_.member("gomaxprocs", gc.procs);
    json_.member("percent_since_start", gc.percent);
    json_.member("cpu_share", gc.share);
    json_.member("background_share", gc.background_share);
    json_.member("assist_share", gc.assist_share);
    json_.member("stopped_share", gc.stopped_share);
    json_.member("idle_share", gc.idle_share);
    json_.member("marking_share", gc.marking);
    json_.member("cycles_per_second", gc.cycles_per_second);
    json_.member("allocated_mib_per_second", gc.allocated_mib_per_second);
    json_.key("pauses");
    json_.begin_object();
    json_.member("count", gc.pauses.count);
    json_.member("p50_ns", gc.pauses.p50_ns);
    json_.member("p99_ns", gc.pauses.p99_ns);
    json_.member("longest_ns", gc.pauses.longest_ns);
    json_.member("longest_line", gc.pauses.longest_line);
    json_.member("longest_cycle", gc.pauses.longest_cycle);
    json_.member("total_ns", gc.pauses.total_ns);
    json_.end_object();
    heap(gc);
    window("busiest", gc.worst);
    window("no_room", gc.spiral);
    json_.end_object();
  }

  void heap(const analyze::GcReport& gc) {
    json_.key("heap");
    json_.begin_object();
    json_.member("live_first_mib", gc.live_first_mib);
    json_.member("live_last_mib", gc.live_last_mib);
    json_.member("live_median_mib", gc.live_median_mib);
    json_.member("live_highest_mib", gc.live_highest_mib);
    json_.member("peak_mib", gc.peak_mib);
    json_.member("goal_last_mib", gc.goal_last_mib);
    json_.member("goal_highest_mib", gc.goal_highest_mib);
    json_.member("stacks_mib", gc.stacks_mib);
    json_.member("globals_mib", gc.globals_mib);
    if (gc.gogc) json_.member("gogc", *gc.gogc);
    json_.key("live_trend");
    json_.begin_object();
    json_.member("grows", analyze::live_heap_grows(gc));
    json_.member("points", std::uint64_t{gc.live.points});
    json_.member("mib_per_second", gc.live.slope);
    json_.member("from_mib", gc.live.first);
    json_.member("to_mib", gc.live.last);
    json_.member("kendall_tau", gc.live.order);
    json_.member("deepest_fall", gc.live.drawdown);
    json_.end_object();
    if (gc.limit) {
      json_.key("memory_limit");
      json_.begin_object();
      json_.member("bytes", gc.limit->bytes);
      json_.member("line", gc.limit->line);
      json_.member("live_share", gc.limit->live);
      json_.member("peak_share", gc.limit->peak);
      json_.end_object();
    }
    json_.end_object();
  }

  void window(std::string_view name, const std::optional<analyze::GcWindow>& window) {
    if (!window) return;
    json_.key(name);
    json_.begin_object();
    json_.member("from_ns", window->from_ns);
    json_.member("to_ns", window->to_ns);
    json_.member("first_line", window->first_line);
    json_.member("last_line", window->last_line);
    json_.member("cycles", window->cycles);
    json_.member("cpu_share", window->share);
    json_.member("assist_share", window->assist);
    json_.end_object();
  }

  void queue(std::string_view name, const analyze::QueueLengths& lengths) {
    json_.key(name);
    json_.begin_object();
    json_.member("p50", lengths.p50);
    json_.member("p99", lengths.p99);
    json_.member("longest", lengths.longest);
    json_.member("longest_line", lengths.longest_line);
    json_.end_object();
  }

  void scheduler(const analyze::SchedulerReport& s) {
    json_.key("scheduler");
    json_.begin_object();
    json_.member("samples", s.samples);
    json_.member("detailed", s.detailed);
    json_.member("from_ns", s.from_ns);
    json_.member("to_ns", s.to_ns);
    json_.member("interval_ns", s.interval_ns);
    json_.member("longest_gap_ns", s.longest_gap_ns);
    json_.member("first_line", s.first_line);
    json_.member("last_line", s.last_line);
    json_.member("gomaxprocs", s.procs);
    json_.member("idle_procs_mean", s.idle_procs);
    json_.member("all_busy", s.all_busy);
    json_.member("idle_beside_work", s.idle_beside_work);
    json_.member("uneven", s.uneven);
    json_.member("spinning_mean", s.spinning);
    queue("queued", s.all);
    queue("global_queue", s.global);
    queue("local_queues", s.local);
    json_.member("threads_first", s.threads_first);
    json_.member("threads_last", s.threads_last);
    json_.member("threads_most", s.threads_most);
    if (s.ticks_per_second) json_.member("turns_per_second", *s.ticks_per_second);
    json_.member("stuck_intervals", s.stuck);
    if (s.detailed != 0) {
      json_.member("goroutines_last", s.goroutines_last);
      json_.member("goroutines_most", s.goroutines_most);
      json_.member("runnable_most", s.runnable_most);
    }
    json_.key("starved");
    json_.begin_array();
    for (const auto& starved : s.starved) starvation(starved);
    json_.end_array();
    json_.end_object();
  }

  void starvation(const analyze::Starvation& starved) {
    json_.begin_object();
    json_.member("from_ns", starved.from_ns);
    json_.member("to_ns", starved.to_ns);
    json_.member("samples", starved.samples);
    json_.member("gomaxprocs", starved.procs);
    json_.member("median_queued", starved.median_queued);
    json_.member("most_queued", starved.most_queued);
    json_.member("first_line", starved.first_line);
    json_.member("last_line", starved.last_line);
    json_.end_object();
  }

  void scavenger(const analyze::ScavengeReport& s) {
    json_.key("scavenger");
    json_.begin_object();
    json_.member("lines", s.lines);
    json_.member("returned_kib", s.returned_kib);
    json_.member("returned_eager_kib", s.returned_eager_kib);
    json_.member("released_last_kib", s.released_last_kib);
    json_.member("released_most_kib", s.released_most_kib);
    json_.member("used_last_percent", s.used_last_percent);
    json_.member("used_lowest_percent", s.used_lowest_percent);
    json_.member("forced", s.forced);
    json_.end_object();
  }

  void inits(const analyze::InitReport& report) {
    json_.key("init");
    json_.begin_object();
    json_.member("clock_ns", report.clock_ns);
    json_.member("done_ns", report.done_ns);
    json_.member("bytes", report.bytes);
    json_.member("allocs", report.allocs);
    json_.key("packages");
    json_.begin_array();
    for (const auto* init : report.slowest) {
      json_.begin_object();
      json_.member("package", symbols_.text(init->package));
      json_.member("start_ns", init->start_ns);
      json_.member("clock_ns", init->clock_ns);
      json_.member("bytes", init->bytes);
      json_.member("allocs", init->allocs);
      json_.member("line", init->line);
      json_.end_object();
    }
    json_.end_array();
    json_.end_object();
  }

  JsonWriter json_;
  const model::Symbols& symbols_;
};

}  // namespace

std::string runtime_json(const std::vector<RuntimeDocument>& documents, const model::Symbols& symbols) {
  std::string out;
  Json(out, symbols).write(documents);
  return out;
}

}  // namespace gopsy::render
