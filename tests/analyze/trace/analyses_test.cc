// What must hold of every trace, whole or damaged: what analyses say adds up.
#include "analyze/trace/analyses.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "decode/trace/reader.h"
#include "support/golden.h"

namespace gopsy::analyze {
namespace {

model::TraceFacts facts_of(std::string_view bytes, const TraceRange& range = {}) {
  model::Symbols symbols;
  TraceQuestion question;
  question.range = range;
  question.goroutines.limit = SIZE_MAX;
  question.mutator = MutatorQuestion{.sweeps = true};
  TraceAnalyses analyses(symbols, question);
  model::TraceReport report;
  decode::trace::WholePage pages(bytes.substr(std::min(bytes.size(), std::size_t{16})), 16);
  static_cast<void>(decode::trace::read(bytes, pages, {.salvage = true}, analyses.sink(), report));
  return analyses.take();
}

void expect_sums(const model::TraceFacts& facts) {
  const model::TraceTimes& times = facts.times;
  if (times.lives_ns == INT64_MAX) return;
  EXPECT_EQ(times.all.sum_ns(), times.lives_ns);
  EXPECT_EQ(times.goroutine_rows.size(), times.goroutines);
  std::int64_t lives = 0;
  for (const model::TraceGoroutine& row : times.goroutine_rows) {
    EXPECT_EQ(row.states.sum_ns(), row.last_ns - row.first_ns) << "goroutine " << row.goid;
    EXPECT_LE(row.spent.syscall_blocked_ns, row.states.syscall_ns) << "goroutine " << row.goid;
    EXPECT_GE(row.spent.in_mark_ns, 0) << "goroutine " << row.goid;
    EXPECT_LE(row.spent.in_mark_ns, row.states.sum_ns()) << "goroutine " << row.goid;
    lives += row.states.sum_ns();
  }
  EXPECT_EQ(lives, times.lives_ns);
  std::int64_t functions = 0;
  for (const model::TraceTimes::Function& function : times.functions) functions += function.states.sum_ns();
  EXPECT_EQ(functions, times.lives_ns);
  const std::uint64_t created =
      std::accumulate(facts.tree.nodes.begin(), facts.tree.nodes.end(), std::uint64_t{0},
                      [](std::uint64_t sum, const model::TraceTreeNode& node) { return sum + node.created; });
  EXPECT_EQ(created, facts.tree.created);
}

// The mean number of goroutines in a state over time is the time that they spent in it.
void expect_timeline(const model::TraceFacts& facts) {
  const model::TraceTimeline& line = facts.timeline;
  double running = 0;
  double waiting = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const std::int64_t begin = line.first_ns + (static_cast<std::int64_t>(i) * line.bucket_ns);
    const auto length = static_cast<double>(std::min(line.last_ns, begin + line.bucket_ns) - begin);
    running += line.running[i] * length;
    waiting += line.waiting[i] * length;
    if (line.gomaxprocs[i] > 0 && line.gomaxprocs[0] > 0) EXPECT_LE(line.procs[i], line.gomaxprocs[i] + 1e-6);
  }
  EXPECT_NEAR(running, static_cast<double>(facts.times.all.running_ns), 1000);
  EXPECT_NEAR(waiting, static_cast<double>(facts.times.all.waiting_ns), 1000);
}

constexpr const char* kWhole[] = {"good-go1.19.trace", "good-go1.26.trace"};

std::string golden(const std::string& name) { return test::golden_input("decode/execution-trace/" + name); }

TEST(TraceAnalyses, AddUpOverWholeTraces) {
  for (const char* name : kWhole) {
    const model::TraceFacts facts = facts_of(golden(name));
    EXPECT_GT(facts.times.goroutines, 0U) << name;
    expect_sums(facts);
    expect_timeline(facts);
  }
}

TEST(TraceAnalyses, AddUpOverEveryRangeOfTime) {
  for (const char* name : kWhole) {
    const std::string bytes = golden(name);
    const std::int64_t length = facts_of(bytes).times.wall_ns;
    for (int i = 0; i < 16; ++i)
      for (int j = i + 1; j <= 16; ++j) {
        const model::TraceFacts facts = facts_of(bytes, {.from_ns = length * i / 16, .to_ns = length * j / 16});
        expect_sums(facts);
        expect_timeline(facts);
      }
  }
}

TEST(TraceAnalyses, SumTheSameOverRangesThatLieSideBySide) {
  for (const char* name : kWhole) {
    const std::string bytes = golden(name);
    const model::TraceFacts whole = facts_of(bytes);
    const std::int64_t half = whole.times.wall_ns / 2;
    const model::TraceFacts first = facts_of(bytes, {.from_ns = 0, .to_ns = half});
    const model::TraceFacts second = facts_of(bytes, {.from_ns = half, .to_ns = INT64_MAX});
    // Of lives not: that a goroutine was there all the time may be said only when the generation ends.
    EXPECT_EQ(first.times.all.running_ns + second.times.all.running_ns, whole.times.all.running_ns);
    EXPECT_EQ(first.times.spent.syscall_blocked_ns + second.times.spent.syscall_blocked_ns,
              whole.times.spent.syscall_blocked_ns);
    EXPECT_EQ(first.gc.mark_ns + second.gc.mark_ns, whole.gc.mark_ns);
    EXPECT_EQ(first.gc.stopped_ns + second.gc.stopped_ns, whole.gc.stopped_ns);
    EXPECT_EQ(first.tree.created + second.tree.created, whole.tree.created);
  }
}

TEST(TraceAnalyses, AddUpWhereverATraceIsCutOrABitOfItFlipped) {
  for (const char* name : kWhole) {
    const std::string bytes = golden(name);
    for (std::size_t at = 16; at < bytes.size(); at += 3) {
      expect_sums(facts_of(std::string_view(bytes).substr(0, at)));
      std::string flipped = bytes;
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << (at % 8)));
      expect_sums(facts_of(flipped));
    }
  }
}

}  // namespace
}  // namespace gopsy::analyze
