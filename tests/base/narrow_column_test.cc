#include "base/narrow_column.h"

#include <gmock/gmock.h>

#include <cstdint>
#include <ranges>
#include <type_traits>
#include <vector>

namespace gopsy {
namespace {

using testing::ElementsAre;
using Column = NarrowColumn<std::uint16_t, std::uint32_t>;

bool is_narrow(const Column& column) {
  return column.all().with_span([](auto numbers) { return sizeof(numbers[0]) == 2; });
}

TEST(NarrowColumn, TakesTwoBytesANumberUntilOneDoesNotFitThenFourForAll) {
  Column column{1, 65'535};
  EXPECT_TRUE(is_narrow(column));
  column.push_back(65'536);
  column.push_back(2);
  EXPECT_FALSE(is_narrow(column));
  EXPECT_THAT(column, ElementsAre(1, 65'535, 65'536, 2));
}

TEST(NarrowColumn, WidensWhenANumberThatIsThereBecomesTooLarge) {
  Column column{1, 2, 3};
  column.set(1, 70'000);
  EXPECT_THAT(column, ElementsAre(1, 70'000, 3));
  column.set(1, 4);
  EXPECT_THAT(column, ElementsAre(1, 4, 3));
}

TEST(NarrowColumn, FillsStraightIntoItsMemoryByTheHighestNumberThatMayCome) {
  const auto three = [](auto* at) {
    for (const int number : {7, 8, 9}) *at++ = static_cast<std::remove_pointer_t<decltype(at)>>(number);
    return at;
  };
  Column column{5};
  column.fill(100, 65'535, three);
  EXPECT_TRUE(is_narrow(column));
  column.fill(100, 65'536, three);
  EXPECT_FALSE(is_narrow(column));
  EXPECT_THAT(column, ElementsAre(5, 7, 8, 9, 7, 8, 9));
}

TEST(NarrowColumn, ViewsReadLikeSpansWhateverTheWidth) {
  Column column{1, 2, 3, 4};
  for (int round = 0; round < 2; ++round) {
    const auto view = column.view(1, 3);
    EXPECT_THAT(view, ElementsAre(2, 3, 4));
    EXPECT_THAT(std::vector<std::uint32_t>(view.rbegin(), view.rend()), ElementsAre(4, 3, 2));
    EXPECT_EQ(view[2], 4);
    EXPECT_TRUE(column.view(4, 0).empty());
    column.set(0, 100'000);
  }
}

TEST(NarrowColumn, AppendsShrinksAndCopies) {
  Column column;
  for (std::uint32_t i = 0; i < 1000; ++i) column.push_back(i);
  const Column copy = column;
  column.shrink(2);
  column.append(std::views::reverse(std::vector<std::uint32_t>{8, 90'000}));
  column.append(copy.view(998, 2));
  EXPECT_THAT(column, ElementsAre(0, 1, 90'000, 8, 998, 999));
  EXPECT_EQ(copy.size(), 1000);
  EXPECT_EQ(copy.back(), 999);
  EXPECT_TRUE(is_narrow(copy));
}

}  // namespace
}  // namespace gopsy
