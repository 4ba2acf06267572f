#include "analyze/creator_tree.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "support/log_builder.h"

namespace gopsy::analyze {
namespace {

// "depth:count:descendants first-id" of each row.
std::vector<std::string> tree(const std::vector<test::GoroutineText>& goroutines, bool* by_function = nullptr) {
  auto incident = test::incident_of(test::dump_of(goroutines));
  const auto snapshots = snapshots_of(incident);
  std::vector<std::uint32_t> rows(snapshots[0].traceback->goroutines.size());
  for (std::uint32_t i = 0; i < rows.size(); ++i) rows[i] = i;
  const auto result = creator_tree(snapshots[0], rows);
  if (by_function != nullptr) *by_function = result.by_function;
  std::vector<std::string> lines;
  for (const auto& node : result.nodes)
    lines.push_back(fmt::format("{}:{}:{} {}", node.depth, node.count, node.descendants,
                                snapshots[0].traceback->goroutines[node.first].id));
  return lines;
}

test::GoroutineText child(std::uint64_t id, const std::string& creator, const std::string& frame = "main.work()") {
  return {.id = id, .state = "select", .frames = {frame}, .created_by = creator};
}

using testing::ElementsAre;

TEST(CreatorTree, PutsGoroutinesOfOneGoStatementTogether) {
  EXPECT_THAT(tree({{.id = 1},
                    child(5, "main.serve in goroutine 1"),
                    child(6, "main.serve in goroutine 1"),
                    child(9, "main.load in goroutine 5"),
                    child(10, "main.load in goroutine 6")}),
              ElementsAre("0:1:5 1", "1:2:4 5", "2:2:2 9"));
}

TEST(CreatorTree, HangsThoseWhoseCreatorIsGoneAtTheRootAndCountsTheCreators) {
  auto incident = test::incident_of(test::dump_of({{.id = 1},
                                                   child(5, "main.ask in goroutine 90"),
                                                   child(6, "main.ask in goroutine 91"),
                                                   child(7, "main.ask in goroutine 91")}));
  const auto snapshots = snapshots_of(incident);
  const auto result = creator_tree(snapshots[0], std::vector<std::uint32_t>{0, 1, 2, 3});
  ASSERT_EQ(result.nodes.size(), 2U);
  EXPECT_EQ(result.nodes[0].count, 3U);
  EXPECT_EQ(result.nodes[0].depth, 0U);
  EXPECT_EQ(result.nodes[0].gone, 2U);
}

TEST(CreatorTree, FindsParentsByFunctionBeforeGo1_21) {
  bool by_function = false;
  EXPECT_THAT(tree({{.id = 1, .frames = {"main.serve()", "main.main()"}}, child(5, "main.serve")}, &by_function),
              ElementsAre("0:1:2 1", "1:1:1 5"));
  EXPECT_TRUE(by_function);
}

TEST(CreatorTree, OpensRingsThatADamagedTextHas) {
  EXPECT_THAT(
      tree({child(5, "main.a in goroutine 6"), child(6, "main.b in goroutine 5"), child(7, "main.c in goroutine 7")}),
      testing::SizeIs(3));
}

TEST(CreatorTree, StaysCheapForAChainAsLongAsTheText) {
  std::vector<test::GoroutineText> chain{{.id = 1}};
  for (std::uint64_t id = 2; id <= 20'000; ++id)
    chain.push_back(child(id, fmt::format("main.next in goroutine {}", id - 1)));
  const auto lines = tree(chain);
  ASSERT_THAT(lines, testing::SizeIs(20'000));
  EXPECT_EQ(lines.back(), "19999:1:1 20000");
}

}  // namespace
}  // namespace gopsy::analyze
