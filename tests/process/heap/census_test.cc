#include "process/heap/census.h"

#include <gmock/gmock.h>

#include <map>
#include <string>

#include "analyze/census_growth.h"
#include "support/go_process.h"

namespace gopsy::process {
namespace {

constexpr std::uint64_t kData = 0x500000;
constexpr std::uint64_t kSpans = 0x600000;  // mspan structs, 160 bytes each
constexpr std::uint64_t kList = 0x700000;   // allspans
constexpr std::uint64_t kBitmaps = 0x710000;
constexpr std::uint64_t kTypes = 0x800000;
constexpr std::uint64_t kHeap = 0xc000000000;

/// The heap of a Go 1.26 program, by runtime/mheap.go.
class HeapCensus : public testing::Test {
 protected:
  HeapCensus() {
    memory_.put(kData, std::string(4096, '\0'));
    memory_.put(kSpans, std::string(160 * 64, '\0'));
    memory_.put(kList, std::string(8 * 64, '\0'));
    memory_.put(kBitmaps, std::string(4096, '\0'));
    memory_.put(kTypes, std::string(4096, '\0'));
    memory_.put(kHeap, std::string(1 << 20, '\0'));
    runtime_.memory = &memory_;
    runtime_.layout = runtime_layout(26);
    runtime_.data = {{.start = kData, .end = kData + 4096}};
    runtime_.types = {.start = kTypes, .end = kTypes + 4096};
  }

  struct Row {
    unsigned size_class = 0;
    bool pointers = false;
    std::uint64_t element_size = 0;
    std::uint16_t elements = 0;
    std::uint16_t free_index = 0;
    std::uint64_t pages = 1;
    std::uint8_t state = 1;
    std::uint64_t type = 0;
  };
  // Yields where its pages begin.
  std::uint64_t span(const Row& row, std::string_view bitmap = {}) {
    const std::uint64_t at = kSpans + 160 * count_;
    const std::uint64_t start = kHeap + 0x10000 * count_;
    const std::uint64_t bits = kBitmaps + 64 * count_;
    memory_.put_number(kList + 8 * count_, at);
    memory_.put_number(at + 24, start);
    memory_.put_number(at + 32, row.pages);
    memory_.put_number(at + 48, row.free_index);
    memory_.put_number(at + 50, row.elements);
    memory_.put_number(at + 64, bits);
    memory_.put_number(at + 98, static_cast<std::uint8_t>(row.size_class << 1 | (row.pointers ? 0 : 1)));
    memory_.put_number(at + 99, row.state);
    memory_.put_number(at + 104, row.element_size);
    memory_.put_number(at + 112, start + row.element_size * row.elements);
    memory_.put_number(at + 152, row.type);
    for (std::size_t i = 0; i < bitmap.size(); ++i)
      if (bitmap[i] == '1')
        memory_.put_number(bits + i / 8, static_cast<std::uint8_t>(bits_[count_ * 64 + i / 8] |= 1 << i % 8));
    ++count_;
    header(count_, count_);
    return start;
  }
  void header(std::uint64_t count, std::uint64_t capacity, std::uint64_t list = kList) {
    memory_.put_number(kData + 256, list);
    memory_.put_number(kData + 264, count);
    memory_.put_number(kData + 272, capacity);
  }
  std::uint64_t type(std::uint64_t offset, std::string_view name) {
    memory_.put_number(kTypes + offset + 40, static_cast<std::uint32_t>(offset + 64));
    memory_.put_number(kTypes + offset + 65, static_cast<std::uint8_t>(name.size()));
    for (std::size_t i = 0; i < name.size(); ++i) memory_.put_number(kTypes + offset + 66 + i, name[i]);
    return kTypes + offset;
  }
  model::HeapCensus census(std::size_t largest = 10) {
    auto census = heap_census(runtime_, largest);
    EXPECT_TRUE(census.has_value());
    return census ? *census : model::HeapCensus{};
  }

