#include "analyze/races.h"

#include <gmock/gmock.h>

#include <string>
#include <string_view>

#include "analyze/go_lines.h"
#include "analyze/race_source.h"
#include "app/race_baseline.h"
#include "base/format.h"
#include "base/text.h"
#include "decode/log/log.h"

namespace gopsy::analyze {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// "main.f:12 main.g:3", innermost first.
std::string frames(std::string_view places) {
  std::string out;
  for (const std::string_view place : split(places, ' ')) {
    const auto colon = place.rfind(':');
    out += fmt::format("  {}()\n      /src/main.go:{} +0x1\n", place.substr(0, colon), place.substr(colon + 1));
  }
  return out;
}

struct Sides {
  std::string_view now;
  std::string_view before;
  std::string_view created = "main.start:7";
  std::string_view now_verb = "Read";
  std::string_view before_verb = "write";
  std::string_view address = "0x00c000012340";
};

std::string report(const Sides& s) {
  return fmt::format(
      "==================\nWARNING: DATA RACE\n{} at {} by goroutine 7:\n{}\nPrevious {} at {} by goroutine 8:\n{}\n"
      "Goroutine 7 (running) created at:\n{}\nGoroutine 8 (finished) created at:\n{}==================\n",
      s.now_verb, s.address, frames(s.now), s.before_verb, s.address, frames(s.before), frames(s.created),
      frames(s.created));
}

struct Found {
  explicit Found(std::string_view log) {
    auto evidence = decode::kCrashLog.decode(log, incident.symbols);
    EXPECT_TRUE(evidence);
    incident.evidence.push_back(*std::move(evidence));
    races = races_of(incident);
  }
  model::Incident incident;
  std::vector<Race> races;
};

RaceKind kind_of(const Sides& sides) {
  const Found found(report(sides));
  EXPECT_THAT(found.races, SizeIs(1));
  return found.races[0].kind;
}

RacePattern pattern_of(const Sides& sides) {
  const Found found(report(sides));
  EXPECT_THAT(found.races, SizeIs(1));
  return found.races[0].pattern;
}

TEST(Races, AreOneWhicheverSideCameFirstAndWhateverTheLines) {
  const Found found(report({.now = "main.a:1 main.root:2", .before = "main.b:3"}) +
                    report({.now = "main.b:33", .before = "main.a:11 main.root:22"}));
  ASSERT_THAT(found.races, SizeIs(1));
  EXPECT_EQ(found.races[0].times, 2U);
  EXPECT_THAT(found.races[0].variants, SizeIs(2));
}

TEST(Races, OfOtherFunctionsOrCallersAreOthers) {
  const Found found(report({.now = "main.a:1", .before = "main.b:3"}) +
                    report({.now = "main.a:1", .before = "main.c:3"}) +
                    report({.now = "main.a:1 main.root:9", .before = "main.b:3"}));
  EXPECT_THAT(found.races, SizeIs(3));
}

TEST(Races, KeepTheirFingerprintWhenTheRuntimeAndTypeArgumentsAreSpelledOtherwise) {
  const Found old(
      report({.now = "runtime.mapassign_faststr:1 main.Put[...]:2", .before = "runtime.mapaccess1:1 main.b:3"}));
  const Found now(report({.now = "internal/runtime/maps.(*Map).PutSlot:8 runtime.mapassign:5 main.Put[go.shape.int]:22",
                          .before = "runtime.mapaccess2_fast64:4 main.b:33"}));
  EXPECT_EQ(old.races[0].fingerprint, now.races[0].fingerprint);
}

TEST(RaceKinds, FollowTheFramesOfTheRuntime) {
  EXPECT_EQ(kind_of({.now = "runtime.mapaccess1_faststr:1 main.a:2", .before = "runtime.mapassign_faststr:1 main.b:3"}),
            RaceKind::Map);
  EXPECT_EQ(kind_of({.now = "runtime.growslice:1 main.a:2", .before = "main.b:3"}), RaceKind::Slice);
  EXPECT_EQ(kind_of({.now = "sync/atomic.AddInt64:1", .before = "main.b:3"}), RaceKind::MixedAtomic);
  EXPECT_EQ(kind_of({.now = "runtime.closechan:1 main.a:2", .before = "runtime.chansend:1 main.b:3"}),
            RaceKind::ChannelClose);
  EXPECT_EQ(kind_of({.now = "runtime.raceread:1 main.a:2", .before = "runtime.racewrite:1 main.b:3"}),
            RaceKind::WaitGroup);
  EXPECT_EQ(kind_of({.now = "main.a:2", .before = "main.b:3"}), RaceKind::Field);
}

TEST(RaceKinds, CallTheSameClosureOfOneGoStatementACapture) {
  EXPECT_EQ(kind_of({.now = "main.start.func1:8", .before = "main.start.func1:8"}), RaceKind::ClosureCapture);
  // A method that many goroutines run is none, nor is a closure that another function starts.
  EXPECT_EQ(kind_of({.now = "main.(*T).run:8", .before = "main.(*T).run:8"}), RaceKind::Field);
  EXPECT_EQ(kind_of({.now = "main.start.func1:8", .before = "main.start.func1:8", .created = "main.other:7"}),
            RaceKind::Field);
  EXPECT_EQ(kind_of({.now = "main.start.func1:8", .before = "main.start.func1:8", .address = "0x00000060e198"}),
            RaceKind::Field);
}

TEST(RaceKinds, TellPatternsApart) {
  EXPECT_EQ(pattern_of({.now = "main.start.func1:8", .before = "main.start:9"}), RacePattern::CapturedOrPointee);
  EXPECT_EQ(pattern_of({.now = "main.a:8", .before = "main.b:9", .address = "0x00000060e198"}), RacePattern::Global);
  EXPECT_EQ(pattern_of({.now = "bytes.(*Buffer).Write:8 main.a:1", .before = "bytes.(*Buffer).Write:8 main.b:1"}),
            RacePattern::UnsafeType);
  EXPECT_EQ(
      pattern_of({.now = "sync/atomic.CompareAndSwapInt32:8 sync.(*Mutex).Lock:1 main.a:1", .before = "main.b:1"}),
      RacePattern::CopiedLock);
  EXPECT_EQ(pattern_of({.now = "runtime.racewrite:1 main.a:1", .before = "main.b:1"}), RacePattern::CopiedLock);
}

TEST(RaceKinds, KnowParallelTestsByWhoStartedThem) {
  std::string log =
      report({.now = "app.TestA.func1:8", .before = "app.TestA.func2:9", .created = "testing.(*T).Run:1 app.TestA:3"});
  EXPECT_EQ(Found(log).races[0].pattern, RacePattern::CapturedOrPointee);
  for (auto at = log.find("main.go"); at != std::string::npos; at = log.find("main.go", at))
    log.replace(at, 7, "a_test.go");
  EXPECT_EQ(Found(log).races[0].pattern, RacePattern::ParallelTests);
}

TEST(RaceNeighbours, AreFieldsOfOneTypeCloseBy) {
  const std::string near = report({.now = "main.(*T).a:1", .before = "main.(*T).b:2", .address = "0x00c000012340"}) +
                           report({.now = "main.(*T).c:1", .before = "main.(*T).d:2", .address = "0x00c000012348"});
  const Found found(near);
  ASSERT_THAT(found.races[0].neighbours, SizeIs(1));
  EXPECT_EQ(found.races[0].neighbours[0].bytes, 8U);
  const Found far(report({.now = "main.(*T).a:1", .before = "main.(*T).b:2", .address = "0x00c000012340"}) +
                  report({.now = "main.(*T).c:1", .before = "main.(*T).d:2", .address = "0x00c000012381"}));
  EXPECT_THAT(far.races[0].neighbours, IsEmpty());
}

TEST(GoLines, FindOperandsDeclarationsAndLiterals) {
  std::vector<std::string> names;
  for (const auto& operand : operands_of("c.hits += other[i] + f(x.y) // z")) names.push_back(operand.text);
  EXPECT_THAT(names, ElementsAre("c.hits", "other", "i", "x.y", "z"));
  const std::vector<std::string> lines{"var total int",
                                       "func f(in int) (out int) {",
                                       "\tx, err := g(\"func(\")",
                                       "\tgo func(y int) {",
                                       "\t\tx++ // x",
                                       "\t}(1)",
                                       "\tx = 2",
                                       "}"};
  const GoLines go(lines);
  EXPECT_EQ(go.function_start(5), 2U);
  EXPECT_EQ(go.literal_start(5), 4U);
  EXPECT_EQ(go.literal_start(7), 0U);
  EXPECT_EQ(go.declaration("x", 2, 5), 3U);
  EXPECT_EQ(go.declaration("err", 2, 5), 3U);
  EXPECT_EQ(go.declaration("y", 2, 5), 4U);
  EXPECT_EQ(go.declaration("z", 2, 8), 0U);
  EXPECT_EQ(go.package_variable("total"), 1U);
  EXPECT_EQ(go.package_variable("x"), 0U);
}

// The race of `found`, with `code` as the file of both sides.
Race with_source(const std::vector<std::string>& code, Found& found) {
  Race race = found.races[0];

  read_source(race, {&code, &code}, found.incident.symbols);
  return race;
}

TEST(RaceSource, TellsACapturedVariableFromAField) {
  Found found(report({.now = "main.start:6", .before = "main.start.func1:4"}));
  const auto captured = with_source({"func start() {", "n := 0", "go func() {", "n++", "}()", "n++", "}"}, found);
  EXPECT_EQ(captured.kind, RaceKind::ClosureCapture);
  EXPECT_EQ(captured.pattern, RacePattern::CapturedVariable);
  EXPECT_EQ(captured.expression, "n");
  const auto field = with_source({"func start() {", "t := &T{}", "go func() {", "t.n++", "}()", "t.n++", "}"}, found);
  EXPECT_EQ(field.kind, RaceKind::Field);
  EXPECT_EQ(field.pattern, RacePattern::MissingLock);
  const auto other = with_source({"func start() {", "n := 0", "go func() {", "m++", "}()", "n++", "}"}, found);
  EXPECT_EQ(other.pattern, RacePattern::CapturedOrPointee);
  EXPECT_EQ(other.expression, "");
}

TEST(RaceSource, NamesErrNamedResultsLoopsAndSlices) {
  Found found(report({.now = "main.start:6", .before = "main.start.func1:4"}));
  const auto pattern = [&](const std::vector<std::string>& code) { return with_source(code, found).pattern; };
  EXPECT_EQ(pattern({"func start() {", "err := f()", "go func() {", "err = f()", "}()", "err = f()"}),
            RacePattern::CapturedError);
  EXPECT_EQ(pattern({"func start() (n int) {", "", "go func() {", "n = 1", "}()", "n = 2"}), RacePattern::NamedResult);
  EXPECT_EQ(pattern({"func start(n int) {", "", "go func() {", "n = 1", "}()", "n = 2"}),
            RacePattern::CapturedVariable);
  EXPECT_EQ(pattern({"func start() {", "for i := 0; i < 3;", "go func() {", "use(i)", "}()", "i++"}),
            RacePattern::CapturedLoopVar);
  EXPECT_EQ(pattern({"func start() {", "s := []int{}", "go func() {", "s = append(s, 1)", "}()", "s = nil"}),
            RacePattern::SliceHeader);
  EXPECT_EQ(pattern({"func start() {", "s := make([]int, 3)", "go func() {", "s[1] = 1", "}()", "s[1] = 2"}),
            RacePattern::SliceElement);
}

TEST(RaceSource, SaysWhichLocksTheTwoSidesHold) {
  Found found(report({.now = "main.(*T).a:3", .before = "main.(*T).b:8"}));
  const auto pattern = [&](std::string_view a, std::string_view b, std::string_view after = "") {
    const std::vector<std::string> code{"func (t *T) a() {", std::string(a),     "_ = t.n", "}", "func (t *T) b() {",
                                        std::string(b),      std::string(after), "t.n = 1", "}"};
    return with_source(code, found).pattern;
  };
  EXPECT_EQ(pattern("", ""), RacePattern::MissingLock);
  EXPECT_EQ(pattern("", "t.mu.Lock()"), RacePattern::PartialLock);
  EXPECT_EQ(pattern("t.mu.Lock()", "t.other.Lock()"), RacePattern::DifferentLocks);
  EXPECT_EQ(pattern("t.mu.RLock()", "t.mu.RLock()"), RacePattern::WriteUnderReadLock);
  EXPECT_EQ(pattern("t.mu.Lock()", "t.mu.Lock()", "t.mu.Unlock()"), RacePattern::PartialLock);
  EXPECT_EQ(pattern("t.mu.Lock()", "t.mu.Lock()", "defer t.mu.Unlock()"), RacePattern::Unknown);
}

TEST(RaceBaseline, KnowsWhatItWroteAfterEveryLineMoved) {
  const Found before(report({.now = "main.a:1", .before = "main.b:3"}));
  const Found moved(report({.now = "main.b:303", .before = "main.a:101"}) +
                    report({.now = "main.a:1", .before = "main.c:3"}));
  const auto baseline = app::RaceBaseline::parse(app::baseline_text(before.races, before.incident.symbols));
  ASSERT_TRUE(baseline);
  EXPECT_EQ(baseline->size(), 1U);
  EXPECT_TRUE(baseline->knows(moved.races[0]));
  EXPECT_FALSE(baseline->knows(moved.races[1]));
}

TEST(RaceBaseline, IsReadWithCommentsAndRefusedWithPlaceAndReason) {
  const auto baseline = app::RaceBaseline::parse("# known\n\n00112233445566ff  race.map  a ~ b\r\n");
  ASSERT_TRUE(baseline);
  EXPECT_EQ(baseline->size(), 1U);
  const auto refused = app::RaceBaseline::parse("00112233445566ff\nrace.map a b\n");
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().starts_with("line 2: race.map is no fingerprint")) << refused.error();
}

}  // namespace
}  // namespace gopsy::analyze
