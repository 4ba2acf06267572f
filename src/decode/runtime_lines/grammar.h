#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "model/runtime_log.h"

namespace gopsy::decode::runtime_lines {

// One function for each kind of line, without state. They take whole lines only: nothing, if a line goes on otherwise.
// `run`, `line` and what other lines tell stay 0. Go 1.10 to 1.27.

/// `gc 7 @1.204s 2%: 0.06+1.2+0.01 ms clock, 0.12+0.3/1.1/0+0.02 ms cpu, 4->5->1 MB, 5 MB goal, …, 2 P (forced)`
struct GcLine {
  model::GcCycle cycle;
  bool has_stacks = false;  ///< "0 MB stacks, 0 MB globals", since Go 1.18
};
std::optional<GcLine> gc_line(std::string_view text);

/// `SCHED 24ms: gomaxprocs=2 idleprocs=0 threads=4 … runqueue=0 [0 0]`, or the head of scheddetail's lines.
struct SchedLine {
  model::SchedSample sample;
  std::vector<model::ProcSample> procs;  ///< of the short form
  bool has_need = false;                 ///< "needspinning=", since Go 1.20
  bool has_ticks = false;                ///< "schedticks=[ … ]", since Go 1.25
};
std::optional<SchedLine> sched_line(std::string_view text);

/// `  P0: status=1 schedtick=35 syscalltick=4 m=0 runqsize=0 gfreecnt=2 timerslen=0`
struct ProcLine {
  model::ProcSample proc;
  bool has_timers = false;  ///< since Go 1.14
};
std::optional<ProcLine> proc_line(std::string_view text);

/// `  M3: p=0 curg=5 mallocing=0 throwing=0 preemptoff= locks=1 dying=0 spinning=false blocked=true lockedg=nil`
struct MachineLine {
  bool blocked = false;
  bool locked = false;      ///< a goroutine is locked to it
  bool has_helpgc = false;  ///< up to Go 1.11
  bool says_nil = false;    ///< for what is none: "nil" since Go 1.20, "-1" before
};
std::optional<MachineLine> machine_line(std::string_view text);

/// `  G1: status=4(semacquire) m=nil lockedm=nil`
struct GoroutineLine {
  std::uint32_t status = 0;  ///< without the bit of a scan
  std::string_view reason;
  bool locked = false;
};
std::optional<GoroutineLine> goroutine_line(std::string_view text);

/// `scav 448 KiB work (bg), 0 KiB work (eager), 3272 KiB now, 49% util`, and the three shapes before it.
struct ScavLine {
  model::ScavengeLine scavenge;
  bool has_eager = false;       ///< since Go 1.21
  bool has_generation = false;  ///< Go 1.15 to 1.18
  bool is_scvg = false;         ///< up to Go 1.13
};
std::optional<ScavLine> scav_line(std::string_view text);

/// `init time @0.43 ms, 0.002 ms clock, 336 bytes, 7 allocs`; since Go 1.16. The package is a view into `text`.
struct PackageLine {
  model::InitLine init;
  std::string_view package;
};
std::optional<PackageLine> init_line(std::string_view text);

/// Does it begin like a line of the collector or the scheduler, so that it must be a torn one if it is none?
bool begins_like_gc(std::string_view text);
bool begins_like_sched(std::string_view text);

}  // namespace gopsy::decode::runtime_lines
