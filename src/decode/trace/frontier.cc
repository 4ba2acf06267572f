#include <algorithm>
#include <array>

#include "base/go_sort.h"
#include "decode/trace/format.h"
#include "decode/trace/reader_v2.h"
#include "decode/trace/varint.h"

namespace gopsy::decode::trace {
namespace {

constexpr std::uint8_t kUntimed = 0xFF;

// Arguments behind the time difference, by type.
const std::array<std::uint8_t, 256> kArgs = [] {
  std::array<std::uint8_t, 256> table{};
  table.fill(kUntimed);
  for (std::size_t type = 0; type < kSpecs; ++type)
    if (specs()[type].timed) table[type] = static_cast<std::uint8_t>(specs()[type].args - 1);
  return table;
}();

std::int64_t add(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

// An event takes so much at most: where that much is left, no number needs to be checked against the end.
constexpr std::ptrdiff_t kMostEventBytes = 1 + 5 * static_cast<std::ptrdiff_t>(kMostVarintBytes);

// One or two bytes are what nearly all numbers take.
[[gnu::always_inline]] inline const std::uint8_t* read_unchecked(const std::uint8_t* at, std::uint64_t& value) {
  const std::uint64_t low = *at;
  if (low < 0x80) {
    value = low;
    return at + 1;
  }
  const std::uint64_t high = at[1];
  if (high < 0x80) {
    value = (low & 0x7F) | high << 7;
    return at + 2;
  }
  return long_varint(at, at + kMostVarintBytes, value);
}

}  // namespace

// The events of a thread after a damaged number are read as something else. What gives it away is a time behind that
// of the thread's next batch.
std::int64_t Frontier::limit_of(const Cursor& cursor) const {
  constexpr std::int64_t kSlack = 1'000'000;
  const std::uint32_t next = generation_->next_of(cursor.batch);
  // Batches of nobody are written by anybody, in no order of time.
  if (next == Generation::kLastBatch || generation_->batches()[next].thread == kNoThread) return INT64_MAX;
  const std::int64_t start = generation_->clock().ns(generation_->batches()[next].time);
  return start > INT64_MAX - kSlack ? INT64_MAX : start + kSlack;
}

Frontier::Next Frontier::broken(Cursor& cursor, const std::uint8_t* at, const char* what, std::uint64_t a) {
  const Batch& batch = generation_->batches()[cursor.batch];
  const auto* const start = reinterpret_cast<const std::uint8_t*>(batch.data.data());
  error_ = {
      .code = Errc::Malformed, .offset = batch.offset + static_cast<std::uint64_t>(at - start), .what = what, .a = a};
  if (!damage_.lenient()) return Next::Failed;
  // A batch that is known to be cut ends in the middle of an event.
  const auto left = static_cast<std::uint64_t>(cursor.end - at);
  if (batch.cut && left < static_cast<std::uint64_t>(kMostEventBytes)) {
    damage_.report().lost_bytes += left;
  } else {
    damage_.lost(error_, left, generation_->number());
  }
  cursor.at = cursor.end;
  return next_event(cursor);
}

Frontier::Next Frontier::open_batch(Cursor& cursor) {
  for (;;) {
    const std::uint32_t next = generation_->next_of(cursor.batch);
    pages_.release(generation_->batches()[cursor.batch].data);
    if (next == Generation::kLastBatch) return Next::End;
    cursor.batch = next;
    start(cursor);
    if (cursor.at != cursor.end) return Next::Event;
  }
}

void Frontier::start(Cursor& cursor) {
  const Batch& batch = generation_->batches()[cursor.batch];
  cursor.at = reinterpret_cast<const std::uint8_t*>(batch.data.data());
  cursor.end = cursor.at + batch.data.size();
  cursor.last_ns = clock_.ns(batch.time);
  cursor.limit_ns = damage_.lenient() ? limit_of(cursor) : INT64_MAX;
}

Frontier::Next Frontier::next_event(Cursor& cursor) {
  if (cursor.at == cursor.end) [[unlikely]] {
    if (open_batch(cursor) == Next::End) return Next::End;
  }
  const std::uint8_t* at = cursor.at;
  const std::uint8_t type = *at++;
  const std::uint8_t args = kArgs[type];
  if (args == kUntimed) [[unlikely]] {
    const char* const what =
        type < kSpecs ? "found event without a timestamp: type={}" : "found invalid event type: {}";
    return broken(cursor, cursor.at, what, type);
  }
  std::uint64_t units = 0;
  std::uint64_t* const into = cursor.event.args.data();
  if (cursor.end - cursor.at >= kMostEventBytes) [[likely]] {
    at = read_unchecked(at, units);
    for (std::uint8_t i = 0; i < args && at != nullptr; ++i) at = read_unchecked(at, into[i]);
  } else {
    at = read_varint(at, cursor.end, units);
    for (std::uint8_t i = 0; i < args && at != nullptr; ++i) at = read_varint(at, cursor.end, into[i]);
  }
  if (at == nullptr) [[unlikely]]
    return broken(cursor, cursor.at, "found invalid uvarint");
  const std::int64_t time_ns = add(clock_.ns(units), cursor.last_ns);
  if (time_ns > cursor.limit_ns) [[unlikely]]
    return broken(cursor, cursor.at, "an event is later than the next batch of its thread");
  cursor.last_ns = time_ns;
  cursor.event.time_ns = time_ns;
  cursor.event.type = static_cast<model::TraceType>(type);
  cursor.at = at;
  return Next::Event;
}

Result<void> Frontier::prepare(const Generation& generation, EventWriter& writer) {
  generation_ = &generation;
  clock_ = generation.clock();
  writer_ = &writer;
  heap_.clear();
  cursors_.clear();
  cursors_.reserve(generation.threads().size());
  for (const Generation::ThreadBatches& thread : generation.threads()) {
    cursors_.push_back({});
    Cursor& cursor = cursors_.back();
    cursor.thread = ordering_.thread_row(thread.thread);
    cursor.batch = thread.first;
    start(cursor);
    const Next next = next_event(cursor);
    if (next == Next::Failed) return std::unexpected(error_);
    if (next == Next::End) continue;
    insert({.time_ns = cursor.event.time_ns, .cursor = static_cast<std::uint32_t>(cursors_.size() - 1)});
  }
  return {};
}

Result<void> Frontier::run(std::int64_t patience_ns) {
  const std::vector<CpuSample>& samples = generation_->samples();
  std::size_t sample = 0;
  for (;;) {
    if (sample < samples.size() && (heap_.empty() || samples[sample].time_ns < heap_[0].time_ns)) {
      if (const auto done = ordering_.sample(samples[sample++]); !done) return std::unexpected(done.error());
      continue;
    }
    if (heap_.empty()) return {};
    const Ordering::Step step = try_advance(0, false);
    if (step == Ordering::Step::Advanced) [[likely]]
      continue;
    if (step == Ordering::Step::Failed || !advance_another(patience_ns)) return std::unexpected(error_);
  }
}

bool Frontier::advance_another(std::int64_t patience_ns) {
  // A sorted heap is a heap, and the next one in time is the next one here.
  go_sort(heap_, [](const Entry& a, const Entry& b) { return a.time_ns < b.time_ns; });
  const std::int64_t latest =
      damage_.lenient() && heap_[0].time_ns < INT64_MAX - patience_ns ? heap_[0].time_ns + patience_ns : INT64_MAX;
  for (std::size_t i = 1; i < heap_.size() && heap_[i].time_ns <= latest; ++i) {
    const Ordering::Step step = try_advance(i, false);
    if (step != Ordering::Step::Later) return step == Ordering::Step::Advanced;
  }
  if (damage_.lenient()) return try_advance(0, true) == Ordering::Step::Advanced;
  const Cursor& cursor = cursors_[heap_[0].cursor];
  const Batch& batch = generation_->batches()[cursor.batch];
  error_ = {.code = Errc::Malformed,
            .offset = batch.offset,
            .what = "broken trace: failed to advance: no thread's next event may come next (generation {}, {} threads)",
            .a = generation_->number(),
            .b = heap_.size()};
  return false;
}

Ordering::Step Frontier::try_advance(std::size_t i, bool force) {
  Cursor& cursor = cursors_[heap_[i].cursor];
  writer_->reserve();
  const std::size_t before = writer_->used();
  const Ordering::Step step = ordering_.advance(cursor.event, cursor.thread, force);
  if (step != Ordering::Step::Advanced) [[unlikely]] {
    if (step == Ordering::Step::Failed) {
      error_ = ordering_.error();
      if (error_.offset == 0) error_.offset = generation_->batches()[cursor.batch].offset;
    }
    return step;
  }
  const Next next = next_event(cursor);
  if (next == Next::Event) [[likely]] {
    heap_[i].time_ns = cursor.event.time_ns;
    update(i);
  } else if (next == Next::End) {
    remove(i);
  } else {
    // The official reader fails before it hands this event on.
    writer_->rewind(before);
    return Ordering::Step::Failed;
  }
  return Ordering::Step::Advanced;
}

void Frontier::insert(Entry entry) {
  heap_.push_back(entry);
  sift_up(heap_.size() - 1);
}

void Frontier::update(std::size_t i) {
  if (sift_up(i) == i) sift_down(i);
}

void Frontier::remove(std::size_t i) {
  for (; i > 0; i = (i - 1) / 2) std::swap(heap_[(i - 1) / 2], heap_[i]);
  std::swap(heap_.front(), heap_.back());
  heap_.pop_back();
  sift_down(0);
}

std::size_t Frontier::sift_up(std::size_t i) {
  for (; i > 0 && heap_[(i - 1) / 2].time_ns > heap_[i].time_ns; i = (i - 1) / 2)
    std::swap(heap_[(i - 1) / 2], heap_[i]);
  return i;
}

void Frontier::sift_down(std::size_t i) {
  Entry* const heap = heap_.data();
  const std::size_t size = heap_.size();
  if (i >= size) return;
  const Entry moved = heap[i];
  for (;;) {
    std::size_t least = 2 * i + 1;
    if (least >= size) break;
    if (least + 1 < size && heap[least + 1].time_ns < heap[least].time_ns) ++least;
    if (heap[least].time_ns >= moved.time_ns) break;
    heap[i] = heap[least];
    i = least;
  }
  heap[i] = moved;
}

}  // namespace gopsy::decode::trace
