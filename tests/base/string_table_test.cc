#include "base/string_table.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "base/format.h"

namespace gopsy {
namespace {

TEST(StringTable, GivesEqualTextsEqualIds) {
  StringTable table;
  EXPECT_EQ(table.intern("a"), table.intern("a"));
  EXPECT_NE(table.intern("a"), table.intern("b"));
  EXPECT_EQ(table.find("b"), table.intern("b"));
  EXPECT_TRUE(table.intern("").none());
}

TEST(StringTable, AppendsATextWithoutALookAtTheOthers) {
  StringTable table;
  const StringId first = table.append("a");
  const StringId second = table.append("a");
  EXPECT_NE(first, second);
  EXPECT_EQ(table.text(first), table.text(second));
  EXPECT_TRUE(table.find("a").none()) << "appended texts are not found";
  EXPECT_NE(table.intern("a"), first);
  EXPECT_TRUE(table.append("").none());
}

TEST(StringTable, FindsInternedTextsAmongManyAppendedOnes) {
  StringTable table;
  std::vector<StringId> interned;
  for (int i = 0; i < 5000; ++i) {
    interned.push_back(table.intern(fmt::format("name {}", i)));
    for (int copy = 0; copy < 3; ++copy) table.append(fmt::format("args {}", i));
  }
  for (int i = 0; i < 5000; ++i)
    ASSERT_EQ(table.find(fmt::format("name {}", i)), interned[static_cast<std::size_t>(i)]);
  EXPECT_EQ(table.size(), 20'001U);
}

}  // namespace
}  // namespace gopsy
