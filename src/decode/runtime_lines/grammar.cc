#include "decode/runtime_lines/grammar.h"

#include <algorithm>
#include <limits>

#include "base/text.h"

namespace gopsy::decode::runtime_lines {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kMillisecond = 1'000'000;

// "0.013", "1.1" or "15" of a unit, in nanoseconds. Digits behind the ninth and what exceeds three years saturate, so
// that a line's times can be added: no runtime prints them.
std::optional<std::int64_t> consume_time(std::string_view& text, std::int64_t unit_ns) {
  constexpr std::uint64_t kMostSeconds = 100'000'000;
  const auto whole = consume_decimal(text);
  if (!whole) return std::nullopt;
  const auto most = kMostSeconds * (static_cast<std::uint64_t>(kSecond) / static_cast<std::uint64_t>(unit_ns));
  std::int64_t value = static_cast<std::int64_t>(std::min(*whole, most)) * unit_ns;
  if (!consume(text, ".")) return value;
  std::size_t digits = 0;
  for (std::int64_t weight = unit_ns / 10; digits < text.size() && text[digits] >= '0' && text[digits] <= '9';
       ++digits, weight /= 10)
    value += (text[digits] - '0') * weight;
  if (digits == 0) return std::nullopt;
  text.remove_prefix(digits);
  return value;
}

bool take_time(std::string_view& text, std::string_view before, std::int64_t unit_ns, std::int64_t& value) {
  if (!consume(text, before)) return false;
  const auto time = consume_time(text, unit_ns);
  value = time.value_or(0);
  return time.has_value();
}

template <class Number>
bool take(std::string_view& text, std::string_view before, Number& value) {
  if (!consume(text, before)) return false;
  const bool negative = std::numeric_limits<Number>::is_signed && consume(text, "-");
  const auto number = consume_decimal(text);
  if (!number || *number > static_cast<std::uint64_t>(std::numeric_limits<Number>::max())) return false;
  value = static_cast<Number>(*number);
  if (negative) value = static_cast<Number>(-value);
  return true;
}

bool take(std::string_view& text, std::string_view before, bool& value) {
  if (!consume(text, before)) return false;
  value = consume(text, "true") || consume(text, "1");
  return value || consume(text, "false") || consume(text, "0");
}

// The id of an M, P or G, or what stands for none. `is_none` and, where it was "nil", `says_nil` are set.
bool take_id(std::string_view& text, std::string_view before, bool& is_none, bool& says_nil) {
  if (!consume(text, before)) return false;
  is_none = true;
  if (consume(text, "nil")) return says_nil = true;
  if (consume(text, "-1")) return true;
  is_none = false;
  return consume_decimal(text).has_value();
}

bool take_id(std::string_view& text, std::string_view before) {
  bool none = false;
  bool nil = false;
  return take_id(text, before, none, nil);
}

// "[0 1]", "[ 0 1 ]": a number for each P.
bool take_list(std::string_view& text, std::vector<std::uint32_t>& values) {
  if (!consume(text, "[")) return false;
  consume(text, " ");
  while (!consume(text, "]")) {
    if (!take(text, "", values.emplace_back())) return false;
    consume(text, " ");
  }
  return true;
}

bool phases(std::string_view& rest, model::GcCycle& cycle) {
  return take_time(rest, ": ", kMillisecond, cycle.sweep_termination_ns) &&
         take_time(rest, "+", kMillisecond, cycle.mark_ns) &&
         take_time(rest, "+", kMillisecond, cycle.mark_termination_ns) &&
         take_time(rest, " ms clock, ", kMillisecond, cycle.sweep_termination_cpu_ns) &&
         take_time(rest, "+", kMillisecond, cycle.assist_cpu_ns) &&
         take_time(rest, "/", kMillisecond, cycle.background_cpu_ns) &&
         take_time(rest, "/", kMillisecond, cycle.idle_cpu_ns) &&
         take_time(rest, "+", kMillisecond, cycle.mark_termination_cpu_ns);
}

// The newest shape: "scav 448 KiB work (bg), 0 KiB work (eager), 3272 KiB now, 49% util".
bool scav_amounts(std::string_view& rest, ScavLine& line) {
  model::ScavengeLine& scavenge = line.scavenge;
  if (!take(rest, "", scavenge.background_kib)) return false;
  if (!rest.starts_with(" KiB")) {
    line.has_generation = true;  // it was the number of the scavenge generation
    if (!take(rest, " ", scavenge.background_kib)) return false;
  }
  line.has_eager = consume(rest, " KiB work (bg), ");
  if (line.has_eager)
    return take(rest, "", scavenge.eager_kib) && take(rest, " KiB work (eager), ", scavenge.released_kib) &&
           take(rest, " KiB now, ", scavenge.used_percent);
  return take(rest, " KiB work, ", scavenge.released_kib) && take(rest, " KiB total, ", scavenge.used_percent);
}

// Up to Go 1.13, with gctrace: "scvg12: 8 MB released" and
// "scvg12: inuse: 3, idle: 60, sys: 63, released: 60, consumed: 3 (MB)".
std::optional<ScavLine> scvg_line(std::string_view rest) {
  ScavLine line{.is_scvg = true};
  consume(rest, "-");
  consume_decimal(rest);
  if (!consume(rest, ": ")) return std::nullopt;
  std::int64_t used = 0;
  std::int64_t other = 0;
  if (take(rest, "inuse: ", used)) {
    std::int64_t system = 0;
    if (!take(rest, ", idle: ", other) || !take(rest, ", sys: ", system) ||
        !take(rest, ", released: ", line.scavenge.released_kib) || !take(rest, ", consumed: ", other) ||
        rest != " (MB)" || line.scavenge.released_kib > UINT64_MAX / 1024)
      return std::nullopt;
    line.scavenge.released_kib *= 1024;
    return line;
  }
  if (!take(rest, "", line.scavenge.background_kib)) return std::nullopt;
  if (rest == " KB released") return line;
  if (rest != " MB released" || line.scavenge.background_kib > UINT64_MAX / 1024) return std::nullopt;
  line.scavenge.background_kib *= 1024;
  return line;
}

}  // namespace

