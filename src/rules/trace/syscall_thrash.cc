#include <algorithm>

#include "rules/catalog.h"
#include "rules/trace/traces.h"

namespace gopsy::rules {
namespace {

constexpr double kLostASecond = 1'000;
constexpr double kLostShare = 0.2;
constexpr std::uint64_t kFewestCalls = 500;
constexpr double kPlaceShare = 0.25;
constexpr std::int64_t kTinyNs = 20'000;  // sysmon's tick: a call that is shorter keeps its P
constexpr std::size_t kShown = 3;

Exhibit exhibit_of(const Trace& trace, const model::TraceSigns::Syscall& call) {
  return trace.exhibit(fmt::format(
      "{} in {}: {} each, {} in all, {} lost their P: {}", counted(call.count, "call"), trace.place(call.stack),
      human_duration(call.total_ns / static_cast<std::int64_t>(std::max<std::uint64_t>(call.count, 1))),
      human_duration(call.total_ns), with_commas(call.lost_p), trace.calls(call.stack)));
}

void tell_lost(const Trace& trace, std::uint64_t lost, std::vector<Finding>& findings) {
  const auto& signs = trace.facts.signs;
  Finding finding{.confidence = 0.85};
  finding.title = fmt::format("{} system calls a second lose their P: {} of all {}",
                              with_commas(static_cast<std::uint64_t>(trace.a_second(lost))),
                              percent(static_cast<double>(lost) / static_cast<double>(signs.syscall_count)),
                              with_commas(signs.syscall_count));
  finding.why = fmt::format(
      "A goroutine in a system call keeps its P until the monitor takes it (after 20 µs at the soonest) for others to "
      "run on, {} times here. It comes back without one, queues like any runnable goroutine, and a thread goes to "
      "sleep "
      "and another is woken for it. The work of the scheduler grows with these hand-overs, and so do the threads.",
      with_commas(signs.steals));
  auto worst = signs.syscalls;
  std::ranges::stable_sort(worst, std::ranges::greater{}, &model::TraceSigns::Syscall::lost_p);
  for (std::size_t i = 0; i < std::min(worst.size(), kShown) && worst[i].lost_p != 0; ++i)
    finding.evidence.push_back(exhibit_of(trace, worst[i]));
  finding.confirm = "The number of threads (Threads in /proc/PID/status), and the kernel's context switches.";
  finding.fix =
      "Fewer and larger calls (bufio), fewer goroutines in them at once, and what blocks for long on few goroutines.";
  finding.next = trace.command();
  findings.push_back(std::move(finding));
}

void tell_tiny(const Trace& trace, const model::TraceSigns::Syscall& call, double share,
               std::vector<Finding>& findings) {
  Finding finding{.severity = Severity::Info, .confidence = 0.8};
  finding.title = fmt::format("{} short system calls a second from one place take {} of the time that goroutines ran",
                              with_commas(static_cast<std::uint64_t>(trace.a_second(call.count))), percent(share));
  finding.why =
      fmt::format("{} calls of {} each: what they move is small against the way into the kernel and back.",
                  with_commas(call.count), human_duration(call.total_ns / static_cast<std::int64_t>(call.count)));
  finding.evidence.push_back(exhibit_of(trace, call));
  finding.confirm = "strace -c -f -p PID for a second: the calls and their sizes.";
  finding.fix = "Buffer: bufio.Writer around a file or a connection, flushed when a message is whole.";
  finding.next = trace.command();
  findings.push_back(std::move(finding));
}

void explain(const Trace& trace, std::vector<Finding>& findings) {
  const auto& signs = trace.facts.signs;
  std::uint64_t lost = 0;
  for (const auto& call : signs.syscalls) lost += call.lost_p;
  if (signs.syscall_count >= kFewestCalls && trace.a_second(lost) >= kLostASecond &&
      static_cast<double>(lost) >= kLostShare * static_cast<double>(signs.syscall_count))
    tell_lost(trace, lost, findings);
  const double busy = static_cast<double>(trace.facts.times.all.running_ns);
  for (const auto& call : signs.syscalls) {
    if (call.count < kFewestCalls || call.lost_p * 10 > call.count) continue;
    if (call.total_ns / static_cast<std::int64_t>(call.count) > kTinyNs) continue;
    const double share = static_cast<double>(call.total_ns) / std::max(busy + static_cast<double>(call.total_ns), 1.0);
    if (share >= kPlaceShare) tell_tiny(trace, call, share, findings);
  }
}

}  // namespace

constinit const Rule kTraceSyscallThrash = trace_rule<explain>(
    "trace.syscall-thrash", Severity::Warning, "system calls lose their P again and again, or are many and tiny");

}  // namespace gopsy::rules
