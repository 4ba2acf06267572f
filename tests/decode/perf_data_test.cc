#include "decode/perf/perf_data.h"

#include <gmock/gmock.h>

#include <string>

#include "decode/perf/address_spaces.h"
#include "support/golden.h"
#include "support/profile_text.h"

namespace gopsy::decode {
namespace {

using testing::HasSubstr;

std::string golden(const char* name) {
  return test::decoded_text(kPerfData, test::golden_input(std::string("decode/perf-data/") + name));
}

TEST(AddressSpaces, LetLaterMappingsCutEarlierOnes) {
  AddressSpaces spaces;
  const auto file = [&](std::uint64_t address) {
    const PerfMap* const map = spaces.find(1, address);
    return map == nullptr ? -1 : static_cast<int>(map->file.value * 1000 + map->offset + address - map->start);
  };
  spaces.map(1, {.start = 100, .limit = 200, .offset = 0, .file = StringId{1U}, .build_id = {}});
  spaces.map(1, {.start = 130, .limit = 140, .offset = 500, .file = StringId{2U}, .build_id = {}});
  EXPECT_EQ(file(129), 1029);
  EXPECT_EQ(file(135), 2505);
  EXPECT_EQ(file(140), 1040);
  EXPECT_EQ(file(199), 1099);
  EXPECT_EQ(file(200), -1);
  spaces.map(1, {.start = 90, .limit = 150, .offset = 0, .file = StringId{3U}, .build_id = {}});
  EXPECT_EQ(file(149), 3059);
  EXPECT_EQ(file(150), 1050);
  spaces.map(1, {.start = 90, .limit = 90, .offset = 0, .file = StringId{4U}, .build_id = {}});
  EXPECT_EQ(file(90), 3000);
}

TEST(AddressSpaces, GiveForkedProcessesWhatTheyCameFrom) {
  AddressSpaces spaces;
  spaces.map(1, {.start = 100, .limit = 200, .offset = 0, .file = StringId{1U}, .build_id = {}});
  spaces.fork(2, 1);
  spaces.fork(3, 2);
  spaces.map(3, {.start = 150, .limit = 160, .offset = 0, .file = StringId{2U}, .build_id = {}});
  EXPECT_EQ(spaces.find(3, 155)->file, StringId{2U});
  EXPECT_EQ(spaces.find(3, 170)->file, StringId{1U});
  EXPECT_EQ(spaces.find(2, 155)->file, StringId{1U});
  EXPECT_EQ(spaces.find(4, 155), nullptr);
  // Processes that come from each other end somewhere.
  spaces.fork(1, 3);
  EXPECT_EQ(spaces.find(1, 5), nullptr);
}

TEST(PerfData, ReadsTheSameFromEitherByteOrderAndFromAPipe) {
  EXPECT_EQ(golden("good-file.data"), golden("good-big-endian.data"));
  EXPECT_EQ(golden("good-pipe.data"), golden("good-pipe-big-endian.data"));
  EXPECT_EQ(golden("good-pipe.data"), golden("good-compressed.data"));
}

TEST(PerfData, TakesSamplesInTheOrderOfTime) {
  const std::string text = golden("good-file.data");
  EXPECT_LT(text.find("thread_comm=\"worker\""), text.find("sample 1 70"));
  // The plugin was mapped between two samples of its address.
  EXPECT_LT(text.find("sample 0 0 1 1"), text.find("sample 0 0 1 2"));
}

TEST(PerfData, CountsWhatPerfLostAndWhatNoEventDescribes) {
  EXPECT_THAT(golden("good-file.data"),
              HasSubstr("samples: read 9, kept 4, skipped 1 (of an event that is not described), "
                        "skipped 4 (lost by perf itself: the reader was too slow)\n"));
}

TEST(PerfData, KnowsItsMagicsAndRefusesTheFirstVersion) {
  EXPECT_EQ(kPerfData.sniff("PERFILE2"), Match::Certain);
  EXPECT_EQ(kPerfData.sniff("2ELIFREP"), Match::Certain);
  EXPECT_EQ(kPerfData.sniff("PERFILE3"), Match::No);
  EXPECT_THAT(test::decoded_text(kPerfData, "PERFFILE...."), HasSubstr("before Linux 3.6"));
  EXPECT_THAT(test::decoded_text(kPerfData, "PERFILE2\x10"), HasSubstr("ends inside its header"));
}

}  // namespace
}  // namespace gopsy::decode