bool begins_like_gc(std::string_view text) {
  return consume(text, "gc ") && consume_decimal(text) && consume(text, " @");
}

bool begins_like_sched(std::string_view text) {
  return consume(text, "SCHED ") && consume_decimal(text) && consume(text, "ms: gomaxprocs=");
}

std::optional<GcLine> gc_line(std::string_view text) {
  GcLine line;
  model::GcCycle& cycle = line.cycle;
  std::string_view rest = text;
  if (!take(rest, "gc ", cycle.number) || !take_time(rest, " @", kSecond, cycle.start_ns) ||
      !take(rest, "s ", cycle.percent) || !consume(rest, "%"))
    return std::nullopt;
  cycle.leak_check = consume(rest, " (checking for goroutine leaks)");
  if (!phases(rest, cycle) || !take(rest, " ms cpu, ", cycle.heap_start_mib) || !take(rest, "->", cycle.heap_end_mib) ||
      !take(rest, "->", cycle.heap_live_mib) || !take(rest, " MB, ", cycle.goal_mib) || !consume(rest, " MB goal, "))
    return std::nullopt;
  std::uint32_t number = 0;
  if (!take(rest, "", number)) return std::nullopt;
  line.has_stacks = consume(rest, " MB stacks, ");
  if (line.has_stacks) {
    cycle.stacks_mib = number;
    if (!take(rest, "", cycle.globals_mib) || !take(rest, " MB globals, ", number)) return std::nullopt;
  }
  cycle.procs = number;
  if (!consume(rest, " P") || number == 0) return std::nullopt;
  cycle.forced = consume(rest, " (forced)");
  if (!rest.empty()) return std::nullopt;
  return line;
}

std::optional<SchedLine> sched_line(std::string_view text) {
  SchedLine line;
  model::SchedSample& sample = line.sample;
  std::string_view rest = text;
  if (!take_time(rest, "SCHED ", kMillisecond, sample.time_ns) || !take(rest, "ms: gomaxprocs=", sample.procs) ||
      !take(rest, " idleprocs=", sample.idle_procs) || !take(rest, " threads=", sample.threads) ||
      !take(rest, " spinningthreads=", sample.spinning_threads))
    return std::nullopt;
  line.has_need = take(rest, " needspinning=", sample.needs_spinning);
  if (!take(rest, " idlethreads=", sample.idle_threads) || !take(rest, " runqueue=", sample.queue) || sample.procs == 0)
    return std::nullopt;
  if (take(rest, " gcwaiting=", sample.gc_waiting)) {
    std::int32_t idle_locked = 0;
    bool monitor_waits = false;
    sample.detailed = true;
    if (!take(rest, " nmidlelocked=", idle_locked) || !take(rest, " stopwait=", sample.stop_wait) ||
        !take(rest, " sysmonwait=", monitor_waits) || !rest.empty())
      return std::nullopt;
    return line;
  }
  std::vector<std::uint32_t> queues;
  std::vector<std::uint32_t> ticks;
  if (!consume(rest, " ") || !take_list(rest, queues)) return std::nullopt;
  line.has_ticks = consume(rest, " schedticks=");
  if (line.has_ticks && (!take_list(rest, ticks) || ticks.size() != queues.size())) return std::nullopt;
  if (!rest.empty()) return std::nullopt;
  for (std::size_t i = 0; i < queues.size(); ++i)
    line.procs.push_back({.queue = queues[i], .ticks = line.has_ticks ? ticks[i] : 0, .has_ticks = line.has_ticks});
  return line;
}

