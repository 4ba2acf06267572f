#include "analyze/blocked_sites.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "support/log_builder.h"

namespace gopsy::analyze {
namespace {

using test::GoroutineText;

GoroutineText sender(std::uint64_t id, std::uint64_t creator) {
  return {.id = id,
          .state = "chan send",
          .frames = {"main.fetch.func1()"},
          .created_by = fmt::format("main.fetch in goroutine {}", creator)};
}

struct Places {
  model::Incident incident;
  std::vector<BlockedPlace> places;
};

Places places_of(const std::vector<GoroutineText>& goroutines) {
  Places result{.incident = test::incident_of(test::dump_of(goroutines)), .places = {}};
  result.places = blocked_places(result.incident);
  return result;
}

const GoroutineText kMain{.id = 1, .state = "IO wait", .frames = {"main.main()"}, .created_by = ""};

TEST(BlockedPlaces, GroupByKindOfWaitAndLine) {
  const auto result = places_of({kMain,
                                 sender(20, 9),
                                 sender(40, 9),
                                 {.id = 50,
                                  .state = "chan receive",
                                  .frames = {"main.fetch.func1()"},
                                  .created_by = "main.fetch in goroutine 9"}});
  ASSERT_EQ(result.places.size(), 2U);
  EXPECT_EQ(result.places[0].largest().goroutines.size(), 2U);
  EXPECT_EQ(result.places[0].largest().wait, model::WaitKind::ChanSend);
}

TEST(BlockedPlaces, LeaveOutGoroutinesThatNeedNoPeer) {
  EXPECT_TRUE(places_of({kMain, {.id = 7, .state = "sleep", .created_by = "main.main in goroutine 1"}}).places.empty());
}

TEST(BlockedPlaces, NameTheProgramSLineAboveTheLibraryS) {
  const auto result = places_of({{.id = 7,
                                  .state = "select",
                                  .frames = {"context.wait()", "net/http.(*Client).Do(...)", "main.poll()"},
                                  .created_by = "main.main in goroutine 1"}});
  ASSERT_EQ(result.places.size(), 1U);
  EXPECT_EQ(result.incident.symbols.text(result.places[0].largest().place.function), "main.poll");
}

TEST(Orphans, AreThoseWhoseCreatorIsGone) {
  EXPECT_EQ(places_of({kMain, sender(20, 9), sender(40, 9)}).places[0].largest().orphans, 2U);
}

TEST(Orphans, AreNotThoseWhoseCreatorIsStillInTheCall) {
  const GoroutineText creator{.id = 9,
                              .state = "chan receive",
                              .frames = {"main.fetch()", "main.serve()"},
                              .created_by = "main.main in goroutine 1"};
  EXPECT_EQ(places_of({kMain, creator, sender(20, 9), sender(40, 9)}).places[0].largest().orphans, 0U);
}

TEST(Orphans, AreThoseWhoseCreatorDoesSomethingElseNow) {
  const GoroutineText creator{
      .id = 9, .state = "chan receive", .frames = {"main.serve()"}, .created_by = "main.main in goroutine 1"};
  const auto result = places_of({kMain, creator, sender(20, 9), sender(40, 9)});
  EXPECT_EQ(result.places[0].largest().orphans, 2U);
}

TEST(Orphans, AreToldByTheFunctionAloneBefore1_21) {
  GoroutineText old = sender(20, 9);
  old.created_by = "main.fetch";
  EXPECT_EQ(places_of({kMain, old}).places[0].largest().orphans, 1U);
  const GoroutineText creator{.id = 9, .state = "runnable", .frames = {"main.fetch()"}, .created_by = "main.main"};
  EXPECT_EQ(places_of({kMain, creator, old}).places[0].largest().orphans, 0U);
}

TEST(Orphans, AreNeverTheMainGoroutine) {
  EXPECT_EQ(places_of({{.id = 1, .state = "chan send", .created_by = ""}}).places[0].largest().orphans, 0U);
}

TEST(OneBatch, IsARangeOfIdsNotMuchWiderThanItsGoroutines) {
  const auto batch = [](std::uint64_t step) {
    std::vector<GoroutineText> goroutines{kMain};
    for (std::uint64_t i = 0; i < 8; ++i) goroutines.push_back(sender(100 + step * i, 9));
    return places_of(goroutines).places[0].largest().one_batch();
  };
  EXPECT_TRUE(batch(1));
  EXPECT_TRUE(batch(3));   // 8 goroutines over 21 ids: a P's 16 more are allowed
  EXPECT_FALSE(batch(4));  // 28 ids
}

TEST(Leaked, CountsTheRuntimeSMarks) {
  GoroutineText leaked = sender(20, 9);
  leaked.state = "chan send (leaked)";
  EXPECT_EQ(places_of({kMain, leaked, sender(60, 9)}).places[0].largest().leaked, 1U);
}

TEST(BlockedPlaces, JoinDumpsAndKeepThemApartByInput) {
  model::Incident incident = test::incident_of(test::dump_of({kMain, sender(20, 9)}));
  auto second = decode::kCrashLog.decode(test::dump_of({kMain, sender(20, 9), sender(70, 9)}), incident.symbols);
  ASSERT_TRUE(second);
  second->path = "later.log";
  incident.evidence.push_back(std::move(*second));
  const auto places = blocked_places(incident);
  ASSERT_EQ(places.size(), 1U);
  ASSERT_EQ(places[0].sites.size(), 2U);
  EXPECT_EQ(places[0].largest().evidence->path, "later.log");
}

}  // namespace
}  // namespace gopsy::analyze
