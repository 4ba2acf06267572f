#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "decode/trace/pages.h"
#include "model/trace_event.h"

namespace gopsy::decode::trace {

/// One batch of a v2 trace: what a thread wrote into one buffer.
struct Batch {
  std::uint64_t generation = 0;  ///< 0 for the bare end of a generation
  std::uint64_t thread = 0;      ///< kNoThread: of nobody
  std::uint64_t time = 0;        ///< in units of the trace clock
  std::string_view data;
  std::uint64_t offset = 0;  ///< of `data`, in the file
  std::uint8_t experiment = 0;
  bool cut = false;  ///< the page ends before the batch does

  /// What kind of batch it is: the type of the first event, EventBatch for the events of a thread, ExperimentalBatch.
  [[nodiscard]] model::TraceType kind(unsigned format) const;
};

/// Walks the batches of all pages.
///
/// Errors  as the official reader: Truncated or Malformed, offset in the file. After one, `next` goes on failing until
///         `resync` found another batch.
/// Source  internal/trace/batch.go, readBatch.
class BatchWalker {
 public:
  explicit BatchWalker(PageSource& pages) : pages_(pages) {}

  /// The next batch, or nothing at the end of the last page.
  Result<std::optional<Batch>> next();

  /// Takes what a failed `next` left of a batch whose head was whole. Nothing if it was not.
  std::optional<Batch> take_cut();

  /// Looks for the next place that may be a batch: a head whose generation is `generation` or one more, a size that
  /// fits, and another batch or the end behind it. Yields how many bytes were passed over; the rest of the page where
  /// there is none.
  std::uint64_t resync(std::uint64_t generation);

  /// Whether what comes next may follow a batch of that generation: one of it or of the next, an end of the trace.
  [[nodiscard]] bool is_next_of(std::uint64_t generation) const;

  [[nodiscard]] std::uint64_t offset() const { return page_.offset + at_; }

 private:
  struct Head {
    Batch batch;
    std::uint64_t size = 0;
    std::size_t data_at = 0;
  };

  Result<Head> head(std::size_t at) const;
  bool is_plausible(std::size_t at, std::uint64_t generation) const;
  bool follows(std::size_t at, std::uint64_t generation) const;

  PageSource& pages_;
  Page page_;
  std::size_t at_ = 0;
  std::optional<Batch> cut_;
};

}  // namespace gopsy::decode::trace
