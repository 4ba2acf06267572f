#include <gmock/gmock.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/format.h"
#include "process/runtime/evidence.h"
#include "support/go_process.h"

namespace gopsy::process {
namespace {

using test::GoProcess;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::uint16_t kArm64 = 183;

// The process read as the product reads it.
struct Read {
  explicit Read(GoProcess& process, std::vector<StoppedThread> threads = {}) {
    const auto path = std::filesystem::temp_directory_path() /
                      fmt::format("gopsy-runtime-{}-{}", ::getpid(), reinterpret_cast<std::uintptr_t>(this));
    std::ofstream(path, std::ios::binary) << process.program();
    object = binary::Object::open(path.string());
    std::filesystem::remove(path);
    if (!object) return;
    target = {.memory = &process.memory, .object = &*object, .threads = std::move(threads)};
    runtime = find_runtime(target);
    if (!*runtime) return;
    evidence = read_evidence(**runtime, now_ns, symbols);
  }
  [[nodiscard]] bool found() const { return runtime && runtime->has_value(); }
  [[nodiscard]] const model::Traceback& traceback() const { return evidence.log->tracebacks.front(); }
  [[nodiscard]] std::string words(const model::Goroutine& goroutine) const {
    std::string text = fmt::format("{} {}:", goroutine.id, symbols.text(goroutine.state));
    for (const auto& frame : traceback().frames_of(goroutine)) text += fmt::format(" {}", symbols.text(frame.function));
    return text;
  }
  [[nodiscard]] std::vector<std::string> all() const {
    std::vector<std::string> rows;
    for (const auto& goroutine : traceback().goroutines) rows.push_back(words(goroutine));
    return rows;
  }
  [[nodiscard]] std::string refusal() const { return runtime && !*runtime ? message(runtime->error()) : std::string(); }

