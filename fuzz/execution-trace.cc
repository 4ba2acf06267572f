// Beside what holds for every decoder: whatever the strict reader hands on before it gives up, the lenient one's events
// can be printed, times increase, and those of goroutines add up.
#include "analyze/trace/creation_tree.h"
#include "analyze/trace/gc_times.h"
#include "analyze/trace/state_times.h"
#include "analyze/trace/timeline.h"
#include "decode/trace/reader.h"
#include "decoder_target.h"
#include "render/trace/trace_text.h"

namespace gopsy::fuzz {
namespace {

// Checks what every sink may rely on, and prints.
class CheckingSink final : public model::TraceSink {
 public:
  explicit CheckingSink(analyze::TraceRange range) : range_(range) {}

  void generation(const model::TraceTables& tables, const model::TraceNames& names) override {
    tables_ = &tables;
    names_ = &names;
    text_.generation(tables, names);
    study_.generation(tables, names);
  }
  void events(std::span<const model::TraceEvent> chunk) override {
    for (const model::TraceEvent& event : chunk) {
      GOPSY_CHECK(first_ || event.time_ns > last_ns_ || last_ns_ == INT64_MAX);
      first_ = false;
      last_ns_ = event.time_ns;
      if (names_ == nullptr) continue;
      GOPSY_CHECK(event.g < names_->goroutines.size());
      GOPSY_CHECK(event.p < names_->procs.size());
      GOPSY_CHECK(event.m < names_->threads.size());
      GOPSY_CHECK(event.type >= model::TraceType::Span || event.stack + 1 < tables_->stack_start.size());
    }
    text_.events(chunk);
    if (names_ != nullptr) study_.events(chunk);
  }
  void finish() {
    study_.finish();
    check(times_.take());
    const model::TraceTimeline line = timeline_.take();
    GOPSY_CHECK(line.size() <= analyze::LevelBuckets::kBuckets && line.heap.size() == line.size());
    for (const model::TraceGc::Mmu& row : gc_.take().curve) GOPSY_CHECK(row.utilization >= 0 && row.utilization <= 1);
    std::uint64_t created = 0;
    const model::TraceTree tree = tree_.take();
    for (const model::TraceTreeNode& node : tree.nodes) created += node.created;
    GOPSY_CHECK(created == tree.created);
  }

 private:
  // Each goroutine's states add up to its life, those of functions and of all do, unless numbers end.
  static void check(const model::TraceTimes& times) {
    if (times.lives_ns == INT64_MAX) return;
    GOPSY_CHECK(times.all.sum_ns() == times.lives_ns);
    std::int64_t lives = 0;
    for (const model::TraceGoroutine& row : times.goroutine_rows) {
      GOPSY_CHECK(row.states.sum_ns() == row.last_ns - row.first_ns);
      std::int64_t blocked = 0;
      for (const model::TraceBlockedOn& on : row.blocked) blocked += on.total_ns;
      GOPSY_CHECK(blocked == row.states.waiting_ns);
      GOPSY_CHECK(row.spent.syscall_blocked_ns <= row.states.syscall_ns);
      lives += row.states.sum_ns();
    }
    GOPSY_CHECK(times.rows_matching == times.goroutines && lives == times.lives_ns);
  }

  render::ParsedTraceText text_{[](std::string_view) { return true; }};
  analyze::TraceRange range_;
  analyze::StateTimes times_{{.limit = SIZE_MAX}};
  analyze::GcTimes gc_{analyze::MutatorQuestion{.sweeps = true}};
  analyze::Timeline timeline_;
  analyze::CreationTree tree_;
  model::Symbols symbols_;
  analyze::TraceStudy study_{symbols_, {&times_, &gc_, &timeline_, &tree_}, range_};
  const model::TraceTables* tables_ = nullptr;
  const model::TraceNames* names_ = nullptr;
  std::int64_t last_ns_ = 0;
  bool first_ = true;
};

class NoRecords final : public model::TraceRecordSink {
 public:
  void record(const model::TraceRecord&) override {}
};

void read(std::string_view input, bool salvage) {
  // The lenient reader's events also through a range of time, which the file's length chooses.
  const auto at = static_cast<std::int64_t>(input.size() % 7);
  CheckingSink sink(salvage && at != 0 ? analyze::TraceRange{.from_ns = at * 10'000, .to_ns = at * 1'000'000}
                                       : analyze::TraceRange());
  model::TraceReport report;
  decode::trace::WholePage pages(input.substr(std::min<std::size_t>(input.size(), 16)), 16);
  static_cast<void>(decode::trace::read(input, pages, {.salvage = salvage}, sink, report));
  sink.finish();
}

}  // namespace
}  // namespace gopsy::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(bytes), size);
  gopsy::fuzz::read(input, false);
  gopsy::fuzz::read(input, true);
  gopsy::fuzz::NoRecords records;
  gopsy::decode::trace::WholePage pages(input.substr(std::min<std::size_t>(size, 16)), 16);
  static_cast<void>(gopsy::decode::trace::read_records(input, pages, records));
  return gopsy::fuzz::decode_with("execution-trace", bytes, size);
}
