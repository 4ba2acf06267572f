#include "analyze/narrow.h"

#include <gmock/gmock.h>

#include <ranges>

#include "analyze/flame_graph.h"
#include "analyze/stacks.h"
#include "support/profile_builder.h"
#include "support/stacks_of_text.h"

namespace gopsy::analyze {
namespace {

using model::Profile;

// One location a name, in order; samples as (path of locations, weight).
struct Tree {
  model::Symbols symbols;
  Profile profile;

  explicit Tree(std::uint32_t locations) {
    profile.types.push_back({.type = symbols.intern("samples"), .unit = symbols.intern("count")});
    for (std::uint32_t i = 0; i < locations; ++i) {
      profile.functions.push_back({.name = symbols.intern("f" + std::to_string(i))});
      profile.lines.push_back({.function = i});
      profile.locations.push_back({.first_line = i, .line_count = 1});
    }
  }

  void sample(const std::vector<std::uint32_t>& path, std::int64_t weight) {
    profile.stack_locations.append(std::views::reverse(path));
    profile.stack_start.push_back(profile.stack_locations.size());
    profile.values.push_back(weight);
    profile.label_start.push_back(0);
  }
};

TEST(NarrowStacks, ASmallTreeIsLeftAlone) {
  Tree tree(3);
  tree.sample({0, 1, 2}, 5);
  EXPECT_TRUE(wide_ancestors(tree.profile, stack_tree(tree.profile), 0, 4).empty());
}

TEST(NarrowStacks, LightBranchesEndInAMarkerAndSumsStayWhole) {
  Tree tree(6);
  tree.sample({0, 1, 2}, 100);
  tree.sample({0, 1, 3}, 1);
  tree.sample({0, 4}, 1);
  tree.sample({5}, 1);
  const auto stacks = stacks_of(tree.profile, "", 4, tree.symbols);
  ASSERT_TRUE(stacks);
  const auto graph = flame_graph(*stacks, {}, tree.symbols);
  ASSERT_TRUE(graph);
  EXPECT_EQ(test::outline(*graph, tree.symbols),
            "all 103/0\n [narrow stacks] 1/1\n f0 102/0\n  [narrow stacks] 1/1\n  f1 101/0\n   [narrow stacks] 1/1\n   "
            "f2 100/100\n");
}

TEST(NarrowStacks, NegativeAndSaturatedSumsDoNotTearTheTree) {
  Tree tree(4);
  tree.sample({0, 1}, INT64_MAX);
  tree.sample({0, 2}, INT64_MAX);
  tree.sample({0, 2, 3}, -5);
  tree.sample({3}, -5);
  const auto wide = wide_ancestors(tree.profile, stack_tree(tree.profile), 0, 2);
  for (std::uint32_t n = 1; n < wide.size(); ++n) EXPECT_LE(wide[n], n);
  EXPECT_TRUE(stacks_of(tree.profile, "", 2, tree.symbols));
}

}  // namespace
}  // namespace gopsy::analyze