  test::PieceMemory memory_;
  GoRuntime runtime_;
  std::uint64_t count_ = 0;
  std::map<std::uint64_t, int> bits_;
};

TEST_F(HeapCensus, CountsSlotsBeforeTheFreeIndexAndThoseOfTheBitmapBehindIt) {
  span({.size_class = 5, .pointers = true, .element_size = 64, .elements = 128, .free_index = 10},
       "11111111111110000001");
  span({.size_class = 5, .pointers = true, .element_size = 64, .elements = 128, .free_index = 128});
  const auto census = this->census();
  EXPECT_EQ(census.objects, 10U + 4 + 128);
  EXPECT_EQ(census.bytes, 142U * 64);
  EXPECT_EQ(census.span_bytes, 2U * 8192);
  ASSERT_EQ(census.classes.size(), 1U);
  EXPECT_TRUE(census.classes[0].pointers);
}

TEST_F(HeapCensus, TellsStacksAndDeadSpansFromObjects) {
  span({.size_class = 2, .element_size = 16, .elements = 512, .free_index = 1});
  span({.pages = 4, .state = 2});
  span({.state = 0});
  const auto census = this->census();
  EXPECT_EQ(census.objects, 1U);
  EXPECT_EQ(census.stack_bytes, 4U * 8192);
  EXPECT_EQ(census.free_spans, 1U);
}

TEST_F(HeapCensus, NamesTypesOfObjectsOver512BytesAndOfLargeOnes) {
  const std::uint64_t page = type(0, "main.page");
  const std::uint64_t huge = type(512, "main.huge");
  const std::uint64_t first =
      span({.size_class = 30, .pointers = true, .element_size = 1024, .elements = 8, .free_index = 2});
  memory_.put_number(first, page);
  memory_.put_number(first + 1024, page);
  memory_.put_number(first + 2048, page);  // a free slot: what it held before does not count
  span({.pointers = true, .element_size = 40960, .elements = 1, .free_index = 1, .pages = 5, .type = huge});
  span({.element_size = 81920, .elements = 1, .free_index = 1, .pages = 10});
  const auto census = this->census();
  ASSERT_EQ(census.types.size(), 2U);
  EXPECT_EQ(census.types[0].name, "main.huge");
  EXPECT_EQ(census.types[1].name, "main.page");
  EXPECT_EQ(census.types[1].objects, 2U);
  ASSERT_EQ(census.largest.size(), 2U);
  EXPECT_EQ(census.largest[0].bytes, 81920U);
  EXPECT_FALSE(census.largest[0].pointers);
  EXPECT_EQ(census.largest[1].type, "main.huge");
  EXPECT_EQ(this->census(1).largest.size(), 1U);
}

TEST_F(HeapCensus, CountsWhatItCannotReadInsteadOfGuessing) {
  for (int i = 0; i < 12; ++i) span({.size_class = 2, .element_size = 16, .elements = 512, .free_index = 1});
  memory_.put_number(kList + 8 * 11, std::uint64_t{0xdead0000});
  auto census = this->census();
  EXPECT_EQ(census.unreadable_spans, 1U);
  EXPECT_EQ(census.objects, 11U);
  memory_.put_number(kSpans + 160 * 3 + 64, std::uint64_t{0xdead0000});
  census = this->census();
  EXPECT_EQ(census.unreadable_bitmaps, 1U);
  EXPECT_EQ(census.objects, 10U + 512);
}

TEST_F(HeapCensus, RefusesListsThatAreNone) {
  for (int i = 0; i < 8; ++i) span({.size_class = 2, .element_size = 16, .elements = 512, .free_index = 1});
  header(std::uint64_t{1} << 60, std::uint64_t{1} << 61);
  EXPECT_FALSE(heap_census(runtime_, 1).has_value());
  header(9, 8);
  EXPECT_FALSE(heap_census(runtime_, 1).has_value());
  header(8, 8, kList + 4);
  EXPECT_FALSE(heap_census(runtime_, 1).has_value());
  header(8, 8, ~std::uint64_t{7});
  EXPECT_FALSE(heap_census(runtime_, 1).has_value());
  header(8, 8);
  EXPECT_TRUE(heap_census(runtime_, 1).has_value());
}

TEST_F(HeapCensus, IsNotTakenInByALengthBeyondTheListsMemory) {
  for (int i = 0; i < 64; ++i) span({.size_class = 2, .element_size = 16, .elements = 512, .free_index = 1});
  header(80, 80);  // 16 of them stand where nothing is
  EXPECT_FALSE(heap_census(runtime_, 1).has_value());
}

TEST_F(HeapCensus, FindsTheLayoutOfAnotherVersionWhereItsOwnDoesNotFit) {
  for (int i = 0; i < 8; ++i) span({.size_class = 2, .element_size = 16, .elements = 512, .free_index = 1});
  runtime_.layout = runtime_layout(19);
  const auto list = find_spans(runtime_);
  ASSERT_TRUE(list.has_value());
  EXPECT_FALSE(list->expected_layout);
  EXPECT_EQ(this->census().objects, 8U);
}

TEST(CensusGrowth, SumsWhatCameAndWentByTypeAndBySize) {
  model::HeapCensus before;
  before.objects = 10;
  before.bytes = 1000;
  before.classes = {
      {.object_bytes = 64, .pointers = true, .spans = 1, .span_bytes = 8192, .objects = 10, .bytes = 640}};
  before.types = {{.name = "main.old", .objects = 2, .bytes = 2048}, {.name = "main.same", .objects = 1, .bytes = 600}};
  model::HeapCensus after = before;
  after.objects = 15;
  after.bytes = 900;
  after.classes[0].objects = 15;
  after.classes[0].bytes = 960;
  after.types = {{.name = "main.new", .objects = 3, .bytes = 3072}, {.name = "main.same", .objects = 1, .bytes = 600}};
  const auto growth = analyze::census_growth(before, after);
  EXPECT_EQ(growth.objects, 5);
  EXPECT_EQ(growth.bytes, -100);
  ASSERT_EQ(growth.classes.size(), 1U);
  EXPECT_EQ(growth.classes[0].bytes, 320);
  ASSERT_EQ(growth.types.size(), 2U);
  EXPECT_EQ(growth.types[0].name, "main.new");
  EXPECT_EQ(growth.types[1].name, "main.old");
  EXPECT_EQ(growth.types[1].objects, -2);
}

}  // namespace
}  // namespace gopsy::process