  Result<binary::Object> object = std::unexpected(Error{});
  Target target;
  std::optional<Result<GoRuntime>> runtime;
  model::Symbols symbols;
  model::Evidence evidence;
  static constexpr std::int64_t now_ns = 200'000'000'000;
};

const std::vector<std::string_view> kMain{"runtime.gopark", "main.main", "runtime.main", "runtime.goexit"};
const std::vector<std::string_view> kWork{"runtime.gopark", "main.work", "runtime.goexit"};

TEST(Runtime, IsFoundWithoutSymbolsAndSaysHow) {
  GoProcess process;
  process.add(1, "runtime.main", kMain);
  process.add(7, "main.work", kWork);
  const Read read(process);
  ASSERT_TRUE(read.found()) << read.refusal();
  EXPECT_THAT(read.all(), ElementsAre("1 chan receive: runtime.gopark main.main runtime.main runtime.goexit",
                                      "7 chan receive: runtime.gopark main.work runtime.goexit"));
  EXPECT_THAT((*read.runtime)->how(), HasSubstr("by a scan"));
  EXPECT_TRUE((*read.runtime)->main_goroutine);
  EXPECT_THAT((*read.runtime)->warnings, IsEmpty());
  EXPECT_THAT((*read.runtime)->wait_reasons, SizeIs(12));
}

TEST(Runtime, IsReadInEveryLayoutOfGo118To127) {
  for (unsigned minor = 20; minor <= 27; ++minor) {
    GoProcess process(fmt::format("go1.{}.1", minor));
    process.add(1, "runtime.main", kMain);
    const auto g = process.add(9, "main.work", kWork, 5);
    process.set(g, process.layout().g.wait_since, 20'000'000'000);
    process.set(g, process.layout().g.parent, 1);
    const Read read(process);
    ASSERT_TRUE(read.found()) << read.refusal();
    ASSERT_THAT(read.traceback().goroutines, SizeIs(2));
    const auto& goroutine = read.traceback().goroutines[1];
    EXPECT_EQ(read.words(goroutine), "9 sleep: runtime.gopark main.work runtime.goexit") << minor;
    EXPECT_EQ(goroutine.minutes, 3U) << minor;
    EXPECT_EQ(goroutine.creator, minor >= 21 ? 1U : 0U) << minor;
    EXPECT_EQ(read.symbols.text(goroutine.created_by), "main.main") << minor;
  }
}

TEST(Runtime, OfAVersionNotKnownYetIsFoundByTheValuesOfItsFieldsWithAWarning) {
  GoProcess process("go1.99.1");
  const auto main = process.add(1, "runtime.main", kMain);
  const auto work = process.add(7, "main.work", kWork);
  // Two fields of 8 bytes more in front of startpc than any version has.
  for (const auto g : {main, work}) {
    const auto start = process.memory.word(g + process.layout().g.start_pc);
    process.set(g, process.layout().g.start_pc, 0);
    process.set(g, static_cast<std::uint16_t>(process.layout().g.start_pc + 16), *start);
  }
  const Read read(process);
  ASSERT_TRUE(read.found()) << read.refusal();
  EXPECT_THAT(read.all(), SizeIs(2));
  EXPECT_TRUE((*read.runtime)->calibrated);
  EXPECT_THAT((*read.runtime)->warnings, SizeIs(2));
  EXPECT_LT((*read.runtime)->confidence(), 0.9);
}

TEST(Runtime, WhoseMainGoroutineHasEndedIsFoundByTheOthers) {
  GoProcess process;
  for (std::uint64_t id = 5; id < 9; ++id) process.add(id, "main.work", kWork);
  const Read read(process);
  ASSERT_TRUE(read.found()) << read.refusal();
  EXPECT_THAT(read.all(), SizeIs(4));
  EXPECT_FALSE((*read.runtime)->main_goroutine);
}

TEST(Runtime, OfAnotherExecutableIsRefused) {
  GoProcess process;
  process.add(1, "runtime.main", kMain);
  process.memory.put_word(GoProcess::kModule, 0x1234);
  EXPECT_THAT(Read(process).refusal(), HasSubstr("is it the executable that the process ran"));
}

TEST(Runtime, WithoutAListOfGoroutinesIsRefused) {
  GoProcess process;
  EXPECT_THAT(Read(process).refusal(), HasSubstr("no list of goroutines was found"));
}

TEST(Goroutines, ThatTheListNamesFalselyAreCounted) {
  GoProcess process;
  process.add(1, "runtime.main", kMain);
  const auto dead = process.add(2, "main.work", kWork);
  process.set(dead, process.layout().g.status, 6);
  process.add(3, "main.work", kWork);
  process.memory.put_word(GoProcess::kList + 24, 0xdead0000);          // nothing is there
  process.memory.put_word(GoProcess::kList + 32, GoProcess::kG);       // goroutine 1 again
  process.memory.put_word(GoProcess::kList + 40, GoProcess::kG + 3);   // no g
  process.memory.put_word(GoProcess::kAllGs + 8, 6);
  const Read read(process);
  ASSERT_TRUE(read.found()) << read.refusal();
  const model::Counts& counts = read.evidence.counts.front();
  EXPECT_EQ(counts.read, 6U);
  EXPECT_EQ(counts.kept, 2U);
  std::uint64_t skipped = 0;
  for (const auto& row : counts.skipped) skipped += row.count;
  EXPECT_EQ(counts.kept + skipped, counts.read);
}

TEST(Goroutines, OfAListOfImpossibleLengthEndWhereTheMemoryEnds) {
  GoProcess process;
  process.add(1, "runtime.main", kMain);
  process.add(2, "main.work", kWork);
  process.memory.put_word(GoProcess::kAllGs + 8, std::uint64_t{1} << 25);
  process.memory.put_word(GoProcess::kAllGs + 16, std::uint64_t{1} << 25);
  const Read read(process);
  ASSERT_TRUE(read.found()) << read.refusal();
  EXPECT_THAT(read.all(), SizeIs(2));
  process.memory.put_word(GoProcess::kAllGs + 8, std::uint64_t{1} << 60);
  process.memory.put_word(GoProcess::kAllGs + 16, std::uint64_t{1} << 60);
  EXPECT_THAT(Read(process).refusal(), HasSubstr("no list of goroutines"));
}

TEST(Stack, ThatLeadsBackIntoItselfEnds) {
  GoProcess process;
  const auto g = process.add(1, "runtime.main", kMain);
  // Every word of the stack is a return address into one function.
  for (std::uint64_t at = GoProcess::kStack; at < GoProcess::kStack + GoProcess::kStackBytes; at += 8)
    process.memory.put_word(at, process.inside("main.deep"));
  const Read read(process);
  ASSERT_TRUE(read.found()) << read.refusal();
  static_cast<void>(g);
  EXPECT_TRUE(read.traceback().goroutines[0].cut);
  EXPECT_THAT(read.evidence.cut, HasSubstr("1 stack"));
}

TEST(Stack, WithAWildPointerOrAMissingPageKeepsWhatStandsBeforeIt) {
  GoProcess process;
  const auto g = process.add(1, "runtime.main", kMain);
  const auto sp = *process.memory.word(g + RuntimeLayout::G::kSchedSp);
  process.memory.put_word(sp + 32 + 24, 0xdeadbeef);
  const Read wild(process);
  EXPECT_THAT(wild.all(), ElementsAre("1 chan receive: runtime.gopark main.main"));
  EXPECT_TRUE(wild.traceback().goroutines[0].cut);
  process.memory.remove(GoProcess::kStack);
  const Read missing(process);
  EXPECT_THAT(missing.all(), ElementsAre("1 chan receive: runtime.gopark"));
  EXPECT_TRUE(missing.traceback().goroutines[0].cut);
}

TEST(Stack, OfMillionsOfFramesKeepsBothEndsAndCountsTheMiddle) {
  GoProcess process;
  const auto g = process.add(1, "runtime.main", kMain);
  constexpr std::uint64_t kFrames = 300'000;
  constexpr std::uint64_t kLow = 0xd000000000;
  std::string stack(32 * kFrames + 256, '\0');
  for (std::uint64_t i = 0; i < kFrames; ++i) {
    const std::uint64_t back = process.inside(i + 1 == kFrames ? "runtime.goexit" : i % 2 == 0 ? "main.deep" : "main.work");
    std::memcpy(stack.data() + 32 * i + 24, &back, 8);
  }
  process.set(g, RuntimeLayout::G::kStackLow, kLow);
  process.set(g, RuntimeLayout::G::kStackHigh, kLow + stack.size());
  process.set(g, RuntimeLayout::G::kSchedSp, kLow);
  process.memory.put(kLow, std::move(stack));
  const Read read(process);
  const auto& goroutine = read.traceback().goroutines[0];
  EXPECT_EQ(goroutine.frame_count, StackWalker::kMostKept);
  EXPECT_EQ(goroutine.frame_count + goroutine.elided_frames, kFrames + 1);
  EXPECT_EQ(goroutine.elided_after, StackWalker::kInner);
  const auto frames = read.traceback().frames_of(goroutine);
  EXPECT_EQ(read.symbols.text(frames.back().function), "runtime.goexit");
  EXPECT_EQ(read.symbols.text(frames[1].function), "main.deep");
  EXPECT_FALSE(goroutine.cut);
}

TEST(Stack, GoesOnInTheGoroutineWhereTheThreadRunsOnTheSystemStack) {
  GoProcess process;
  const auto g = process.add(1, "runtime.main", kMain);
  const auto system = process.add(99, "main.work", {"main.deep", "runtime.systemstack"});  // stands in for g0's stack
  process.set(g, process.layout().g.status, 2);
  process.set(g, RuntimeLayout::G::kM, GoProcess::kM);
  process.memory.put_word(GoProcess::kM + process.layout().m.procid, 4242);
  const StoppedThread thread{.tid = 4242,
                             .pc = process.inside("main.deep"),
                             .sp = *process.memory.word(system + RuntimeLayout::G::kSchedSp),
                             .lr = 0};
  const Read read(process, {thread});
  ASSERT_TRUE(read.found()) << read.refusal();
  // systemstack was called from the goroutine: its caller's return address stands where the goroutine was left.
  EXPECT_EQ(read.all()[0], "1 running: main.deep runtime.systemstack main.main runtime.main runtime.goexit");
}

TEST(Stack, OfARunningGoroutineWithoutRegistersIsSaidToBeUnknown) {
  GoProcess process;
  const auto g = process.add(1, "runtime.main", kMain);
  process.set(g, process.layout().g.status, 2);
  const Read read(process);
  EXPECT_THAT(read.all(), ElementsAre("1 running:"));
  EXPECT_TRUE(read.traceback().goroutines[0].other_thread);
}

TEST(Stack, CrossesASignalFrameAndDropsTheHandler) {
  GoProcess process;
  const auto g = process.add(1, "runtime.main", kMain);
  process.set(g, process.layout().g.status, 2);
  process.set(g, RuntimeLayout::G::kM, GoProcess::kM);
  process.memory.put_word(GoProcess::kM + process.layout().m.procid, 77);
  process.memory.put_word(GoProcess::kM + process.layout().m.curg, g);
  process.memory.put_word(GoProcess::kM, GoProcess::kG + 0x200 * 40);
  process.memory.put_word(GoProcess::kG + 0x200 * 40 + RuntimeLayout::G::kM, GoProcess::kM);
  constexpr std::uint64_t kSignalStack = 0xe000000000;
  process.memory.put(kSignalStack, std::string(0x1000, '\0'));
  const std::uint64_t context = kSignalStack + 0x100 + 24 + 8;
  process.memory.put_word(context + 40 + 15 * 8, *process.memory.word(g + RuntimeLayout::G::kSchedSp));
  process.memory.put_word(context + 40 + 16 * 8, process.inside("runtime.gopark"));
  process.memory.put_word(context + 304, 11);
  process.memory.put_word(context + 304 + 8, 1);
  process.memory.put_word(context + 304 + 16, 0x18);
  const Read read(process, {{.tid = 77, .pc = process.inside("runtime.sigtramp"), .sp = kSignalStack + 0x100, .lr = 0}});
  ASSERT_TRUE(read.found()) << read.refusal();
  EXPECT_EQ(read.all()[0], "1 running: runtime.gopark main.main runtime.main runtime.goexit");
  EXPECT_EQ(read.traceback().cause, model::Cause::Signal);
  ASSERT_TRUE(read.traceback().signal);
  EXPECT_EQ(read.symbols.text(read.traceback().signal->name), "SIGSEGV: segmentation violation");
  EXPECT_EQ(read.traceback().signal->address, 0x18U);
}

TEST(Stack, OnArm64IsWalkedByTheLinkRegister) {
  GoProcess process("go1.26.3", kArm64);
  process.add(1, "runtime.main", kMain);
  const Read read(process);
  ASSERT_TRUE(read.found()) << read.refusal();
  EXPECT_THAT(read.all(), ElementsAre("1 chan receive: runtime.gopark main.main runtime.main runtime.goexit"));
}

TEST(Labels, OfAMapWhoseChainLeadsBackIntoItselfEnd) {
  GoProcess process("go1.23.1");
  const auto g = process.add(1, "runtime.main", kMain);
  constexpr std::uint64_t kMap = 0xf000000000;
  std::string bytes(0x1000, '\0');
  const auto put = [&](std::size_t at, std::uint64_t value) { std::memcpy(bytes.data() + at, &value, 8); };
  put(0, kMap + 8);             // *labelMap
  put(8 + 16, kMap + 0x100);    // hmap.buckets
  bytes[0x100] = 9;             // one hash in use
  put(0x108, kMap + 0x800), put(0x110, 6);             // key
  put(0x108 + 128, kMap + 0x810), put(0x110 + 128, 4);  // value
  put(0x100 + 264, kMap + 0x100);                      // overflow: itself
  bytes.replace(0x800, 6, "tenant");
  bytes.replace(0x810, 4, "acme");
  process.memory.put(kMap, bytes);
  process.set(g, process.layout().g.labels, kMap);
  const Read read(process);
  const auto labels = read.traceback().labels_of(read.traceback().goroutines[0]);
  ASSERT_FALSE(labels.empty());
  EXPECT_LE(labels.size(), 256U);
  EXPECT_EQ(read.symbols.text(labels[0].key), "tenant");
  EXPECT_EQ(read.symbols.text(labels[0].value), "acme");
}

TEST(Labels, AreReadFromTheListOfGo124) {
  GoProcess process("go1.24.1");
  const auto g = process.add(1, "runtime.main", kMain);
  constexpr std::uint64_t kSet = 0xf000000000;
  std::string bytes(0x1000, '\0');
  const auto put = [&](std::size_t at, std::uint64_t value) { std::memcpy(bytes.data() + at, &value, 8); };
  put(0, kSet + 0x100), put(8, std::uint64_t{1} << 60);  // a list of impossible length
  put(0x100, kSet + 0x800), put(0x108, 6), put(0x110, kSet + 0x810), put(0x118, std::uint64_t{1} << 60);
  bytes.replace(0x800, 6, "tenant");
  process.memory.put(kSet, bytes);
  process.set(g, process.layout().g.labels, kSet);
  const Read read(process);
  EXPECT_LE(read.traceback().labels_of(read.traceback().goroutines[0]).size(), 256U);
}

}  // namespace
}  // namespace gopsy::process
