#pragma once

#include <cstdint>
#include <vector>

#include "analyze/trace/study.h"
#include "analyze/trace/worst.h"
#include "model/trace_signs.h"

namespace gopsy::analyze {

/// What Ps and stops of the world did to goroutines; runs that nothing broke; panics on their way.
///
/// Shape   a part of a study of a whole trace or of its beginning; it writes into the signs it is given. Of a range
///         that begins later the load is not counted: what ran before it is not known.
/// Cost    about 2 ns an event.
class LoadSigns final : public TracePart {
 public:
  LoadSigns(model::TraceSigns& signs, std::int64_t threshold_ns, bool from_the_start);

  void step(const TraceContext& context, std::span<const model::TraceEvent> events,
            std::span<const StateInterval> ended) override;
  void finish(const TraceContext& context) override;

  /// sysmon takes a P from a goroutine after 10 ms (forcePreemptNS) and looks every 10 ms at least.
  static constexpr std::int64_t kLongestTurnNs = 20'000'000;

 private:
  struct Stop {
    std::int64_t begin_ns = 0;
    model::TraceSigns::Case halt;        // of the last goroutine that had to stop
    std::vector<std::uint32_t> started;  // rows that began to run since: the world is going again
    std::uint32_t g = 0;
    bool pending = false;
  };
  struct Sample {
    std::int64_t time_ns = 0;
    std::uint32_t stack = 0;
  };

  void count_goroutine(const TraceContext& context, const model::TraceEvent& event);
  void count_proc(const model::TraceEvent& event);
  void advance(std::int64_t now_ns);
  void end_full(std::int64_t now_ns);
  void stop(const TraceContext& context, const model::TraceEvent& event);
  void look_for_panic(const TraceContext& context, std::int64_t time_ns, std::uint32_t g, std::uint32_t stack);
  void run(const TraceContext& context, const StateInterval& one);

  model::TraceSigns& signs_;
  std::int64_t long_run_ns_;
  bool counts_load_;

  std::vector<model::GoState> doing_;  // by row of goroutine
  std::vector<bool> busy_;             // by row of P
  std::uint64_t runnable_ = 0;
  std::uint64_t busy_procs_ = 0;
  std::int64_t now_ns_ = 0;
  std::int64_t full_since_ns_ = 0;  // of the stretch at hand
  std::int64_t full_until_ns_ = 0;
  bool full_ = false;
  bool begun_ = false;

  Stop stop_;
  WorstCases slow_stops_;
  WorstCases long_runs_;
  std::vector<Sample> samples_;  // the last, by row of goroutine
  enum class Panics : std::uint8_t { Unknown, No, Yes };
  std::vector<Panics> panics_;  // by stack
};

}  // namespace gopsy::analyze
