#include "analyze/trace/creation_tree.h"

#include <gtest/gtest.h>

#include "support/trace_story.h"

namespace gopsy::analyze {
namespace {

using enum model::TraceType;
using model::GoState;
using model::TraceTree;
using testing_support::Story;

TraceTree tree_of(const Story& story, TraceRange range = {}) {
  CreationTree part;
  model::Symbols symbols;
  story.play(part, symbols, range, 2);
  return part.take();
}

Story family() {
  return Story()
      .at(100, GoStatus, 1, GoState::Undetermined, GoState::Running, 1)
      .at(200, GoCreate, 2, GoState::NotExist, GoState::Runnable, 1)
      .at(250, GoStart, 2, GoState::Runnable, GoState::Running, 2)
      .at(1200, GoDestroy, 2, GoState::Running, GoState::NotExist, 2)
      .at(1300, GoCreate, 3, GoState::NotExist, GoState::Runnable, 1)
      .mark(1400, HeapAlloc, 1);
}

TEST(CreationTree, PutsGoroutinesOfOneStatementTogether) {
  const TraceTree tree = tree_of(family());
  ASSERT_EQ(tree.nodes.size(), 2U);
  EXPECT_EQ(tree.created, 2U);
  EXPECT_EQ(tree.nodes[0].found, 1U);
  EXPECT_EQ(tree.nodes[0].descendants, 2U);
  EXPECT_EQ(tree.nodes[1].depth, 1U);
  EXPECT_EQ(tree.nodes[1].created, 2U);
  EXPECT_EQ(tree.nodes[1].alive, 1U);
  EXPECT_NEAR(static_cast<double>(tree.nodes[1].median_life_ns), 1000, 130);
}

TEST(CreationTree, CountsInARangeOfTimeWhatIsCreatedInIt) {
  const TraceTree tree = tree_of(family(), {.from_ns = 900, .to_ns = INT64_MAX});
  EXPECT_EQ(tree.created, 1U);
  ASSERT_EQ(tree.nodes.size(), 2U);
  EXPECT_EQ(tree.nodes[1].created, 1U);
  EXPECT_EQ(tree.nodes[1].found, 1U);
  EXPECT_EQ(tree.nodes[1].alive, 1U);
}

TEST(CreationTree, PutsOneThatCreatesSuchAsItselfWithItself) {
  Story story;
  story.at(100, GoCreate, 2, GoState::NotExist, GoState::Runnable, 0, 0, 2);
  for (int i = 0; i < 100; ++i) {
    const std::uint32_t parent = i % 2 == 0 ? 2 : 3;
    const std::uint32_t child = 5 - parent;
    const std::int64_t now = 200 + (10 * i);
    story.at(now, GoStart, parent, GoState::Runnable, GoState::Running, parent)
        .at(now + 1, GoCreate, child, GoState::NotExist, GoState::Runnable, parent, 0, 2)
        .at(now + 2, GoDestroy, parent, GoState::Running, GoState::NotExist, parent);
  }
  const TraceTree tree = tree_of(story);
  EXPECT_EQ(tree.created, 101U);
  ASSERT_EQ(tree.nodes.size(), 1U);
  EXPECT_TRUE(tree.nodes[0].again);
  EXPECT_EQ(tree.nodes[0].created, 101U);
}

}  // namespace
}  // namespace gopsy::analyze
