#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "base/string_table.h"
#include "model/trace.h"
#include "model/trace_times.h"

namespace gopsy::analyze {

/// Sums up what goroutines do with their time.
///
/// Shape   a sink for one trace; `take` once it is read.
/// Cost    a few nanoseconds an event; memory for the goroutines that live, and one row a start function and reason.
class StateTimes final : public model::TraceSink {
 public:
  void generation(const model::TraceTables& tables, const model::TraceNames& names) override;
  void events(std::span<const model::TraceEvent> chunk) override;

  /// Goroutines that live on are taken to do so until the last event.
  model::TraceTimes take();

 private:
  struct Goroutine {
    std::int64_t born_ns = 0;
    std::int64_t since_ns = 0;
    std::uint32_t reason = 0;  // of waiting: row of blocked_
    std::uint32_t function = 0;
    model::GoState state = model::GoState::NotExist;
  };

  void event(const model::TraceEvent& event);
  void change(const model::TraceEvent& event);
  void spend(Goroutine& goroutine, std::int64_t now_ns);
  void die(Goroutine& goroutine, std::int64_t now_ns);
  void stop(const model::TraceEvent& event);
  void waited(std::int64_t ns);
  [[nodiscard]] std::int64_t percentile(double share) const;

  // The row of a text in `rows`, by the id that it has in all generations.
  std::uint32_t reason_row(std::vector<model::TraceTimes::Reason>& rows, std::map<StringId, std::uint32_t>& index,
                           std::string_view name);
  std::uint32_t function_row(std::uint64_t stack);

  const model::TraceTables* tables_ = nullptr;
  model::TraceTimes times_;
  StringTable texts_;
  std::map<StringId, std::uint32_t> blocked_rows_;
  std::map<StringId, std::uint32_t> stop_rows_;
  std::map<StringId, std::uint32_t> function_rows_;
  std::vector<std::uint32_t> reason_of_string_;  // of this generation: row + 1
  std::vector<std::uint32_t> function_of_stack_;
  std::vector<Goroutine> goroutines_;
  std::map<std::uint32_t, std::int64_t> stopping_;  // since when, by goroutine
  std::int64_t first_ns_ = 0;
  std::int64_t last_ns_ = 0;
  bool any_ = false;

  // Durations in 32 steps an octave.
  static constexpr std::size_t kSteps = 32;
  std::array<std::uint64_t, 64 * kSteps> latencies_{};
};

}  // namespace gopsy::analyze
