#include "process/trace_buffers.h"

#include <gmock/gmock.h>

#include "process/core.h"
#include "support/core_builder.h"

namespace gopsy::process {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr std::uint64_t kAt = 0x7f0000000000;
constexpr std::size_t kBuffer = 65536;

// A buffer of generation 3 and thread 7 with `events` in it; its size filled in if it has ended.
std::string buffer(std::uint64_t time, std::string_view events, bool ended, std::uint64_t link = 0) {
  std::string batch("\x01\x03\x07", 3);
  batch += static_cast<char>(time);
  const std::size_t size_at = batch.size();
  batch += std::string(10, '\0');
  if (ended) {
    for (std::size_t i = 0; i < 10; ++i) batch[size_at + i] = static_cast<char>(i < 9 ? 0x80 : 0);
    batch[size_at] = static_cast<char>(0x80 | events.size());
  }
  batch += events;
  return test::Words().u64(link).u64(99).u64(batch.size()).u64(size_at).bytes(batch).pad_to(kBuffer).text();
}

std::vector<TraceBuffer> found_in(const std::string& memory) {
  test::ElfBuilder core;
  core.load(kAt, memory);
  const std::string bytes = core.build();
  const auto image = read_core(bytes, {.executable = {.look = false}});
  EXPECT_TRUE(image);
  return find_trace_buffers(*image->memory);
}

TEST(TraceBuffers, AreFoundAtAnyPageWithTheirSizesFilledIn) {
  const std::string page(4096, 'x');
  const auto found = found_in(page + buffer(9, "later", false, kAt) + page + buffer(5, "sooner", true));
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found[0].time, 5);
  EXPECT_EQ(found[0].address, kAt + 2 * 4096 + kBuffer);
  EXPECT_TRUE(found[0].ended);
  EXPECT_EQ(found[1].generation, 3);
  EXPECT_EQ(found[1].thread, 7);
  EXPECT_FALSE(found[1].ended);
  EXPECT_EQ(found[1].bytes, std::string("\x01\x03\x07\x09\x85\x80\x80\x80\x80\x80\x80\x80\x80\x00later", 19));
}

TEST(TraceBuffers, AreNotSeenInOtherMemory) {
  const std::string good = buffer(5, "events", true);
  EXPECT_THAT(found_in(good), SizeIs(1));
  for (const std::size_t at : {0uz, 18uz, 24uz, 32uz, 35uz}) {  // link, pos, lenPos, the kind of batch, its time
    std::string other = good;
    other[at] = static_cast<char>(other[at] ^ 0x80);
    EXPECT_THAT(found_in(other), IsEmpty()) << at;
  }
  EXPECT_THAT(found_in(std::string(kBuffer, '\0')), IsEmpty());
  EXPECT_THAT(found_in(std::string(kBuffer, '\x01')), IsEmpty());
}

TEST(TraceBuffers, CutByTheEndOfTheCoreAreLeftOut) {
  const std::string whole = buffer(5, std::string(100, 'e'), true);
  for (const std::size_t size : {31uz, 40uz, 100uz, 140uz})
    EXPECT_THAT(found_in(whole.substr(0, size)), IsEmpty()) << size;
  EXPECT_THAT(found_in(whole.substr(0, 32 + 14 + 100)), SizeIs(1));
}

TEST(TraceBuffers, OnTopOfEachOtherAreOne) {
  std::string nested = buffer(5, std::string(40'000, '\0'), false);
  nested.replace(4096, 100, buffer(6, "inner", true).substr(0, 100));
  EXPECT_THAT(found_in(nested), SizeIs(1));
}

}  // namespace
}  // namespace gopsy::process
