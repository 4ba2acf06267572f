#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/ids.h"

namespace gopsy::model {

// What a Go process writes to stderr under GODEBUG=gctrace, schedtrace, scheddetail, scavtrace and inittrace. Rows
// stand in the order of the text. Each row says which run of a process it belongs to: a log may hold several, one after
// the other. Times count from the start of the process; the runtime prints two or three digits of them, and heaps in
// whole MiB rounded down.

/// One cycle of the garbage collector, printed when its mark phase has ended.
/// Source  runtime/mgc.go gcMarkTermination; the columns are explained in runtime/extern.go.
struct GcCycle {
  std::uint32_t run = 0;
  std::uint32_t line = 0;  ///< of the log
  std::uint64_t number = 0;
  std::int64_t start_ns = 0;  ///< of sweep termination, since the start of the process
  std::uint32_t percent = 0;  ///< CPU time of the collector since the start of the process, idle workers left out
  // Wall clock: the world stops, the program runs while workers mark, the world stops again.
  std::int64_t sweep_termination_ns = 0;
  std::int64_t mark_ns = 0;
  std::int64_t mark_termination_ns = 0;
  // CPU time of the same phases, marking told apart by who did it.
  std::int64_t sweep_termination_cpu_ns = 0;
  std::int64_t assist_cpu_ns = 0;      ///< goroutines that allocated
  std::int64_t background_cpu_ns = 0;  ///< dedicated and fractional workers
  std::int64_t idle_cpu_ns = 0;        ///< on CPUs that had nothing else to do
  std::int64_t mark_termination_cpu_ns = 0;
  std::uint32_t heap_start_mib = 0;
  std::uint32_t heap_end_mib = 0;  ///< when marking ended: live objects and all that was allocated meanwhile
  std::uint32_t heap_live_mib = 0;
  std::uint32_t goal_mib = 0;
  std::uint32_t stacks_mib = 0;   ///< scanned; since Go 1.18
  std::uint32_t globals_mib = 0;  ///< since Go 1.18
  std::uint32_t procs = 0;        ///< GOMAXPROCS
  bool forced = false;            ///< runtime.GC() or debug.FreeOSMemory() asked for it
  bool leak_check = false;        ///< it also looked for leaked goroutines (Go 1.26)

  [[nodiscard]] std::int64_t end_ns() const { return start_ns + sweep_termination_ns + mark_ns + mark_termination_ns; }
  /// What marking took from the program: idle workers left out. Without the stops: theirs is the clock from the wish to
  /// stop times the CPUs, and goroutines run on until each has stopped, so that on a busy machine it is mostly theirs
  /// (since Go 1.22 `percent` counts from when the last one stood).
  [[nodiscard]] std::int64_t cost_ns() const { return assist_cpu_ns + background_cpu_ns; }
};

/// The scheduler at one moment.
/// Source  runtime/proc.go schedtrace.
struct SchedSample {
  static constexpr std::size_t kStatuses = 12;

  std::uint32_t run = 0;
  std::uint32_t line = 0;
  std::int64_t time_ns = 0;  ///< since the first sample, not since the start of the process
  std::uint32_t procs = 0;   ///< GOMAXPROCS
  std::uint32_t idle_procs = 0;
  std::uint32_t threads = 0;
  std::uint32_t spinning_threads = 0;
  bool needs_spinning = false;  ///< since Go 1.20
  std::uint32_t idle_threads = 0;
  std::uint32_t queue = 0;  ///< runnable goroutines in the global queue
  // Of each P; where scheddetail is on, from its lines.
  std::uint32_t first_proc = 0;  ///< RuntimeLog::procs[first_proc .. first_proc + proc_count)
  std::uint32_t proc_count = 0;
  // Only with scheddetail=1:
  bool detailed = false;
  bool gc_waiting = false;
  std::int32_t stop_wait = 0;  ///< Ps that a stop of the world still waits for
  std::uint32_t machines = 0;
  std::uint32_t blocked_machines = 0;  ///< M: blocked=true
  std::uint32_t locked_machines = 0;   ///< M with lockedg
  std::uint32_t goroutines = 0;
  std::uint32_t locked_goroutines = 0;  ///< G with lockedm
  std::array<std::uint32_t, kStatuses>
      status{};  ///< goroutines by status: 1 runnable, 2 running, 3 syscall, 4 waiting, …
};

/// One P of a sample.
struct ProcSample {
  std::uint32_t queue = 0;  ///< its own run queue
  std::uint32_t ticks = 0;  ///< goroutines scheduled so far (since Go 1.25, or with scheddetail); wraps at 32 bits
  bool has_ticks = false;
  std::int8_t status = -1;   ///< with scheddetail: 0 idle, 1 running, 2 syscall, 3 gcstop, 4 dead
  std::uint32_t timers = 0;  ///< with scheddetail, since Go 1.14
};

/// How many goroutines of a detailed sample were in one state for one reason.
struct SchedStates {
  std::uint32_t sample = 0;  ///< index of RuntimeLog::samples
  std::uint32_t status = 0;
  std::uint32_t count = 0;
  StringId reason;  ///< what it waits for, or waited for last if it runs
};

/// Memory returned to the operating system.
/// Source  runtime/mgcscavenge.go printScavTrace; up to Go 1.13 runtime/mheap.go scavenge ("scvg").
struct ScavengeLine {
  std::uint32_t run = 0;
  std::uint32_t line = 0;
  std::uint64_t background_kib = 0;  ///< since the line before; all of it before Go 1.21
  std::uint64_t eager_kib = 0;       ///< by goroutines that allocate at the memory limit; since Go 1.21
  std::uint64_t released_kib = 0;    ///< returned and not yet taken back
  std::uint32_t used_percent = 0;    ///< heap in use, of what is held
  bool forced = false;               ///< debug.FreeOSMemory
};

/// The initialisation of one package.
/// Source  runtime/proc.go doInit1; since Go 1.16.
struct InitLine {
  std::uint32_t run = 0;
  std::uint32_t line = 0;
  StringId package;
  std::int64_t start_ns = 0;
  std::int64_t clock_ns = 0;
  std::uint64_t bytes = 0;
  std::uint64_t allocs = 0;
};

struct RuntimeLog {
  std::vector<GcCycle> cycles;
  std::vector<SchedSample> samples;
  std::vector<ProcSample> procs;
  std::vector<SchedStates> states;
  std::vector<ScavengeLine> scavenges;
  std::vector<InitLine> inits;
  std::uint32_t runs = 0;         ///< of a process; a run ends where numbers or times go back
  std::uint64_t pacer_lines = 0;  ///< GODEBUG=gcpacertrace, counted only
  std::uint64_t scan_lines = 0;   ///< GODEBUG=gctrace=2 since Go 1.26, counted only
  std::uint64_t periodic = 0;     ///< "GC forced": two minutes without a cycle
  std::uint64_t lines = 0;        ///< of all kinds
  std::uint64_t torn = 0;         ///< of those, that began like one and did not go on like one
  std::uint64_t repeated = 0;     ///< of those, told twice

  [[nodiscard]] bool empty() const { return lines == 0; }
};

}  // namespace gopsy::model
