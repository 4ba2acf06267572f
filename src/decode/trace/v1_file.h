#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/error.h"
#include "decode/trace/generation.h"
#include "decode/trace/id_table.h"
#include "decode/trace/v1_records.h"
#include "model/trace.h"

namespace gopsy::decode::trace {

/// What a P wrote into one buffer: records from behind the head of the batch to the next one.
struct V1Batch {
  std::size_t first = 0;
  std::size_t behind = 0;
  std::uint64_t ticks = 0;
};

struct V1Proc {
  std::int32_t id = 0;  ///< -1: nobody
  std::vector<V1Batch> batches;
};

struct V1Sample {
  std::uint64_t ticks = 0;
  std::uint64_t g = 0;
  std::uint64_t stack = 0;
  std::int32_t p = 0;
};

/// Where everything is in a v1 trace, and its tables.
///
/// Shape   `scan` once. Tables are those of one generation that is the whole trace.
/// Errors  as the official reader; a lenient Damage notes them, and what was read before stays.
/// Cost    one pass over all records.
/// Source  internal/trace/internal/tracev1/parser.go, collectBatchesAndCPUSamples and parseEvent.
class V1File {
 public:
  V1File(std::string_view bytes, std::uint64_t offset, unsigned format)
      : bytes_(bytes), offset_(offset), format_(format) {}

  Result<void> scan(Damage& damage);

  [[nodiscard]] std::string_view bytes() const { return bytes_; }
  [[nodiscard]] std::uint64_t offset() const { return offset_; }
  [[nodiscard]] unsigned format() const { return format_; }
  [[nodiscard]] const std::vector<V1Proc>& procs() const { return procs_; }
  [[nodiscard]] std::vector<V1Sample>& samples() { return samples_; }
  /// 0: the trace was not stopped, and does not say.
  [[nodiscard]] std::uint64_t ticks_per_second() const { return ticks_per_second_; }
  [[nodiscard]] bool is_timer(std::uint64_t goroutine) const { return timers_.contains(goroutine); }
  [[nodiscard]] std::uint64_t records() const { return records_; }

  [[nodiscard]] const model::TraceTables& tables() const { return tables_; }
  [[nodiscard]] std::uint32_t string_row(std::uint64_t id) const { return id == 0 ? 0 : string_rows_.find(id); }
  /// Row 0 for a stack that is not there: the official reader leaves it out.
  [[nodiscard]] std::uint32_t stack_row(std::uint64_t id) const {
    const std::uint32_t row = id == 0 ? 0 : stack_rows_.find(static_cast<std::uint32_t>(id));
    return row == RowIndex::kMissing ? 0 : row;
  }
  std::uint32_t extra_string(std::string_view text);

 private:
  Result<void> record(const V1Record& record, std::size_t at, std::size_t behind);
  Result<void> add_string(const V1Record& record);
  void add_stack(const V1Record& record);
  void resolve_frames();
  V1Proc& proc_of(std::uint64_t id);

  std::string_view bytes_;
  std::uint64_t offset_;
  unsigned format_;
  std::vector<V1Proc> procs_;
  std::unordered_map<std::int32_t, std::size_t> proc_rows_;
  V1Proc* current_ = nullptr;
  std::vector<V1Sample> samples_;
  std::uint64_t ticks_per_second_ = 0;
  std::unordered_set<std::uint64_t> timers_;
  std::uint64_t records_ = 0;

  model::TraceTables tables_;
  RowIndex string_rows_;
  RowIndex stack_rows_;
  struct RawFrame {
    std::uint64_t pc, function, file, line;
    bool operator==(const RawFrame&) const = default;
  };
  std::vector<RawFrame> raw_frames_{1};
  std::unordered_multimap<std::uint64_t, std::uint32_t> frames_;  // by hash
  std::unordered_map<std::uint64_t, std::uint32_t> first_of_pc_;
};

}  // namespace gopsy::decode::trace
