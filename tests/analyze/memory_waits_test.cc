#include "analyze/memory_waits.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace gopsy::analyze {
namespace {

using model::WaitFacts;
using model::WaitObject;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Facts {
 public:
  Facts& lock(std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i)
      facts_.objects.push_back({.kind = WaitObject::Kind::Mutex, .address = 0x1000 + i, .known = true, .locked = true});
    return *this;
  }
  Facts& waits(std::uint32_t goroutine, std::uint32_t object) {
    facts_.edges.push_back({.goroutine = goroutine, .object = object});
    return *this;
  }
  Facts& has(std::uint32_t goroutine, std::uint32_t object) {
    facts_.holds.push_back({.goroutine = goroutine, .object = object, .confidence = 0.97});
    return *this;
  }
  // Each ring as its goroutines, from the smallest on.
  std::vector<std::vector<std::uint32_t>> rings() {
    std::ranges::stable_sort(facts_.edges, {}, &model::WaitEdge::goroutine);
    std::ranges::stable_sort(facts_.holds, {}, &model::LockHold::object);
    std::vector<std::vector<std::uint32_t>> result;
    for (const auto& ring : wait_rings(facts_)) {
      auto& row = result.emplace_back();
      for (std::size_t i = 0; i < ring.size(); ++i) {
        row.push_back(ring[i].goroutine);
        EXPECT_EQ(facts_.holds[ring[i].hold].object, ring[i].object);
        EXPECT_EQ(facts_.holds[ring[i].hold].goroutine, ring[(i + 1) % ring.size()].goroutine);
      }
      std::rotate(row.begin(), std::ranges::min_element(row), row.end());
    }
    return result;
  }

 private:
  WaitFacts facts_;
};

TEST(WaitRings, FindTwoThatWaitForEachOther) {
  EXPECT_THAT(Facts().lock(2).has(1, 0).has(2, 1).waits(1, 1).waits(2, 0).rings(), ElementsAre(ElementsAre(1, 2)));
}

TEST(WaitRings, FindOneThatWaitsForItself) {
  EXPECT_THAT(Facts().lock(1).has(3, 0).waits(3, 0).rings(), ElementsAre(ElementsAre(3)));
}

TEST(WaitRings, FindNoneInAQueue) {
  EXPECT_THAT(Facts().lock(2).has(1, 0).has(2, 1).waits(2, 0).waits(3, 1).waits(4, 1).rings(), IsEmpty());
}

TEST(WaitRings, FindARingBehindOneOfSeveralReaders) {
  EXPECT_THAT(Facts().lock(2).has(5, 0).has(6, 0).has(7, 0).has(1, 1).waits(1, 0).waits(6, 1).rings(),
              ElementsAre(ElementsAre(1, 6)));
}

TEST(WaitRings, FindTheRingThatAQueueLeadsTo) {
  EXPECT_THAT(Facts().lock(3).has(1, 0).has(2, 1).has(3, 2).waits(0, 0).waits(1, 1).waits(2, 2).waits(3, 1).rings(),
              ElementsAre(ElementsAre(2, 3)));
}

// The first to come to a lock is not the one in the ring.
TEST(WaitRings, FindARingThroughALockThatOthersCameToBefore) {
  EXPECT_THAT(Facts().lock(2).has(1, 0).has(2, 1).waits(0, 1).waits(1, 1).waits(2, 0).rings(),
              ElementsAre(ElementsAre(1, 2)));
}

TEST(WaitRings, TellEachOfTwo) {
  EXPECT_THAT(Facts().lock(3).has(1, 0).has(2, 1).has(3, 2).waits(1, 1).waits(2, 0).waits(3, 2).rings(), SizeIs(2));
}

TEST(WaitRings, AreFoundInTimeThatGrowsWithTheEdges) {
  constexpr std::uint32_t kMany = 200'000;
  Facts facts;
  facts.lock(2);
  for (std::uint32_t i = 0; i < kMany; ++i) facts.waits(i, 0).has(i, 0);
  EXPECT_THAT(facts.rings(), SizeIs(testing::Ge(1U)));
}

}  // namespace
}  // namespace gopsy::analyze
