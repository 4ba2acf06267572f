#include "analyze/argument_ring.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "analyze/overflow.h"
#include "support/log_builder.h"

namespace gopsy::analyze {
namespace {

// The ring of a recursion main.walk(ARGUMENT) whose arguments are `values`, innermost first, over and over.
std::vector<std::uint64_t> ring_of(const std::vector<std::string>& values, std::size_t frames) {
  std::string log = "fatal error: stack overflow\n\ngoroutine 1 [running]:\n";
  for (std::size_t i = 0; i < frames; ++i)
    log += fmt::format("main.walk({})\n\t/src/a.go:10 +0x1d\n", values[i % values.size()]);
  log += "main.main()\n\t/src/a.go:99 +0x1d\n";
  const auto incident = test::incident_of(log);
  const auto crashes = crashes_of(incident);
  const Overflow overflow = overflow_of(crashes.at(0));
  return overflow.ring.frame == nullptr ? std::vector<std::uint64_t>{} : overflow.ring.values;
}

TEST(ArgumentRing, IsSeenWherePointersTakeTurns) {
  EXPECT_THAT(ring_of({"0xc000010000", "0xc000020000"}, 50), testing::UnorderedElementsAre(0xc000010000, 0xc000020000));
}

TEST(ArgumentRing, IsNotSeenWhereEveryFrameHasAnotherPointer) {
  std::vector<std::string> values;
  for (unsigned i = 0; i < 50; ++i) values.push_back(fmt::format("{:#x}", 0xc000010000U + 64U * i));
  EXPECT_THAT(ring_of(values, 50), testing::IsEmpty());
}

TEST(ArgumentRing, TrustsNoValueWithAQuestionMark) {
  EXPECT_THAT(ring_of({"0xc000010000?", "0xc000020000?"}, 50), testing::IsEmpty());
}

}  // namespace
}  // namespace gopsy::analyze
