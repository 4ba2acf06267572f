#pragma once

#include <vector>

#include "decode/trace/batches.h"
#include "decode/trace/generation.h"
#include "decode/trace/order.h"
#include "decode/trace/reader.h"

namespace gopsy::decode::trace {

/// Puts the events of one generation in order: a heap over its threads by the time of their next event.
///
/// Source  internal/trace/reader.go and batchcursor.go; the moves of the heap are the same, since they decide which of
///         two events of the same time comes first.
class Frontier {
 public:
  Frontier(Ordering& ordering, Damage& damage, PageSource& pages)
      : ordering_(ordering), damage_(damage), pages_(pages) {}

  /// Reads the first event of each thread.
  Result<void> prepare(const Generation& generation, EventWriter& writer);
  /// `patience_ns`: of a lenient reading, how much earlier than all others an event may be before it is taken although
  /// something that has to come first is missing.
  Result<void> run(std::int64_t patience_ns);

 private:
  struct Cursor {
    const std::uint8_t* at = nullptr;
    const std::uint8_t* end = nullptr;
    std::int64_t last_ns = 0;
    std::int64_t limit_ns = INT64_MAX;  // of the batch: what is later is damaged
    PendingEvent event;
    std::uint32_t thread = 0;
    std::uint32_t batch = 0;
  };
  struct Entry {
    std::int64_t time_ns;
    std::uint32_t cursor;
  };
  enum class Next : std::uint8_t { Event, End, Failed };

  Next next_event(Cursor& cursor);
  Next open_batch(Cursor& cursor);
  void start(Cursor& cursor);
  Next broken(Cursor& cursor, const std::uint8_t* at, const char* what, std::uint64_t a = 0);
  std::int64_t limit_of(const Cursor& cursor) const;

  // What became of the event at entry `i` of the heap.
  Ordering::Step try_advance(std::size_t i, bool force);
  bool advance_another(std::int64_t patience_ns);

  void insert(Entry entry);
  void update(std::size_t i);
  void remove(std::size_t i);
  std::size_t sift_up(std::size_t i);
  void sift_down(std::size_t i);

  Ordering& ordering_;
  Damage& damage_;
  PageSource& pages_;
  EventWriter* writer_ = nullptr;
  const Generation* generation_ = nullptr;
  Clock clock_;
  std::vector<Cursor> cursors_;
  std::vector<Entry> heap_;
  Error error_{};
};

/// Reads a v2 trace.
class ReaderV2 {
 public:
  ReaderV2(unsigned format, PageSource& pages, const ReadOptions& options, model::TraceSink& sink,
           model::TraceReport& report);

  Result<void> read();

 private:
  enum class Found : std::uint8_t { Generation, End };

  // Whether a batch belongs to the generation at hand.
  enum class Place : std::uint8_t { Here, Later, Nowhere };

  Place placed(const Batch& batch);
  Result<Found> collect();
  Result<Found> collect_salvaging();
  Result<void> install();
  void sync(std::int64_t time_ns, bool has_clock);

  unsigned format_;
  BatchWalker walker_;
  Damage damage_;
  Generation generation_;
  EventWriter writer_;
  Ordering ordering_;
  Frontier frontier_;
  Clock clock_;
  std::optional<Batch> spill_;
  std::optional<Error> after_;  // fails once this generation is done
  bool any_generation_ = false;
  bool incomplete_ = false;  // the generation at hand lacks parts
  std::uint64_t last_number_ = 0;
  std::uint64_t syncs_ = 0;
};

}  // namespace gopsy::decode::trace
