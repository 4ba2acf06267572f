#include "analyze/cpu_time.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

namespace gopsy::analyze {
namespace {

using model::Profile;

std::vector<FunctionTime> most_first(const std::unordered_map<std::uint32_t, std::int64_t>& sums) {
  std::vector<FunctionTime> list;
  list.reserve(sums.size());
  for (const auto& [function, ns] : sums) list.push_back({.function = function, .ns = ns});
  std::ranges::sort(list, [](const FunctionTime& a, const FunctionTime& b) {
    return a.ns != b.ns ? a.ns > b.ns : a.function < b.function;
  });
  return list;
}

void add(std::int64_t& sum, std::int64_t value) { sum = saturating_sum(sum, value); }

}  // namespace

double CpuProfile::share(std::int64_t ns) const {
  return total_ns == 0 ? 0 : static_cast<double>(ns) / static_cast<double>(total_ns);
}

Interval CpuProfile::interval(std::int64_t ns) const { return share_interval(share(ns) * samples, samples); }

std::vector<CpuProfile> cpu_profiles(const model::Incident& incident) {
  std::vector<CpuProfile> found;
  for (const auto& evidence : incident.evidence) {
    if (!evidence.profile) continue;
    const Profile& profile = *evidence.profile;
    const auto column = column_of(profile, incident.symbols, "cpu");
    if (!column || incident.symbols.text(profile.types[*column].unit) != "nanoseconds") continue;
    CpuProfile cpu{.evidence = &evidence, .profile = &profile, .time_column = *column};
    const auto counts = column_of(profile, incident.symbols, "samples");
    std::int64_t samples = 0;
    for (std::size_t i = 0; i < profile.sample_count(); ++i) {
      add(cpu.total_ns, std::max<std::int64_t>(0, profile.value(i, *column)));
      if (counts) add(samples, std::max<std::int64_t>(0, profile.value(i, *counts)));
    }
    cpu.samples = static_cast<double>(samples);
    if (!counts && profile.period > 0)
      cpu.samples = static_cast<double>(cpu.total_ns) / static_cast<double>(profile.period);
    if (cpu.total_ns > 0 && cpu.samples > 0) found.push_back(cpu);
  }
  return found;
}

namespace {

// A sample on its way from the root to the leaf: 16 bytes, for there may be millions.
struct Walk {
  std::size_t sample = 0;
  std::uint32_t location = 0;  // of the stack, how many are still to come
  std::uint32_t lines = 0;     // of the location before them, how many are still to come
};

// Steps over locations without lines; false at the end of the stack.
bool has_next(const Profile& profile, Walk& walk) {
  const auto stack = profile.stack(walk.sample);
  while (walk.lines == 0 && walk.location != 0) walk.lines = profile.locations[stack[--walk.location]].line_count;
  return walk.lines != 0;
}

std::uint32_t next_function(const Profile& profile, const Walk& walk) {
  const auto& location = profile.locations[profile.stack(walk.sample)[walk.location]];
  return profile.lines[location.first_line + walk.lines - 1].function;
}

}  // namespace

HotPath hot_path(const CpuProfile& cpu, double least_share, const model::Symbols& symbols) {
  const Profile& profile = *cpu.profile;
  std::vector<Walk> walks;
  for (std::size_t i = 0; i < profile.sample_count(); ++i) {
    if (profile.value(i, cpu.time_column) <= 0) continue;
    walks.push_back({.sample = i, .location = static_cast<std::uint32_t>(profile.stack(i).size())});
  }
  HotPath path{.ns = cpu.total_ns};
  bool in_program = false;
  for (;;) {
    std::unordered_map<std::uint32_t, std::int64_t> sums;
    path.itself_ns = 0;
    for (Walk& walk : walks) {
      const std::int64_t ns = profile.value(walk.sample, cpu.time_column);
      add(has_next(profile, walk) ? sums[next_function(profile, walk)] : path.itself_ns, ns);
    }
    path.callees = most_first(sums);
    if (path.callees.empty() || path.callees.front().ns < path.ns - path.callees.front().ns) return path;
    if (cpu.interval(path.callees.front().ns).low < least_share) return path;
    const std::uint32_t next = path.callees.front().function;
    const bool runtime = model::is_runtime(symbols.text(profile.functions[next].name));
    if (runtime && in_program) return path;
    in_program |= !runtime;
    path.functions.push_back(next);
    path.ns = path.callees.front().ns;
    path.reached.push_back(path.ns);
    std::erase_if(walks, [&](const Walk& walk) { return walk.lines == 0 || next_function(profile, walk) != next; });
    for (Walk& walk : walks) --walk.lines;
  }
}

std::vector<InlinedSpot> inlined_spots(const CpuProfile& cpu) {
  const Profile& profile = *cpu.profile;
  struct Sums {
    std::int64_t inlined = 0;
    std::int64_t physical = 0;
    std::unordered_map<std::uint32_t, std::int64_t> into;
    std::unordered_map<std::int64_t, std::int64_t> lines;
  };
  std::unordered_map<std::uint32_t, Sums> functions;
  for (std::size_t i = 0; i < profile.sample_count(); ++i) {
    const auto stack = profile.stack(i);
    if (stack.empty() || profile.locations[stack[0]].line_count == 0) continue;
    const auto& leaf = profile.locations[stack[0]];
    const auto& line = profile.lines[leaf.first_line];
    const std::int64_t ns = profile.value(i, cpu.time_column);
    Sums& sums = functions[line.function];
    if (leaf.line_count == 1) {
      add(sums.physical, ns);
      continue;
    }
    add(sums.inlined, ns);
    add(sums.into[profile.lines[leaf.first_line + leaf.line_count - 1].function], ns);
    add(sums.lines[line.line], ns);
  }
  std::vector<InlinedSpot> spots;
  for (const auto& [function, sums] : functions) {
    if (sums.inlined <= 0) continue;
    std::pair<std::int64_t, std::int64_t> heaviest{0, 0};  // time, line: the later of equals
    for (const auto& [number, ns] : sums.lines) heaviest = std::max(heaviest, {ns, number});
    spots.push_back({.function = function,
                     .into = most_first(sums.into).front().function,
                     .line = heaviest.second,
                     .ns = sums.inlined,
                     .physical_ns = sums.physical});
  }
  std::ranges::sort(spots, [](const InlinedSpot& a, const InlinedSpot& b) {
    return a.ns != b.ns ? a.ns > b.ns : a.function < b.function;
  });
  return spots;
}

CollectorTime collector_time(const CpuProfile& cpu, const model::Symbols& symbols) {
  enum : Marks { kBackground = 1, kIdle = 2, kAssist = 4, kSweep = 8, kAllocation = 16 };
  const StackMarks marks(*cpu.profile, symbols, [](std::string_view name) -> Marks {
    if (!name.starts_with("runtime.")) return 0;
    if (name.starts_with("runtime.gcAssistAlloc")) return kAssist;
    if (name == "runtime.gcDrainMarkWorkerIdle") return kIdle;
    if (name.starts_with("runtime.gcBgMarkWorker")) return kBackground;
    if (name.starts_with("runtime.mallocgc")) return kAllocation;
    constexpr std::array<std::string_view, 8> kRest{
        "runtime.bgsweep", "runtime.bgscavenge", "runtime.deductSweepCredit", "runtime.gcStart",
        "runtime._GC",     "runtime.gcMarkDone", "runtime.sweepone",          "runtime.(*sweepLocked).sweep"};
    return std::ranges::find(kRest, name) != kRest.end() ? Marks{kSweep} : Marks{0};
  });
  CollectorTime time;
  for (std::size_t i = 0; i < cpu.profile->sample_count(); ++i) {
    const Marks found = marks.of(i);
    const std::int64_t ns = cpu.profile->value(i, cpu.time_column);
    // An allocation may assist or sweep: then that is what the time went to.
    if ((found & kAssist) != 0) {
      add(time.assist_ns, ns);
    } else if ((found & kIdle) != 0) {
      add(time.idle_ns, ns);
    } else if ((found & kBackground) != 0) {
      add(time.background_ns, ns);
    } else if ((found & kSweep) != 0) {
      add(time.sweep_ns, ns);
    } else if ((found & kAllocation) != 0) {
      add(time.allocation_ns, ns);
    }
  }
  return time;
}

ReaderTime reader_time(const CpuProfile& cpu, const model::Symbols& symbols) {
  enum : Marks { kReader = 1, kAtomic = 2 };
  const Profile& profile = *cpu.profile;
  const StackMarks marks(profile, symbols, [](std::string_view name) -> Marks {
    if (name == "sync.(*RWMutex).RLock" || name == "sync.(*RWMutex).RUnlock") return kReader | kAtomic;
    if (name.starts_with("sync/atomic.") || name.starts_with("internal/runtime/atomic.") ||
        name.starts_with("runtime/internal/atomic."))
      return kAtomic;
    return 0;
  });
  ReaderTime time;
  std::unordered_map<std::uint32_t, std::int64_t> callers;
  for (std::size_t i = 0; i < profile.sample_count(); ++i) {
    if ((marks.of_leaf(i) & kAtomic) == 0 || (marks.of(i) & kReader) == 0) continue;
    // Only atomic operations may stand between the leaf and the lock: anything else is what comes after the count.
    const auto frames = frames_of(profile, i);
    const auto is_atomic = [&](const Place& place) { return marks.of_function(place.function) == kAtomic; };
    const auto lock = std::ranges::find_if_not(frames, is_atomic);
    if (lock == frames.end() || (marks.of_function(lock->function) & kReader) == 0) continue;
    const std::int64_t ns = profile.value(i, cpu.time_column);
    add(time.ns, ns);
    if (lock + 1 != frames.end()) add(callers[(lock + 1)->function], ns);
  }
  time.callers = most_first(callers);
  return time;
}

std::int64_t lost_time(const CpuProfile& cpu, const model::Symbols& symbols) {
  const StackMarks marks(*cpu.profile, symbols, [](std::string_view name) -> Marks {
    return name == "runtime/pprof.lostProfileEvent" || name == "runtime._LostSIGPROFDuringAtomic64" ? 1 : 0;
  });
  std::int64_t ns = 0;
  for (std::size_t i = 0; i < cpu.profile->sample_count(); ++i)
    if (marks.of(i) != 0) add(ns, cpu.profile->value(i, cpu.time_column));
  return ns;
}

}  // namespace gopsy::analyze
