#include "analyze/overflow.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "support/golden.h"
#include "support/log_builder.h"

namespace gopsy::analyze {
namespace {

constexpr std::string_view kLead =
    "runtime: goroutine stack exceeds 1000000000-byte limit\nruntime: sp=0xc020160390 stack=[0xc020160000, "
    "0xc040160000]\nfatal error: stack overflow\n\n";

struct Result {
  model::Incident incident;
  std::vector<Crash> crashes;
  Overflow overflow;

  [[nodiscard]] std::vector<std::string> cycle() const {
    std::vector<std::string> names;
    for (const auto* frame : overflow.cycle) names.emplace_back(incident.symbols.text(frame->function));
    return names;
  }
};

Result overflow(const std::string& log) {
  Result result{.incident = test::incident_of(log), .crashes = {}, .overflow = {}};
  result.crashes = crashes_of(result.incident);
  result.overflow = overflow_of(result.crashes.at(0));
  return result;
}

// `rounds` times the functions of `round`, then the outer part.
std::string stack(const std::vector<std::string>& round, int rounds, const std::vector<std::string>& outer) {
  std::string text(kLead);
  text += "goroutine 1 [running]:\n";
  for (int i = 0; i < rounds; ++i)
    for (std::size_t f = 0; f < round.size(); ++f)
      text += fmt::format("{}()\n\t/src/a.go:{} +0x1d\n", round[f], 10 + f);
  for (const auto& function : outer) text += fmt::format("{}()\n\t/src/a.go:99 +0x1d\n", function);
  return text;
}

TEST(OverflowOf, NamesTheCycleInCallOrderFromTheFunctionThatWasEntered) {
  const auto result = overflow(stack({"main.c", "main.b", "main.a"}, 5, {"main.start", "main.main"}));
  EXPECT_THAT(result.cycle(), testing::ElementsAre("main.a", "main.b", "main.c"));
  ASSERT_NE(result.overflow.entry, nullptr);
  EXPECT_EQ(result.incident.symbols.text(result.overflow.entry->function), "main.start");
  EXPECT_EQ(result.overflow.limit_bytes, 1'000'000'000U);
  EXPECT_EQ(result.overflow.frames, 17U);
}

TEST(OverflowOf, NeedsThreeRounds) {
  EXPECT_TRUE(overflow(stack({"main.b", "main.a"}, 2, {"main.main"})).overflow.cycle.empty());
  EXPECT_EQ(overflow(stack({"main.b", "main.a"}, 3, {"main.main"})).overflow.cycle.size(), 2U);
}

TEST(OverflowOf, CountsElidedFramesSince1_21) {
  std::string log = stack({"main.f"}, 50, {});
  log += "...5921256 frames elided...\n";
  for (int i = 0; i < 48; ++i) log += "main.f()\n\t/src/a.go:10 +0x1d\n";
  log += "main.main()\n\t/src/a.go:99 +0x1d\n";
  const auto result = overflow(log);
  EXPECT_TRUE(result.overflow.frames_known);
  EXPECT_EQ(result.overflow.frames, 5921256U + 99U);
  EXPECT_EQ(result.overflow.rounds, result.overflow.frames);
  EXPECT_EQ(result.incident.symbols.text(result.overflow.entry->function), "main.main");
}

TEST(OverflowOf, EstimatesTheDepthFromTheLimitWhereTheCountIsMissing) {
  std::string log(kLead);
  log += "goroutine 1 [running]:\n";
  for (unsigned i = 0; i < 100; ++i)
    log += fmt::format("main.f(...)\n\t/src/a.go:10 +0x1d fp={0:#x} sp={0:#x} pc=0x49f000\n", 0xc020160000U + i * 272U);
  log += "...additional frames elided...\n";
  const auto result = overflow(log);
  EXPECT_FALSE(result.overflow.frames_known);
  EXPECT_EQ(result.overflow.bytes_per_round, 272U);
  EXPECT_EQ(result.overflow.rounds, 1'000'000'000U / 272U);
  EXPECT_EQ(result.overflow.entry, nullptr);
}

TEST(OverflowOf, ASignalHeaderWithoutStackHasNoCycle) {
  const auto result = overflow(std::string(kLead));
  EXPECT_TRUE(result.overflow.cycle.empty());
  EXPECT_EQ(result.overflow.first, nullptr);
}

TEST(OverflowOf, ReadsTheRecordedOverflowsOfEveryVersion) {
  for (const std::string_view version : {"go1.19", "go1.23", "go1.26", "go1.27"}) {
    const auto result =
        overflow(test::read_file(test::source_path(fmt::format("tests/corpus/crash/{}/fatals_stack.txt", version))));
    EXPECT_THAT(result.cycle(), testing::UnorderedElementsAre("main.even", "main.odd", "main.third")) << version;
    EXPECT_GT(result.overflow.frames, 1'000'000U) << version;
  }
}

}  // namespace
}  // namespace gopsy::analyze
