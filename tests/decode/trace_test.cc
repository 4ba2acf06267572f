#include <gmock/gmock.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/go_quote.h"
#include "base/go_sort.h"
#include "decode/trace/id_table.h"
#include "decode/trace/reader.h"
#include "decode/trace/varint.h"
#include "support/golden.h"

namespace gopsy::decode::trace {
namespace {

using model::TraceEvent;
using model::TraceType;
using testing::ElementsAre;

/// All events, and whether times only ever increased.
struct Collected final : model::TraceSink {
  std::vector<TraceEvent> all;
  bool increasing = true;

  void generation(const model::TraceTables&, const model::TraceNames&) override {}
  void events(std::span<const TraceEvent> chunk) override {
    for (const TraceEvent& event : chunk) {
      if (!all.empty() && event.time_ns <= all.back().time_ns) increasing = false;
      all.push_back(event);
    }
  }
};

struct Read {
  Collected sink;
  model::TraceReport report;
  Result<void> result;
};

Read read_all(std::string_view bytes, bool salvage) {
  Read out;
  WholePage pages(bytes.substr(std::min(bytes.size(), std::size_t{16})), 16);
  out.result = read(bytes, pages, {.salvage = salvage}, out.sink, out.report);
  return out;
}

std::string good(const std::string& version) {
  return test::golden_input("decode/execution-trace/good-go" + version + ".trace");
}

/// A v2 trace written down by hand.
class TraceBuilder {
 public:
  explicit TraceBuilder(unsigned format = 22) : out_("go 1." + std::to_string(format) + " trace") {
    out_.append(3, '\0');
  }
  /// A batch with these bytes, its size as the runtime writes it: ten bytes, whatever it is.
  TraceBuilder& batch(std::uint64_t generation, std::uint64_t thread, std::uint64_t time, std::string_view events) {
    out_ += '\x01';
    for (const std::uint64_t value : {generation, thread, time}) number(value);
    std::uint64_t size = events.size();
    for (int i = 0; i < 9; ++i, size >>= 7) out_ += static_cast<char>((size & 0x7F) | 0x80);
    out_ += '\0';
    out_ += events;
    return *this;
  }
  /// Clock, empty tables.
  TraceBuilder& tables(std::uint64_t generation) {
    std::string frequency(1, '\x08');
    append(frequency, 15'625'000);
    return batch(generation, ~std::uint64_t{0}, 1, frequency)
        .batch(generation, ~std::uint64_t{0}, 1, "\x02")
        .batch(generation, ~std::uint64_t{0}, 1, "\x04");
  }
  [[nodiscard]] const std::string& bytes() const { return out_; }

  static void append(std::string& out, std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out += static_cast<char>((value & 0x7F) | 0x80);
    out += static_cast<char>(value);
  }

