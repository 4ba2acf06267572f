#include "analyze/goroutine_groups.h"

#include <gmock/gmock.h>

#include <chrono>
#include <ctime>
#include <string>
#include <vector>

#include "support/log_builder.h"

namespace gopsy::analyze {
namespace {

using testing::ElementsAre;
using Ids = std::vector<std::uint64_t>;

std::vector<std::uint32_t> all_rows(const Snapshot& snapshot) {
  std::vector<std::uint32_t> rows(snapshot.traceback->goroutines.size());
  for (std::uint32_t i = 0; i < rows.size(); ++i) rows[i] = i;
  return rows;
}

// The ids of each group, in the order of the groups.
std::vector<Ids> group(std::string_view dump, GroupBy by, bool exact = false, std::string_view label = {}) {
  auto incident = test::incident_of(dump);
  const auto snapshots = snapshots_of(incident);
  const auto rows = all_rows(snapshots[0]);
  const auto groups = group_goroutines(
      snapshots[0], rows, {.by = by, .label = incident.symbols.strings.find(label), .exact = exact}, incident.symbols);
  std::vector<Ids> ids;
  for (const auto& one : groups.groups) {
    ids.emplace_back();
    for (const auto row : one.rows) ids.back().push_back(snapshots[0].traceback->goroutines[row].id);
  }
  return ids;
}

test::GoroutineText goroutine(std::uint64_t id, std::string state, std::string frame,
                              std::string creator = "main.main in goroutine 1") {
  return {.id = id, .state = std::move(state), .frames = {std::move(frame)}, .created_by = std::move(creator)};
}

TEST(GoroutineGroups, PutTheSameStackTogetherWhateverTheArguments) {
  const auto dump =
      test::dump_of({goroutine(5, "select", "main.a(0x1, 0x2?)"), goroutine(6, "chan send", "main.a(0x3, 0x4?)"),
                     goroutine(7, "select", "main.b(0x1)")});
  EXPECT_THAT(group(dump, GroupBy::Stack), ElementsAre(Ids{5, 6}, Ids{7}));
}

TEST(GoroutineGroups, ExactKeepsFreshArgumentsApartAndIgnoresStaleOnes) {
  const auto dump = test::dump_of({goroutine(5, "select", "main.a(0x1, {0x2?, 0x9})"),
                                   goroutine(6, "select", "main.a(0x1, {0x7?, 0x9})"),
                                   goroutine(7, "select", "main.a(0x2, {0x2?, 0x9})")});
  EXPECT_THAT(group(dump, GroupBy::Stack, true), ElementsAre(Ids{5, 6}, Ids{7}));
  EXPECT_THAT(group(dump, GroupBy::Stack), ElementsAre(Ids{5, 6, 7}));
}

TEST(GoroutineGroups, KeepStacksOfOtherCreatorsApart) {
  const auto dump = test::dump_of(
      {goroutine(5, "select", "main.a()"), goroutine(6, "select", "main.a()", "main.other in goroutine 1")});
  EXPECT_THAT(group(dump, GroupBy::Stack), ElementsAre(Ids{5}, Ids{6}));
}

TEST(GoroutineGroups, ByStateSiteAndCreator) {
  const auto dump = test::dump_of({goroutine(5, "select", "main.a()"), goroutine(6, "chan send", "main.a()"),
                                   goroutine(7, "select", "main.b()", "main.other in goroutine 1"),
                                   goroutine(8, "select", "main.a()")});
  EXPECT_THAT(group(dump, GroupBy::State), ElementsAre(Ids{5, 7, 8}, Ids{6}));
  EXPECT_THAT(group(dump, GroupBy::Site), ElementsAre(Ids{5, 8}, Ids{6}, Ids{7}));
  EXPECT_THAT(group(dump, GroupBy::Creator), ElementsAre(Ids{5, 6, 8}, Ids{7}));
}

TEST(GoroutineGroups, ByLabelsAndByOneOfThem) {
  const std::string dump =
      "goroutine 5 [select] {path: /a, tenant: x}:\nmain.a()\n\t/src/a.go:1 +0x1\n\n"
      "goroutine 6 [select] {path: /b, tenant: x}:\nmain.a()\n\t/src/a.go:1 +0x1\n\n"
      "goroutine 7 [select]:\nmain.a()\n\t/src/a.go:1 +0x1\n";
  EXPECT_THAT(group(dump, GroupBy::Label, false, "tenant"), ElementsAre(Ids{5, 6}, Ids{7}));
  EXPECT_THAT(group(dump, GroupBy::Label), ElementsAre(Ids{5}, Ids{6}, Ids{7}));
}

TEST(GoroutineGroups, CountStatesAgesAndMarks) {
  auto incident = test::incident_of(
      test::dump_of({goroutine(5, "select, 3 minutes", "main.a()"), goroutine(6, "select, 9 minutes", "main.a()"),
                     goroutine(7, "chan send, locked to thread", "main.a()")}));
  const auto snapshots = snapshots_of(incident);
  const auto rows = all_rows(snapshots[0]);
  const auto groups = group_goroutines(snapshots[0], rows, {}, incident.symbols);
  ASSERT_EQ(groups.groups.size(), 1U);
  const auto& one = groups.groups[0];
  EXPECT_EQ(one.count, 3U);
  EXPECT_EQ(one.least_minutes, 0U);
  EXPECT_EQ(one.most_minutes, 9U);
  EXPECT_EQ(one.locked, 1U);
  ASSERT_EQ(one.states.size(), 2U);
  EXPECT_EQ(incident.symbols.text(one.states[0].state), "select");
  EXPECT_EQ(one.states[0].count, 2U);
}

TEST(GoroutineGroups, EveryGoroutineStandsInOneGroup) {
  std::vector<test::GoroutineText> texts;
  for (std::uint64_t i = 1; i <= 500; ++i)
    texts.push_back(goroutine(i, i % 3 == 0 ? "select" : "chan send", "main.f" + std::to_string(i % 17) + "()"));
  auto incident = test::incident_of(test::dump_of(texts));
  const auto snapshots = snapshots_of(incident);
  const auto rows = all_rows(snapshots[0]);
  for (const auto by : {GroupBy::Stack, GroupBy::State, GroupBy::Site, GroupBy::Creator, GroupBy::Label}) {
    const auto groups = group_goroutines(snapshots[0], rows, {.by = by, .label = {}}, incident.symbols);
    std::vector<bool> seen(rows.size());
    std::uint64_t count = 0;
    for (const auto& one : groups.groups) {
      count += one.count;
      for (const auto row : one.rows) {
        EXPECT_FALSE(seen[row]);
        seen[row] = true;
      }
    }
    EXPECT_EQ(count, 500U);
  }
}

double cpu_seconds_to_group(std::size_t goroutines) {
  model::Symbols symbols;
  auto traceback = std::make_shared<model::Traceback>();
  const StringId state = symbols.intern("select");
  for (std::uint32_t i = 0; i < goroutines; ++i) {
    model::Goroutine goroutine{.id = i + 1,
                               .state = state,
                               .first_frame = static_cast<std::uint32_t>(traceback->frames.size()),
                               .frame_count = 4};
    // Half of them alike, half all different: both long buckets and many buckets must stay cheap.
    for (std::uint32_t f = 0; f < 4; ++f)
      traceback->frames.push_back({.function = StringId{f + 1}, .line = i % 2 == 0 ? 1 : i});
    traceback->goroutines.push_back(goroutine);
  }
  Snapshot snapshot{.traceback = traceback.get(), .made = traceback};
  snapshot.facts.resize(goroutines);
  const auto rows = all_rows(snapshot);
  double best = 1e9;
  for (int round = 0; round < 3; ++round) {
    const auto start = std::clock();
    const auto groups = group_goroutines(snapshot, rows, {}, symbols);
    EXPECT_EQ(groups.groups.size(), goroutines / 2);
    best = std::min(best, static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
  }
  return best;
}

TEST(GoroutineGroups, CostGrowsWithTheNumberOfGoroutinesAndNotWithItsSquare) {
  const double once = cpu_seconds_to_group(50'000);
  const double eight_times = cpu_seconds_to_group(400'000);
  // Eight times as many: linear is 8 and some cache misses, quadratic would be 64.
  EXPECT_LT(eight_times, once * 24 + 0.05);
}

}  // namespace
}  // namespace gopsy::analyze
