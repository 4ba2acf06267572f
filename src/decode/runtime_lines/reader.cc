#include "decode/runtime_lines/reader.h"

#include <algorithm>

namespace gopsy::decode::runtime_lines {
namespace {

// A log of more processes at once than this is told apart by what carries it, or not at all.
constexpr std::size_t kMostOpenRuns = 8;

// Lines of different kinds are printed a little out of the order of their times; a new process begins at zero.
constexpr std::int64_t kDisorderNs = 1'000'000'000;

// No version has more wait reasons than this; beyond, a hostile text would make a search of each line.
constexpr std::size_t kMostStates = 100;

}  // namespace

bool Reader::known(std::string_view text, std::uint32_t number) {
  number_ = number;
  bool is_one = false;
  switch (text[0]) {
    case 'g': is_one = gc(text); break;
    case 'S': is_one = sched(text); break;
    case 'i': is_one = init(text); break;
    case ' ': is_one = detail(text); break;
    case 'G':
      is_one = text == "GC forced";
      log_.periodic += is_one ? 1 : 0;
      break;
    case 'p':
      is_one = text.starts_with("pacer: ") && (text.contains("% CPU (") || text.starts_with("pacer: assist ratio=") ||
                                               text.starts_with("pacer: sweep "));
      log_.pacer_lines += is_one ? 1 : 0;
      break;
    default:
      if (text.starts_with("scan: ") && text.ends_with(" spans")) {
        is_one = marks_.scan = true;
        ++log_.scan_lines;
      } else {
        is_one = scavenge(text);
      }
  }
  if (is_one) ++log_.lines;
  return is_one;
}

bool Reader::torn(std::string_view text) {
  if (!begins_like_gc(text) && !begins_like_sched(text)) return false;
  ++log_.torn;
  return true;
}

Reader::Run& Reader::current() { return open_.empty() ? begin_run() : open_[now_]; }

Reader::Run& Reader::begin_run() {
  if (open_.size() == kMostOpenRuns) {
    open_.erase(open_.begin());
    numbers_.erase(numbers_.begin());
  }
  numbers_.push_back(log_.runs++);
  now_ = open_.size();
  in_detail_ = false;
  return open_.emplace_back();
}

Reader::Run& Reader::run_of(const model::GcCycle& cycle) {
  const auto goes_on = [&](const Run& run) {
    return run.cycle_ns >= 0 && cycle.number > run.cycle && cycle.start_ns >= run.cycle_ns;
  };
  Run& now = current();
  const bool first_here = now.cycle_ns < 0 && cycle.end_ns() + kDisorderNs >= now.latest_ns;
  if (first_here || (goes_on(now) && cycle.number == now.cycle + 1)) return now;
  for (std::size_t i = open_.size(); i-- > 0;) {
    if (cycle.number != open_[i].cycle + 1 || !goes_on(open_[i]) || cycle.procs != open_[i].procs) continue;
    now_ = i;
    return open_[i];
  }
  return goes_on(now) ? now : begin_run();
}

bool Reader::gc(std::string_view text) {
  const auto line = gc_line(text);
  if (!line) return torn(text);
  model::GcCycle cycle = line->cycle;
  const auto same = [&](const Run& run) {
    return run.cycle_ns == cycle.start_ns && run.cycle == cycle.number && run.procs == cycle.procs;
  };
  if (!open_.empty() && same(open_[now_])) {
    ++log_.repeated;
    return true;
  }
  (line->has_stacks ? marks_.stacks : marks_.no_stacks) = true;
  marks_.leak_check |= cycle.leak_check;
  Run& run = run_of(cycle);
  run.cycle = cycle.number;
  run.cycle_ns = cycle.start_ns;
  run.latest_ns = std::max(run.latest_ns, cycle.end_ns());
  run.procs = cycle.procs;
  cycle.run = run_number();
  cycle.line = number_;
  log_.cycles.push_back(cycle);
  return true;
}

bool Reader::sched(std::string_view text) {
  const auto line = sched_line(text);
  if (!line) {
    in_detail_ = false;
    return torn(text);
  }
  model::SchedSample sample = line->sample;
  const Run& now = current();
  if (sample.time_ns < now.sched_ns || sample.time_ns + kDisorderNs < now.latest_ns) begin_run();
  Run& run = open_[now_];
  run.sched_ns = sample.time_ns;
  run.latest_ns = std::max(run.latest_ns, sample.time_ns);
  (line->has_need ? marks_.need : marks_.no_need) = true;
  if (!sample.detailed) (line->has_ticks ? marks_.ticks : marks_.no_ticks) = true;
  sample.run = run_number();
  sample.line = number_;
  sample.first_proc = static_cast<std::uint32_t>(log_.procs.size());
  sample.proc_count = static_cast<std::uint32_t>(line->procs.size());
  log_.procs.insert(log_.procs.end(), line->procs.begin(), line->procs.end());
  log_.samples.push_back(sample);
  in_detail_ = sample.detailed;
  return true;
}

bool Reader::detail(std::string_view text) {
  model::SchedSample& sample = log_.samples.back();
  if (text[2] == 'G') {
    const auto line = goroutine_line(text);
    if (!line) return false;
    ++sample.goroutines;
    sample.locked_goroutines += line->locked ? 1U : 0U;
    ++sample.status[std::min<std::size_t>(line->status, sample.status.size() - 1)];
    count_state(*line);
    return true;
  }
  if (text[2] == 'M') {
    const auto line = machine_line(text);
    if (!line) return false;
    ++sample.machines;
    sample.blocked_machines += line->blocked ? 1U : 0U;
    sample.locked_machines += line->locked ? 1U : 0U;
    marks_.helpgc |= line->has_helpgc;
    (line->says_nil ? marks_.nil : marks_.no_nil) |= line->says_nil || text.contains("=-1");
    return true;
  }
  const auto line = proc_line(text);
  if (!line) return false;
  (line->has_timers ? marks_.timers : marks_.no_timers) = true;
  ++sample.proc_count;
  log_.procs.push_back(line->proc);
  return true;
}

// Few reasons come again and again; they stand at the end of the rows.
void Reader::count_state(const GoroutineLine& line) {
  const auto sample = static_cast<std::uint32_t>(log_.samples.size() - 1);
  const StringId reason = symbols_.intern(line.reason);
  std::size_t looked_at = 0;
  for (auto row = log_.states.rbegin(); row != log_.states.rend() && row->sample == sample; ++row) {
    if (++looked_at > kMostStates) break;
    if (row->status != line.status || row->reason != reason) continue;
    ++row->count;
    return;
  }
  log_.states.push_back({.sample = sample, .status = line.status, .count = 1, .reason = reason});
}

bool Reader::scavenge(std::string_view text) {
  const auto line = scav_line(text);
  if (!line) return false;
  current();
  model::ScavengeLine scavenge = line->scavenge;
  scavenge.run = run_number();
  scavenge.line = number_;
  marks_.scvg |= line->is_scvg;
  if (!line->is_scvg) {
    (line->has_eager ? marks_.eager : marks_.no_eager) = true;
    marks_.generation |= line->has_generation;
  }
  log_.scavenges.push_back(scavenge);
  return true;
}

bool Reader::init(std::string_view text) {
  const auto line = init_line(text);
  if (!line) return false;
  model::InitLine init = line->init;
  const Run& now = current();
  if (init.start_ns < now.init_ns || init.start_ns + init.clock_ns + kDisorderNs < now.latest_ns) begin_run();
  Run& run = open_[now_];
  run.init_ns = init.start_ns;
  run.latest_ns = std::max(run.latest_ns, init.start_ns);
  marks_.init = true;
  init.run = run_number();
  init.line = number_;
  init.package = symbols_.intern(line->package);
  log_.inits.push_back(init);
  return true;
}

model::RuntimeLog Reader::finish(model::GoVersion& version) {
  if (marks_.leak_check) version.at_least(26, "a gctrace line that checks for goroutine leaks");
  if (marks_.scan) version.at_least(26, "scan statistics of gctrace=2");
  if (marks_.ticks) version.at_least(25, "schedticks= in a schedtrace line");
  if (marks_.eager) version.at_least(21, "eager work in a scavtrace line");
  if (marks_.need) version.at_least(20, "needspinning= in a schedtrace line");
  if (marks_.nil) version.at_least(20, "nil in a scheddetail line");
  if (marks_.stacks) version.at_least(18, "MB stacks in a gctrace line");
  if (marks_.init) version.at_least(16, "an inittrace line");
  if (marks_.generation) version.at_least(15, "a generation in a scavtrace line");
  if (marks_.timers || marks_.no_eager) version.at_least(14, "timerslen= or a scavtrace line");
  if (marks_.helpgc) version.at_most(11, "helpgc= in a scheddetail line");
  if (marks_.scvg) version.at_most(13, "a line of scvg");
  if (marks_.no_timers) version.at_most(13, "no timerslen= in a scheddetail line");
  if (marks_.no_stacks) version.at_most(17, "no MB stacks in a gctrace line");
  if (marks_.generation) version.at_most(18, "a generation in a scavtrace line");
  if (marks_.no_need) version.at_most(19, "no needspinning= in a schedtrace line");
  if (marks_.no_nil) version.at_most(19, "-1 in a scheddetail line");
  if (marks_.no_eager) version.at_most(20, "no eager work in a scavtrace line");
  if (marks_.no_ticks) version.at_most(24, "no schedticks= in a schedtrace line");
  return std::move(log_);
}

}  // namespace gopsy::decode::runtime_lines