 private:
  void number(std::uint64_t value) { append(out_, value); }
  std::string out_;
};

/// Events, each a type and its arguments.
std::string events(const std::vector<std::vector<std::uint64_t>>& rows) {
  std::string out;
  for (const auto& row : rows)
    for (const std::uint64_t value : row) TraceBuilder::append(out, value);
  return out;
}

std::vector<TraceType> types(const Collected& sink) {
  std::vector<TraceType> out;
  for (const TraceEvent& event : sink.all) out.push_back(event.type);
  return out;
}

constexpr std::uint64_t kProcStatus = 13, kGoStart = 16, kGoUnblock = 21, kGoStatus = 25;

TEST(TraceVarint, TakesPaddedOnesAndRefusesWhatExceeds64Bits) {
  const auto value_of = [](std::string_view bytes) -> std::optional<std::uint64_t> {
    const auto* const at = reinterpret_cast<const std::uint8_t*>(bytes.data());
    std::uint64_t value = 0;
    return read_varint(at, at + bytes.size(), value) == at + bytes.size() ? std::optional(value) : std::nullopt;
  };
  EXPECT_EQ(value_of("\x05"), 5);
  EXPECT_EQ(value_of(std::string_view("\x85\x80\x80\x80\x80\x80\x80\x80\x80\x00", 10)), 5);
  EXPECT_EQ(value_of("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"), ~std::uint64_t{0});
  EXPECT_EQ(value_of("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02"), std::nullopt);
  EXPECT_EQ(value_of("\x80"), std::nullopt);
  EXPECT_EQ(value_of(""), std::nullopt);
}

TEST(TraceReader, ReadsWholeTracesTheSameWithAndWithoutSalvage) {
  for (const std::string version : {"1.19", "1.26"}) {
    const Read strict = read_all(good(version), false);
    const Read lenient = read_all(good(version), true);
    ASSERT_TRUE(strict.result) << version;
    ASSERT_TRUE(lenient.result) << version;
    ASSERT_EQ(strict.sink.all.size(), lenient.sink.all.size());
    for (std::size_t i = 0; i < strict.sink.all.size(); ++i) {
      EXPECT_EQ(strict.sink.all[i].time_ns, lenient.sink.all[i].time_ns);
      EXPECT_EQ(strict.sink.all[i].type, lenient.sink.all[i].type);
    }
    EXPECT_EQ(lenient.report.damages, 0U);
    EXPECT_EQ(lenient.report.forced, 0U);
    EXPECT_FALSE(lenient.report.unfinished) << version;
  }
}

TEST(TraceReader, NeverLosesAWholeEventToACut) {
  const std::string whole = good("1.26");
  std::size_t before = 0;
  for (std::size_t cut = 16; cut <= whole.size(); ++cut) {
    const Read cut_off = read_all(std::string_view(whole).substr(0, cut), true);
    ASSERT_TRUE(cut_off.result) << cut;
    EXPECT_TRUE(cut_off.sink.increasing) << cut;
    // More bytes, no fewer events.
    EXPECT_GE(cut_off.sink.all.size(), before) << cut;
    before = cut_off.sink.all.size();
    EXPECT_EQ(cut_off.report.unfinished, cut < whole.size()) << cut;
  }
}

TEST(TraceReader, TakesAnEventWhosePredecessorIsLostWhenItsTimeHasCome) {
  // Goroutine 7 is woken by a thread whose batch is missing: sequence 1 is nowhere.
  TraceBuilder trace;
  trace.batch(1, 5, 100,
              events({{kProcStatus, 0, 0, 1},
                      {kGoStatus, 0, 7, ~std::uint64_t{0}, 4},
                      {kGoStart, 10, 7, 2},
                      {kGoUnblock, 10, 7, 4, 0}}));
  trace.tables(1);
  const Read strict = read_all(trace.bytes(), false);
  EXPECT_FALSE(strict.result);
  EXPECT_EQ(std::string(message(strict.result.error())).substr(0, 31), "broken trace: failed to advance");
  const Read lenient = read_all(trace.bytes(), true);
  ASSERT_TRUE(lenient.result);
  EXPECT_THAT(types(lenient.sink), ElementsAre(TraceType::Sync, TraceType::ProcStatus, TraceType::GoStatus,
                                               TraceType::GoStart, TraceType::GoUnblock, TraceType::Sync));
  EXPECT_EQ(lenient.report.forced, 2U);
  EXPECT_EQ(lenient.sink.all[2].flags & TraceEvent::kForced, 0);
  EXPECT_NE(lenient.sink.all[3].flags & TraceEvent::kForced, 0);
}

TEST(TraceReader, GoesOnBehindADamagedBatch) {
  TraceBuilder trace;
  trace.batch(1, 5, 100, events({{kProcStatus, 0, 0, 1}, {200}}));
  trace.batch(1, 6, 110, events({{kProcStatus, 0, 1, 1}}));
  trace.tables(1);
  EXPECT_FALSE(read_all(trace.bytes(), false).result);
  const Read lenient = read_all(trace.bytes(), true);
  EXPECT_THAT(types(lenient.sink),
              ElementsAre(TraceType::Sync, TraceType::ProcStatus, TraceType::ProcStatus, TraceType::Sync));
  ASSERT_EQ(lenient.report.damaged.size(), 1U);
  EXPECT_EQ(lenient.report.damaged[0].what, "found invalid event type: 200");
  EXPECT_EQ(lenient.report.lost_bytes, 2U);
}

TEST(TraceReader, FindsTheNextBatchBehindADamagedHead) {
  TraceBuilder trace;
  trace.batch(1, 5, 100, events({{kProcStatus, 0, 0, 1}}));
  std::string bytes = trace.bytes() + "\xEE\xEE\xEE";
  bytes += TraceBuilder().batch(1, 6, 110, events({{kProcStatus, 0, 1, 1}})).tables(1).bytes().substr(16);
  const Read lenient = read_all(bytes, true);
  EXPECT_THAT(types(lenient.sink),
              ElementsAre(TraceType::Sync, TraceType::ProcStatus, TraceType::ProcStatus, TraceType::Sync));
  EXPECT_EQ(lenient.report.lost_bytes, 3U);
}

TEST(TraceReader, GivesLostTimesTheClockOfLinux) {
  TraceBuilder trace;
  trace.batch(1, 5, 100, events({{kProcStatus, 3, 0, 1}}));
  const Read lenient = read_all(trace.bytes(), true);
  ASSERT_EQ(lenient.sink.all.size(), 3U);
  EXPECT_EQ(lenient.sink.all[1].time_ns, (100 + 3) * 64);
  EXPECT_TRUE(lenient.report.guessed_clock);
  EXPECT_TRUE(lenient.report.unfinished);
}

TEST(TraceReader, RefusesWhatIsNoTraceAndWhatIsTooNew) {
  EXPECT_FALSE(read_all("go 1.22 trac", true).result);
  EXPECT_FALSE(read_all(std::string_view("go 1.10 trace\0\0\0", 16), true).result);
  const std::string newer = std::string("go 1.99 trace") + std::string(3, '\0') + good("1.26").substr(16);
  EXPECT_FALSE(read_all(newer, false).result);
  EXPECT_TRUE(read_all(newer, true).result);
}

TEST(TraceIdTable, GivesRowsOfTheForgottenToOthers) {
  std::vector<std::uint64_t> ids;
  IdTable table(ids);
  EXPECT_EQ(table.row(~std::uint64_t{0}), 0U);
  for (std::uint64_t id = 0; id < 1000; ++id) EXPECT_EQ(table.row(id), id + 1);
  table.forget([](std::uint32_t row) { return row % 2 == 0; });
  for (std::uint64_t id = 0; id < 1000; id += 2) EXPECT_EQ(table.row(id), id + 1);
  for (std::uint64_t id = 5000; id < 5500; ++id) table.row(id);
  EXPECT_EQ(table.size(), 1001U);
  EXPECT_EQ(ids[table.row(5200)], 5200U);
}

TEST(TraceRowIndex, HoldsDenseAndFarIdsAndKnowsTheTaken) {
  RowIndex index;
  EXPECT_TRUE(index.insert(1, 10));
  EXPECT_TRUE(index.insert(std::uint64_t{1} << 60, 11));
  EXPECT_TRUE(index.insert(3, 12));
  EXPECT_FALSE(index.insert(std::uint64_t{1} << 60, 13));
  EXPECT_FALSE(index.insert(1, 13));
  EXPECT_EQ(index.find(1), 10U);
  EXPECT_EQ(index.find(std::uint64_t{1} << 60), 11U);
  EXPECT_EQ(index.find(2), RowIndex::kMissing);
}

TEST(GoSort, SortsEveryShapeOfInput) {
  for (const std::size_t size : {0U, 1U, 12U, 13U, 50U, 51U, 256U, 5000U}) {
    for (const std::uint64_t shape : {1ULL, 7ULL, 1ULL << 40}) {
      std::vector<std::uint64_t> data;
      std::uint64_t random = 88172645463325252ULL;
      for (std::size_t i = 0; i < size; ++i) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        data.push_back(shape == 1 ? size - i : random % shape);
      }
      go_sort(data, [](std::uint64_t a, std::uint64_t b) { return a < b; });
      EXPECT_TRUE(std::ranges::is_sorted(data)) << size << " " << shape;
    }
  }
}

TEST(GoQuote, EscapesAsGoDoes) {
  const auto quoted = [](std::string_view text) {
    std::string out;
    append_go_quoted(out, text);
    return out;
  };
  EXPECT_EQ(quoted("a \"b\" \\ \n\t\x01\x7f"), R"("a \"b\" \\ \n\t\x01\x7f")");
  EXPECT_EQ(quoted("\xc3\xa9 \xff \xe2\x80\xa8 \xf0\x9f\x98\x80 \xc2\xa0"),
            "\"\xc3\xa9 \\xff \\u2028 \xf0\x9f\x98\x80 \\u00a0\"");
  EXPECT_EQ(quoted("\xed\xa0\x80"), R"("\xed\xa0\x80")") << "a surrogate is no character";
}

}  // namespace
}  // namespace gopsy::decode::trace
