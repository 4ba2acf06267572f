// Beside what holds for every decoder: whatever the strict reader hands on before it gives up, the lenient one's events
// can be printed, times increase, and those of goroutines add up.
#include "analyze/trace/state_times.h"
#include "decode/trace/reader.h"
#include "decoder_target.h"
#include "render/trace/trace_text.h"

namespace gopsy::fuzz {
namespace {

// Checks what every sink may rely on, and prints.
class CheckingSink final : public model::TraceSink {
 public:
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
    const model::TraceTimes times = times_.take();
    GOPSY_CHECK(times.lives_ns == INT64_MAX || times.all.sum_ns() == times.lives_ns);
  }

 private:
  render::ParsedTraceText text_{[](std::string_view) { return true; }};
  analyze::StateTimes times_;
  model::Symbols symbols_;
  analyze::TraceStudy study_{symbols_, {&times_}};
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
  CheckingSink sink;
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
