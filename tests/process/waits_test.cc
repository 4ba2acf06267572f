#include <gmock/gmock.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/format.h"
#include "binary/code_flow.h"
#include "model/wait_facts.h"
#include "process/runtime/evidence.h"
#include "support/go_process.h"

namespace gopsy::process {
namespace {

using model::WaitObject;
using test::GoProcess;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::uint8_t kReceives = 3;
constexpr std::uint8_t kSelects = 4;
constexpr std::uint64_t kHeap = 0xc000300000;
const std::vector<std::string_view> kMain{"runtime.gopark", "main.main", "runtime.main", "runtime.goexit"};
const std::vector<std::string_view> kWork{"runtime.gopark", "main.work", "runtime.goexit"};

// A process with a piece of heap for sudogs and channels, and what was read of it.
struct Waiting {
  explicit Waiting(const std::string& version) : process(version), layout(wait_layout(minor_of(version))) {
    process.memory.put(kHeap, std::string(0x4000, '\0'));
    process.add(1, "runtime.main", kMain, 5);
  }

  static unsigned minor_of(const std::string& version) { return static_cast<unsigned>(std::stoul(version.substr(4))); }

  std::uint64_t goroutine(std::uint8_t reason, std::uint64_t sudog) {
    const auto g = process.add(next++, "main.work", kWork, reason);
    process.set(g, process.layout().g.waiting, sudog);
    return g;
  }
  void sudog(std::uint64_t at, std::uint64_t g, std::uint64_t channel, std::uint64_t link) {
    process.memory.put_word(at, g);
    process.memory.put_word(at + layout.sudog_channel, channel);
    process.memory.put_word(at + layout.sudog_waitlink, link);
  }

