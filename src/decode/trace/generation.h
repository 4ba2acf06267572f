#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "decode/trace/batches.h"
#include "decode/trace/id_table.h"
#include "model/trace.h"

namespace gopsy::decode::trace {

/// Where damage is written down. Readers ask `lenient` whether to go on at all.
class Damage {
 public:
  Damage(model::TraceReport& report, bool lenient) : report_(report), lenient_(lenient) {}

  [[nodiscard]] bool lenient() const { return lenient_; }
  model::TraceReport& report() { return report_; }

  /// Notes that `bytes` of generation `generation` could not be read.
  void lost(const Error& error, std::uint64_t bytes, std::uint64_t generation);

 private:
  model::TraceReport& report_;
  bool lenient_;
};

struct CpuSample {
  std::int64_t time_ns = 0;
  std::uint64_t units = 0;  ///< of the trace clock
  std::uint64_t thread = 0;
  std::uint64_t proc = 0;
  std::uint64_t goroutine = 0;
  std::uint64_t stack = 0;
};

/// `value` without its fraction; what amd64 makes of a number that does not fit.
inline std::int64_t truncated(double value) {
  constexpr double kLimit = 9223372036854775808.0;
  return value < kLimit && value >= -kLimit ? static_cast<std::int64_t>(value) : INT64_MIN;
}

/// Nanoseconds of a number of clock units: truncated as the official reader does it, batch time and every difference
/// apart.
struct Clock {
  double ns_per_unit = 0;

  [[nodiscard]] std::int64_t ns(std::uint64_t units) const {
    return truncated(static_cast<double>(units) * ns_per_unit);
  }
};

/// The batches of one generation and the tables in them.
///
/// Shape   `add` each batch, then `finish` once. What it holds are views into the pages.
/// Errors  as the official reader says them; with a lenient Damage they are noted, and what was read before stays.
/// Cost    strings and stacks are read once; batches of events are kept as views.
/// Source  internal/trace/generation.go.
class Generation {
 public:
  struct ThreadBatches {
    std::uint64_t thread = 0;
    std::uint32_t first = 0;  ///< rows of `batches()`
    std::uint32_t last = 0;
  };
  static constexpr std::uint32_t kLastBatch = ~std::uint32_t{0};

  explicit Generation(unsigned format) : format_(format) { reset(0); }

  /// Forgets everything and starts over as generation `number`.
  void reset(std::uint64_t number);

  Result<void> add(const Batch& batch, Damage& damage);
  Result<void> finish(Damage& damage, const Clock& last_clock);

  [[nodiscard]] std::uint64_t number() const { return number_; }
  void set_number(std::uint64_t number) { number_ = number; }
  [[nodiscard]] bool has_events() const { return !batches_.empty(); }
  /// The clock, strings and stacks are there: unless it is damaged, it was written to its end.
  [[nodiscard]] bool has_tables() const { return has_frequency_ && has_strings_ && has_stacks_; }
  /// Anything at all was added.
  [[nodiscard]] bool any() const { return any_; }
  [[nodiscard]] std::int64_t start_ns() const { return clock_.ns(first_units_); }
  [[nodiscard]] const Clock& clock() const { return clock_; }
  [[nodiscard]] const std::vector<Batch>& batches() const { return batches_; }
  /// Behind batches()[i], the next of the same thread; kLastBatch where there is none.
  [[nodiscard]] std::uint32_t next_of(std::uint32_t batch) const { return next_[batch]; }
  [[nodiscard]] const std::vector<ThreadBatches>& threads() const { return threads_; }
  [[nodiscard]] const std::vector<CpuSample>& samples() const { return samples_; }
  [[nodiscard]] const model::TraceTables& tables() const { return tables_; }

  /// Rows of the tables by id; RowIndex::kMissing where there is none.
  [[nodiscard]] std::uint32_t string_row(std::uint64_t id) const { return id == 0 ? 0 : string_rows_.find(id); }
  [[nodiscard]] std::uint32_t stack_row(std::uint64_t id) const { return id == 0 ? 0 : stack_rows_.find(id); }

  /// A row for a text that no table of this generation holds. `text` has to outlive it.
  std::uint32_t extra_string(std::string_view text);

 private:
  struct RawFrame {
    std::uint64_t pc, function, file, line;
    bool operator==(const RawFrame&) const = default;
  };

  Result<void> add_strings(const Batch& batch);
  Result<void> add_stacks(const Batch& batch);
  Result<void> add_samples(const Batch& batch);
  Result<void> add_sync(const Batch& batch);
  void add_events(const Batch& batch);
  std::uint32_t frame_row(const RawFrame& frame);
  void grow_frames();
  Result<void> resolve_frames(Damage& damage);
  void add_fixed_strings();

  unsigned format_;
  std::uint64_t number_ = 0;
  bool any_ = false;
  bool has_strings_ = false;
  bool has_stacks_ = false;
  std::uint64_t first_units_ = 0;
  std::uint64_t frequency_ = 0;
  bool has_frequency_ = false;
  Clock clock_;
  std::optional<std::uint64_t> snapshot_units_;
  model::TraceClock snapshot_;

  std::vector<Batch> batches_;
  std::vector<std::uint32_t> next_;
  std::vector<ThreadBatches> threads_;
  std::unordered_map<std::uint64_t, std::uint32_t> thread_rows_;
  std::vector<CpuSample> samples_;

  model::TraceTables tables_;
  RowIndex string_rows_;
  RowIndex stack_rows_;
  std::vector<RawFrame> raw_frames_;
  std::vector<std::uint32_t> frame_slots_;
};

}  // namespace gopsy::decode::trace
