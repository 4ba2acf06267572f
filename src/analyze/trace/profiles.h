#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "analyze/trace/study.h"
#include "base/pair_table.h"
#include "model/trace_profiles.h"

namespace gopsy::analyze {

/// Sums up the time of goroutines by state and stack, all profiles of a trace at once.
///
/// Shape   a part of a study; `take` once it is finished. `wanted` says of a start function whether to count its
///         goroutines; empty: all.
/// Cost    about 8 ns an interval; memory for the rows, and a few words a goroutine that lives.
/// Source  cmd/trace/pprof.go of Go 1.26 for `contentions` and `delay_ns`.
class StackProfiles final : public TracePart {
 public:
  using Wanted = std::function<bool(std::string_view function)>;

  explicit StackProfiles(Wanted wanted = {});

  void step(const TraceContext& context, std::span<const model::TraceEvent> events,
            std::span<const StateInterval> ended) override;

  model::TraceProfiles take() { return std::move(profiles_); }

 private:
  // Of the goroutine of a row.
  struct Life {
    std::uint32_t own_stack = 0;  // where it last stopped
    std::uint32_t pending = 0;    // a row, plus 1: what counts only if it never runs
    std::int64_t pending_ns = 0;
    std::uint32_t running = 0;  // the row of Running of its function, plus 1
  };

  void interval(const TraceContext& context, const StateInterval& one);
  std::uint32_t row(std::uint32_t stack, model::TraceProfiles::What what, std::uint32_t kind, StringId function);
  std::uint32_t find_row(std::uint32_t stack, std::uint32_t kind, StringId function);
  [[nodiscard]] bool is_of(std::uint32_t row_plus_1, std::uint32_t kind, StringId function) const;
  std::uint32_t kind_of_reason(StringId reason);
  static std::uint32_t own_stack(const TraceContext& context, const Life& life, const StateInterval& one);
  void count(std::uint32_t row, const StateInterval& one);
  void count_wait(Life& life, model::TraceProfiles::What what, std::uint32_t kind, StringId function,
                  const StateInterval& one);
  void count_contention(Life& life, std::uint32_t row, const StateInterval& one);
  bool is_wanted(const TraceContext& context, StringId function);

  model::TraceProfiles profiles_;
  // By stack and What, the row that was counted in last, plus 1: of most stacks the only one.
  std::vector<std::array<std::uint32_t, 6>> last_;
  PairTable parts_;  // of start functions and kinds
  PairTable rows_;   // of stacks and parts
  std::vector<Life> lives_;
  std::vector<std::uint32_t> reason_kinds_;  // by id of the reason; 0: not met yet
  Wanted wanted_;
  std::vector<std::uint8_t> wanted_names_;  // by id of the function; 0: not asked yet, 1: no, 2: yes
};

}  // namespace gopsy::analyze