  const model::WaitFacts& read() {
    const auto path = std::filesystem::temp_directory_path() / fmt::format("gopsy-waits-{}-{}", ::getpid(), next);
    std::ofstream(path, std::ios::binary) << process.program();
    object = binary::Object::open(path.string());
    std::filesystem::remove(path);
    target = {.memory = &process.memory, .object = &*object};
    runtime = find_runtime(target);
    EXPECT_TRUE(*runtime);
    evidence = read_evidence(**runtime, 200'000'000'000, symbols);
    return *evidence.log->tracebacks.front().waits;
  }

  GoProcess process;
  WaitLayout layout;
  std::uint64_t next = 7;
  Result<binary::Object> object = std::unexpected(Error{});
  Target target;
  std::optional<Result<GoRuntime>> runtime;
  model::Symbols symbols;
  model::Evidence evidence;
};

TEST(Waits, AreReadOfChannelsInEveryLayoutOfGo118To127) {
  for (unsigned minor = 20; minor <= 27; ++minor) {
    Waiting waiting(fmt::format("go1.{}.1", minor));
    const std::uint64_t sudog = kHeap + 0x100;
    const std::uint64_t channel = kHeap + 0x800;
    const auto g = waiting.goroutine(kReceives, sudog);
    waiting.sudog(sudog, g, channel, 0);
    waiting.process.memory.put_word(channel, 2);
    waiting.process.memory.put_word(channel + 8, 3);
    const auto& facts = waiting.read();
    ASSERT_THAT(facts.edges, SizeIs(1)) << minor;
    EXPECT_EQ(facts.edges[0].goroutine, 1U);
    const WaitObject& object = facts.objects[facts.edges[0].object];
    EXPECT_EQ(object.kind, WaitObject::Kind::Channel);
    EXPECT_EQ(object.address, channel);
    EXPECT_EQ(object.queued, 2U);
    EXPECT_EQ(object.capacity, 3U);
    EXPECT_FALSE(object.closed);
    EXPECT_EQ(facts.unresolved, 0U);
  }
}

TEST(Waits, OfASelectAreAllOfItsChannels) {
  Waiting waiting("go1.26.1");
  const auto g = waiting.goroutine(kSelects, kHeap + 0x100);
  for (std::uint64_t i = 0; i < 5; ++i)
    waiting.sudog(kHeap + 0x100 * (i + 1), g, kHeap + 0x1000 + 0x100 * i, i == 4 ? 0 : kHeap + 0x100 * (i + 2));
  EXPECT_THAT(waiting.read().edges, SizeIs(5));
}

TEST(Waits, OfAListThatLeadsBackIntoItselfEnd) {
  Waiting waiting("go1.26.1");
  const auto g = waiting.goroutine(kSelects, kHeap + 0x100);
  waiting.sudog(kHeap + 0x100, g, kHeap + 0x1000, kHeap + 0x200);
  waiting.sudog(kHeap + 0x200, g, kHeap + 0x1100, kHeap + 0x100);
  EXPECT_THAT(waiting.read().edges, SizeIs(2));
}

TEST(Waits, ThatLeadNowhereAreCountedAndNotTold) {
  for (const std::uint64_t sudog : {std::uint64_t{0}, std::uint64_t{8}, UINT64_MAX - 7, std::uint64_t{1} << 60}) {
    Waiting waiting("go1.23.1");
    waiting.goroutine(kReceives, sudog);
    const auto& facts = waiting.read();
    EXPECT_THAT(facts.edges, IsEmpty());
    EXPECT_EQ(facts.unresolved, 1U);
  }
}

// A sudog that was given to another goroutine meanwhile says nothing of this one.
TEST(Waits, OfAnothersSudogAreNotTold) {
  Waiting waiting("go1.23.1");
  waiting.goroutine(kReceives, kHeap + 0x100);
  waiting.sudog(kHeap + 0x100, 0xc000dead00, kHeap + 0x800, 0);
  EXPECT_THAT(waiting.read().edges, IsEmpty());
}

TEST(Waits, OfAChannelThatIsNotThereHaveNoFields) {
  Waiting waiting("go1.24.1");
  const auto g = waiting.goroutine(kReceives, kHeap + 0x100);
  waiting.sudog(kHeap + 0x100, g, 0x7000000000, 0);
  const auto& facts = waiting.read();
  ASSERT_THAT(facts.objects, SizeIs(1));
  EXPECT_FALSE(facts.objects[0].known);
}

TEST(CodeFlow, OfAmd64TellsCopiesCallsAndAtomics) {
  using Kind = binary::FlowInstruction::Kind;
  // mov 0x28(%rsp),%rax; lock xadd %ebx,0x10(%rax); lea 8(%rax),%rcx; call +0; je +2; jmp -2; ret
  constexpr std::string_view kCode(
      "\x48\x8b\x44\x24\x28\xf0\x0f\xc1\x58\x10\x48\x8d\x48\x08\xe8\x00\x00\x00\x00\x74\x02\xeb\xfe\xc3", 24);
  const auto code = binary::decode_flow(kCode, 0x1000, binary::Machine::X86_64);
  ASSERT_TRUE(code);
  ASSERT_THAT(*code, SizeIs(7));
  EXPECT_EQ((*code)[0].kind, Kind::Copy);
  EXPECT_EQ((*code)[0].from.reg, 4);
  EXPECT_EQ((*code)[0].from.number, 0x28);
  EXPECT_EQ((*code)[1].kind, Kind::Atomic);
  EXPECT_EQ((*code)[1].to.reg, 0);
  EXPECT_EQ((*code)[1].to.number, 0x10);
  EXPECT_EQ((*code)[1].written & 8U, 8U);  // rbx
  EXPECT_EQ((*code)[2].kind, Kind::Address);
  EXPECT_EQ((*code)[3].kind, Kind::Call);
  EXPECT_EQ((*code)[3].target, 0x1013U);
  EXPECT_EQ((*code)[4].kind, Kind::Branch);
  EXPECT_EQ((*code)[4].target, 0x1017U);
  EXPECT_EQ((*code)[5].kind, Kind::Jump);
  EXPECT_EQ((*code)[6].kind, Kind::Return);
}

TEST(CodeFlow, OfArm64TellsCopiesCallsAndAtomics) {
  using Kind = binary::FlowInstruction::Kind;
  // ldr x0,[sp,#40]; ldp x1,x2,[sp,#16]; add x3,x0,#8; ldaxr w4,[x0]; bl +4; cbz x0,+8; stp x29,x30,[sp,#-32]!; ret
  constexpr std::string_view kCode(
      "\xe0\x17\x40\xf9\xe1\x0b\x41\xa9\x03\x20\x00\x91\x04\xfc\x5f\x88\x01\x00\x00\x94\x40\x00\x00\xb4"
      "\xfd\x7b\xbe\xa9\xc0\x03\x5f\xd6",
      32);
  const auto code = binary::decode_flow(kCode, 0x1000, binary::Machine::Arm64);
  ASSERT_TRUE(code);
  ASSERT_THAT(*code, SizeIs(11));
  EXPECT_EQ((*code)[0].kind, Kind::Copy);
  EXPECT_EQ((*code)[0].from.reg, 31);
  EXPECT_EQ((*code)[0].from.number, 40);
  EXPECT_EQ((*code)[1].from.number, 16);
  EXPECT_EQ((*code)[2].from.number, 24);
  EXPECT_EQ((*code)[3].kind, Kind::Address);
  EXPECT_EQ((*code)[4].kind, Kind::Atomic);
  EXPECT_EQ((*code)[5].kind, Kind::Call);
  EXPECT_EQ((*code)[5].target, 0x1014U);
  EXPECT_EQ((*code)[6].kind, Kind::Branch);
  EXPECT_EQ((*code)[6].target, 0x101cU);
  EXPECT_EQ((*code)[7].kind, Kind::Address);  // the stack grows before the two are stored
  EXPECT_EQ((*code)[10].kind, Kind::Return);
}

TEST(CodeFlow, OfOtherMachinesIsRefused) { EXPECT_FALSE(binary::decode_flow("\x90", 0, binary::Machine::X86)); }

}  // namespace
}  // namespace gopsy::process
