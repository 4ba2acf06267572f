#include <algorithm>

#include "rules/catalog.h"
#include "rules/explain.h"
#include "rules/profile/words.h"

namespace gopsy::rules {
namespace {

constexpr double kLeastShare = 0.05;

void tell(const analyze::CpuProfile& cpu, const analyze::ReaderTime& time, const analyze::LockProfiles& locks,
          const model::Symbols& symbols, std::vector<Finding>& findings) {
  // Readers that are kept waiting by writers are another matter: contention.lock-site has it.
  if (locks.block != nullptr && locks.reader_wait_ns > time.ns) return;
  Finding finding{.confidence = locks.block != nullptr ? 0.9 : 0.7};
  finding.title = fmt::format("{} of the CPU time is in RWMutex.RLock and RUnlock themselves, without anybody waiting",
                              percent(cpu.share(time.ns)));
  finding.why = fmt::format(
      "Every RLock and RUnlock adds to one counter. With readers on many CPUs its cache line travels between them for "
      "each: {} of all CPU time is in that addition, and no profile of waiting shows it, because nobody waits. {}",
      share_words(cpu, time.ns),
      locks.block != nullptr
          ? fmt::format("The block profile has {} of waiting in RLock.", human_duration(locks.reader_wait_ns))
          : std::string("A block profile, which is not at hand, would show next to nothing in RLock."));
  for (std::size_t i = 0; i < std::min<std::size_t>(time.callers.size(), 3); ++i)
    finding.evidence.push_back(
        value_of(*cpu.evidence, fmt::format("{} under {}", percent(cpu.share(time.callers[i].ns)),
                                            name_of(*cpu.profile, symbols, time.callers[i].function))));
  finding.confirm =
      "`perf c2c record` on the process: the line of readerCount shows as HITM. Or run with GOMAXPROCS=1: the share "
      "falls to that of an uncontended atomic addition.";
  finding.fix =
      "For sections of under a microsecond a plain Mutex is no slower, and sharding the data by key is faster. Where "
      "the data seldom changes, publish a copy with atomic.Pointer and lock writers only; for stable keys sync.Map "
      "(Go 1.24 and later) reads without a shared counter.";
  finding.next = fmt::format("gopsy flame {} --focus {} -o readers.svg", shell_word(cpu.evidence->path),
                             shell_word("RWMutex.*R(Unl|L)ock"));
  findings.push_back(std::move(finding));
}

void run(Inquiry& inquiry, std::vector<Finding>& findings) {
  const auto locks = analyze::lock_profiles(inquiry.incident);
  for (const auto& cpu : analyze::cpu_profiles(inquiry.incident)) {
    const auto time = reader_time(cpu, inquiry.incident.symbols);
    if (cpu.interval(time.ns).low >= kLeastShare) tell(cpu, time, locks, inquiry.incident.symbols, findings);
  }
}

}  // namespace

constinit const Rule kRwMutexReaders{
    .id = "contention.rwmutex-readers",
    .severity = Severity::Warning,
    .summary = "readers of an RWMutex fight for the cache line of its counter, and nobody waits",
    .run = run,
};

}  // namespace gopsy::rules