std::optional<ProcLine> proc_line(std::string_view text) {
  ProcLine line;
  std::uint32_t status = 0;
  std::uint32_t ignored = 0;
  std::string_view rest = text;
  if (!take(rest, "  P", ignored) || !take(rest, ": status=", status) || !take(rest, " schedtick=", line.proc.ticks) ||
      !take(rest, " syscalltick=", ignored) || !take_id(rest, " m=") || !take(rest, " runqsize=", line.proc.queue) ||
      !take(rest, " gfreecnt=", ignored))
    return std::nullopt;
  line.has_timers = take(rest, " timerslen=", line.proc.timers);
  if (!rest.empty()) return std::nullopt;
  line.proc.has_ticks = true;
  line.proc.status = static_cast<std::int8_t>(std::min(status, 100U));
  return line;
}

std::optional<MachineLine> machine_line(std::string_view text) {
  MachineLine line;
  std::uint32_t ignored = 0;
  bool flag = false;
  bool none = false;
  std::string_view rest = text;
  if (!take(rest, "  M", ignored) || !take_id(rest, ": p=", none, line.says_nil) ||
      !take_id(rest, " curg=", none, line.says_nil) || !take(rest, " mallocing=", ignored) ||
      !take(rest, " throwing=", ignored) || !consume(rest, " preemptoff="))
    return std::nullopt;
  // The reason of preemptoff is free text, mostly none.
  if (!consume_until(rest, " locks=") || !take(rest, "", ignored) || !take(rest, " dying=", ignored))
    return std::nullopt;
  line.has_helpgc = take(rest, " helpgc=", ignored);
  if (!take(rest, " spinning=", flag) || !take(rest, " blocked=", line.blocked) ||
      !take_id(rest, " lockedg=", none, line.says_nil) || !rest.empty())
    return std::nullopt;
  line.locked = !none;
  return line;
}

std::optional<GoroutineLine> goroutine_line(std::string_view text) {
  constexpr std::uint32_t kScan = 0x1000;  // runtime/runtime2.go _Gscan
  GoroutineLine line;
  std::uint64_t id = 0;
  std::string_view rest = text;
  if (!take(rest, "  G", id) || !take(rest, ": status=", line.status) || !consume(rest, "(")) return std::nullopt;
  line.status &= ~kScan;
  // A reason may hold parentheses: "force gc (idle)".
  const auto end = rest.rfind(") m=");
  if (end == std::string_view::npos) return std::nullopt;
  line.reason = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  bool none = false;
  bool nil = false;
  if (!take_id(rest, " m=") || !take_id(rest, " lockedm=", none, nil) || !rest.empty()) return std::nullopt;
  line.locked = !none;
  return line;
}

std::optional<ScavLine> scav_line(std::string_view text) {
  if (consume(text, "scvg")) return scvg_line(text);
  ScavLine line;
  if (!consume(text, "scav ") || !scav_amounts(text, line) || !consume(text, "% util")) return std::nullopt;
  line.scavenge.forced = consume(text, " (forced)");
  consume(text, " [controller reset]");
  if (!text.empty()) return std::nullopt;
  return line;
}

std::optional<PackageLine> init_line(std::string_view text) {
  PackageLine line;
  std::string_view rest = text;
  if (!consume(rest, "init ")) return std::nullopt;
  const auto package = consume_until(rest, " @");
  if (!package || package->empty() || package->contains(' ')) return std::nullopt;
  line.package = *package;
  if (!take_time(rest, "", kMillisecond, line.init.start_ns) ||
      !take_time(rest, " ms, ", kMillisecond, line.init.clock_ns) || !take(rest, " ms clock, ", line.init.bytes) ||
      !take(rest, " bytes, ", line.init.allocs) || rest != " allocs")
    return std::nullopt;
  return line;
}

}  // namespace gopsy::decode::runtime_lines
