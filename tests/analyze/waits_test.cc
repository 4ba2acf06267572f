#include "analyze/waits.h"

#include <gmock/gmock.h>

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "support/log_builder.h"

namespace gopsy::analyze {
namespace {

using model::WaitKind;

struct Case {
  const char* name;
  const char* state;
  std::vector<std::string> frames;
  WaitKind kind;
  std::optional<std::uint64_t> address;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class WaitOf : public testing::TestWithParam<Case> {};

TEST_P(WaitOf, IsToldByStateAndFrames) {
  const Case& c = GetParam();
  auto frames = c.frames;
  frames.emplace_back("main.run()");
  const auto incident =
      test::incident_of(test::GoroutineText{.id = 7, .state = c.state, .frames = frames, .created_by = ""}.str());
  const auto& traceback = incident.evidence[0].log->tracebacks[0];
  const Wait wait = wait_of(traceback, traceback.goroutines[0], incident.symbols);
  EXPECT_EQ(wait.kind, c.kind);
  EXPECT_EQ(wait.address, c.address);
  ASSERT_NE(wait.place, nullptr);
  EXPECT_EQ(incident.symbols.text(wait.place->function), "main.run");
}

const std::vector<Case> kCases{
    {"ChannelOperationsHaveNoAddressInDefaultDumps", "chan receive", {}, WaitKind::ChanReceive, {}},
    {"ChannelAddressUnderSystem",
     "chan send",
     {"runtime.gopark(0x0?)", "runtime.chansend(0xc00010a000, 0x0, 0x1)"},
     WaitKind::ChanSend,
     0xc00010a000},
    {"MutexSince1_20",
     "sync.Mutex.Lock",
     {"sync.(*Mutex).lockSlow(0xc000012340)", "sync.(*Mutex).Lock(...)"},
     WaitKind::MutexLock,
     0xc000012340},
    {"MutexSince1_24",
     "sync.Mutex.Lock",
     {"internal/sync.(*Mutex).lockSlow(0x3932b6012340)", "internal/sync.(*Mutex).Lock(...)", "sync.(*Mutex).Lock(...)"},
     WaitKind::MutexLock,
     0x3932b6012340},
    {"MutexAsSemacquire",
     "semacquire",
     {"sync.runtime_SemacquireMutex(0x0)", "sync.(*Mutex).lockSlow(0xc000012340)"},
     WaitKind::MutexLock,
     0xc000012340},
    {"WaitGroupAsSemacquire",
     "semacquire",
     {"sync.runtime_Semacquire(0x0?)", "sync.(*WaitGroup).Wait(0x0?)"},
     WaitKind::WaitGroupWait,
     {}},
    {"RWMutexReaderAsSemacquire",
     "semacquire",
     {"sync.runtime_SemacquireMutex(0x0)", "sync.(*RWMutex).RLock(...)"},
     WaitKind::RWMutexRLock,
     {}},
    {"WriterWaitingForTheMutexInside",
     "sync.Mutex.Lock",
     {"sync.(*Mutex).lockSlow(0xc000012340)", "sync.(*Mutex).Lock(...)", "sync.(*RWMutex).Lock(0xc000012340)"},
     WaitKind::RWMutexLock,
     0xc000012340},
    {"AQuestionMarkMakesNoAddress",
     "sync.Mutex.Lock",
     {"sync.(*Mutex).lockSlow(0xc000012340?)"},
     WaitKind::MutexLock,
     {}},
    {"SemaphoreOfUnknownUse", "semacquire", {"sync.runtime_Semacquire(0x0?)"}, WaitKind::Semacquire, {}},
    {"NilChannel", "chan receive (nil chan)", {}, WaitKind::ChanReceiveNil, {}},
    {"SynctestChannel", "chan receive (durable), synctest bubble 1", {}, WaitKind::ChanReceive, {}},
    {"Running", "running", {}, WaitKind::Running, {}},
};

INSTANTIATE_TEST_SUITE_P(Waits, WaitOf, testing::ValuesIn(kCases),
                         [](const testing::TestParamInfo<Case>& info) { return info.param.name; });

TEST(WaitOfAOnce, KnowsThatTheLockIsTheOnceS) {
  const auto incident = test::incident_of(test::GoroutineText{
      .state = "sync.Mutex.Lock",
      .frames = {"sync.(*Mutex).lockSlow(0xc000012340)", "sync.(*Once).doSlow(0xc000012340, 0x0)", "main.f()"},
      .created_by = ""}
                                              .str());
  const auto& traceback = incident.evidence[0].log->tracebacks[0];
  EXPECT_TRUE(wait_of(traceback, traceback.goroutines[0], incident.symbols).in_once);
}

TEST(NeedsAPeer, HoldsForWaitsThatOnlyAnotherGoroutineEnds) {
  for (const WaitKind kind : {WaitKind::ChanSend, WaitKind::Select, WaitKind::MutexLock, WaitKind::CondWait,
                              WaitKind::WaitGroupWait, WaitKind::SelectNoCases, WaitKind::Semacquire})
    EXPECT_TRUE(needs_a_peer(kind));
  for (const WaitKind kind : {WaitKind::IoWait, WaitKind::Sleep, WaitKind::Running, WaitKind::Runnable,
                              WaitKind::Syscall, WaitKind::RuntimeIdle, WaitKind::None})
    EXPECT_FALSE(needs_a_peer(kind));
}

}  // namespace
}  // namespace gopsy::analyze
