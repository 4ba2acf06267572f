#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analyze/marks.h"
#include "model/evidence.h"

namespace gopsy::analyze {

/// A CPU profile of the incident: its samples, and what they stand for.
struct CpuProfile {
  const model::Evidence* evidence = nullptr;
  const model::Profile* profile = nullptr;
  std::size_t time_column = 0;
  std::int64_t total_ns = 0;
  double samples = 0;  ///< how often the process was interrupted: what statistics are made of

  /// The share of a sum of CPU time, and where it lies with 95 % confidence.
  [[nodiscard]] double share(std::int64_t ns) const;
  [[nodiscard]] Interval interval(std::int64_t ns) const;
};

/// Profiles with CPU time in nanoseconds, those without any left out.
std::vector<CpuProfile> cpu_profiles(const model::Incident& incident);

/// CPU time by function.
struct FunctionTime {
  std::uint32_t function = 0;  ///< index into Profile::functions
  std::int64_t ns = 0;
};

/// From the root, the callee with the most CPU time, again and again, as long as one holds at least half of its
/// caller's and surely `least_share` of all CPU time (the lower end of its interval): where the path ends, time is
/// spent or falls apart. It does not go from the program into the runtime: what an allocation does inside is the
/// allocation's.
struct HotPath {
  std::vector<std::uint32_t> functions;  ///< indexes into Profile::functions, root first; recursion repeats them
  std::vector<std::int64_t> reached;     ///< of all samples that begin with the path up to each of them
  std::int64_t ns = 0;                   ///< the last of these
  std::int64_t itself_ns = 0;            ///< of those, in its last function
  std::vector<FunctionTime> callees;     ///< of its last function, most first
};

/// Cost  one pass over the frames of the samples that stay on the path.
HotPath hot_path(const CpuProfile& cpu, double least_share, const model::Symbols& symbols);

/// A place inside an inlined call where CPU time is spent: what a tool without inlining books to somebody else.
struct InlinedSpot {
  std::uint32_t function = 0;    ///< that was inlined
  std::uint32_t into = 0;        ///< the function that has the machine code
  std::int64_t line = 0;         ///< the line of `function` with the most time
  std::int64_t ns = 0;           ///< with `function`, inlined, as the innermost frame
  std::int64_t physical_ns = 0;  ///< the same, not inlined
};

/// By function, most time first.
std::vector<InlinedSpot> inlined_spots(const CpuProfile& cpu);

/// What the garbage collector and the allocator take. Parts do not overlap.
/// Source  runtime/mgc.go gcBgMarkWorker, runtime/mgcmark.go gcAssistAlloc and gcDrainMarkWorker*, runtime/mgcsweep.go,
///         runtime/malloc.go mallocgc.
struct CollectorTime {
  std::int64_t background_ns = 0;  ///< workers of a mark phase: by design a quarter of the CPUs while it lasts
  std::int64_t idle_ns = 0;        ///< workers on CPUs that had nothing else to do (told apart since Go 1.21)
  std::int64_t assist_ns = 0;      ///< goroutines that allocate made to mark
  std::int64_t sweep_ns = 0;       ///< sweeping, scavenging, and the rest of the collector
  std::int64_t allocation_ns = 0;  ///< mallocgc itself

  /// What the program could have had: without idle workers and without the allocator.
  [[nodiscard]] std::int64_t pressure_ns() const { return background_ns + assist_ns + sweep_ns; }
};
CollectorTime collector_time(const CpuProfile& cpu, const model::Symbols& symbols);

/// CPU time in the atomic operations of RWMutex readers, without the waiting that they may lead to, by the function
/// that locks.
struct ReaderTime {
  std::int64_t ns = 0;
  std::vector<FunctionTime> callers;  ///< most first
};
ReaderTime reader_time(const CpuProfile& cpu, const model::Symbols& symbols);

/// CPU time that the profiler could not attribute because its buffer was full or a signal came at the wrong time.
std::int64_t lost_time(const CpuProfile& cpu, const model::Symbols& symbols);

}  // namespace gopsy::analyze
