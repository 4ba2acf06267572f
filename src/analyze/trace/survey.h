#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "analyze/trace/study.h"

namespace gopsy::analyze {

/// A goroutine of a trace, as far as views choose by it.
struct SurveyedGoroutine {
  std::uint32_t number = 0;  ///< TraceLife::number: the same in every pass over the trace
  std::uint64_t goid = 0;
  StringId function;
  std::int64_t running_ns = 0;
  std::int64_t ready_ns = 0;          ///< runnable or in a system call
  std::int64_t longest_block_ns = 0;  ///< of those that somebody ended
  bool system = false;                ///< one of the runtime's own
};

/// What a view wants to know of a trace before it is drawn: a pass of its own.
///
/// Yields  `chosen`: at most `most` goroutines: in turn those that ran longest, those that waited longest for a P or in
///         system calls, and those with the longest block that ended; the runtime's own only where there are no others.
/// Cost    a few nanoseconds an interval; memory for the goroutines that live, and `most` of each kind.
class TraceSurvey final : public TracePart {
 public:
  explicit TraceSurvey(std::size_t most) : most_(most) {}

  void step(const TraceContext& context, std::span<const model::TraceEvent> events,
            std::span<const StateInterval> ended) override;
  void finish(const TraceContext& context) override;

  std::int64_t first_ns = 0;
  std::int64_t last_ns = 0;
  std::uint64_t intervals = 0;
  std::uint64_t runs = 0;   ///< intervals of running
  std::uint64_t wakes = 0;  ///< of one goroutine by another
  std::uint64_t goroutines = 0;
  std::vector<SurveyedGoroutine> chosen;
  std::map<StringId, std::int64_t> running_ns;  ///< by start function
  std::vector<std::int64_t> procs_ns;           ///< running, by row of TraceNames::procs
  std::vector<std::uint64_t> proc_ids;          ///< by the same

 private:
  using Better = bool (*)(const SurveyedGoroutine&, const SurveyedGoroutine&);

  void offer(std::vector<SurveyedGoroutine>& heap, const SurveyedGoroutine& one, Better better) const;

  struct Doing {
    std::int64_t running_ns = 0;
    std::int64_t ready_ns = 0;
    std::int64_t longest_block_ns = 0;
  };

  std::size_t most_;
  std::vector<Doing> doing_;  // by row of goroutine
  std::vector<SurveyedGoroutine> busy_;
  std::vector<SurveyedGoroutine> ready_;
  std::vector<SurveyedGoroutine> blocked_;
  std::vector<SurveyedGoroutine> system_;
};

/// Ids by row that outlive the reader, whose names are gone when a study is finished: appends what came since.
inline void keep_ids(std::vector<std::uint64_t>& kept, const std::vector<std::uint64_t>& names) {
  if (kept.size() < names.size())
    kept.insert(kept.end(), names.begin() + static_cast<std::ptrdiff_t>(kept.size()), names.end());
}

/// Does the goroutine belong to the runtime? Source: runtime/traceback.go isSystemGoroutine, internal/trace/summary.go.
bool is_system_goroutine(std::string_view start_function);

}  // namespace gopsy::analyze
