#include "analyze/depth_outliers.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "support/log_builder.h"

namespace gopsy::analyze {
namespace {

DepthOutliers outliers(const std::vector<test::GoroutineText>& goroutines, model::Incident& incident) {
  incident = test::incident_of(test::dump_of(goroutines));
  return depth_outliers(snapshots_of(incident)[0]);
}

std::vector<test::GoroutineText> with_one_of(std::size_t frames) {
  std::vector<test::GoroutineText> goroutines;
  for (std::uint64_t id = 1; id <= 5; ++id)
    goroutines.push_back({.id = id, .state = "select", .created_by = "main.main in goroutine 1"});
  test::GoroutineText deep{.id = 9, .state = "select", .frames = {}, .created_by = "main.main in goroutine 1"};
  for (std::size_t i = 0; i < frames; ++i) deep.frames.push_back(i % 2 == 0 ? "main.visit()" : "main.walk()");
  goroutines.push_back(deep);
  return goroutines;
}

TEST(DepthOutliers, AreToldFromAHundredFramesOn) {
  model::Incident incident;
  EXPECT_EQ(outliers(with_one_of(99), incident).count, 0U);
  const auto found = outliers(with_one_of(100), incident);
  ASSERT_EQ(found.count, 1U);
  EXPECT_EQ(found.deepest[0].goroutine->id, 9U);
  EXPECT_EQ(found.deepest[0].cycle.period, 2U);
}

TEST(DepthOutliers, AreNotWhatAllGoroutinesAre) {
  std::vector<test::GoroutineText> goroutines;
  for (std::uint64_t id = 1; id <= 30; ++id) {
    goroutines.push_back(with_one_of(100 + id).back());
    goroutines.back().id = id;
  }
  model::Incident incident;
  EXPECT_EQ(outliers(goroutines, incident).count, 0U);
}

TEST(DepthOutliers, CountTheFramesThatTheRuntimeLeftOut) {
  model::Incident incident = test::incident_of(
      "goroutine 1 [select]:\nmain.main()\n\t/src/main.go:1 +0x1\n\ngoroutine 2 "
      "[select]:\nmain.main()\n\t/src/main.go:1 +0x1\n\n"
      "goroutine 3 [select]:\nmain.walk()\n\t/src/main.go:1 +0x1\n...5000 frames "
      "elided...\nmain.main()\n\t/src/main.go:1 +0x1\n");
  const auto found = depth_outliers(snapshots_of(incident)[0]);
  ASSERT_EQ(found.count, 1U);
  EXPECT_EQ(found.deepest[0].depth, 5002U);
}

}  // namespace
}  // namespace gopsy::analyze
