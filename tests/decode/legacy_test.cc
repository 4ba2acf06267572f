#include "decode/legacy/legacy.h"

#include <gmock/gmock.h>

#include <string>

#include "decode/legacy/fields.h"
#include "decode/legacy/memory_map.h"
#include "support/profile_text.h"

namespace gopsy::decode {
namespace {

using testing::HasSubstr;

std::string maps_of(std::string_view text) {
  model::Symbols symbols;
  LineReader lines(text);
  std::string out;
  for (const auto& m : read_memory_map(lines, symbols))
    out += std::to_string(m.start) + "-" + std::to_string(m.limit) + "@" + std::to_string(m.offset) + " " +
           std::string(symbols.text(m.file)) + " " + std::string(symbols.text(m.build_id)) + "\n";
  return out;
}

TEST(LegacyMemoryMap, ReadsProcAndBriefLinesWithTheirVariants) {
  EXPECT_EQ(maps_of("10-20 r-xp 00000005 08:01 7  /a b\n"), "16-32@5 /a \n");
  EXPECT_EQ(maps_of("  0x10-0x20: /a (@F) ab12\n"), "16-32@15 /a ab12\n");
  EXPECT_EQ(maps_of("10 20 /a\n"), "16-32@0 /a \n");
  EXPECT_EQ(maps_of("10-20 rw-p 0 08:01 7 /a\n10-20 rw-s 0 08:01 7 /a\nnothing\n10\n10-\n"), "");
}

TEST(LegacyMemoryMap, ReplacesNamesAndDropsLogPrefixes) {
  EXPECT_EQ(maps_of("I01 a.cc:7] build=/x\nI01 a.cc:7] 10-20: $build/y$other\n"), "16-32@0 /x/y$other \n");
}

TEST(LegacyMemoryMap, StopsNamesThatFeedThemselves) {
  std::string text = "a=xxxxxxxxxxxxxxxx\n";
  for (char name = 'b'; name <= 'z'; ++name) {
    const std::string before = {'$', static_cast<char>(name - 1)};
    text += name + ("=" + before) + before + before + before + "\n";
  }
  text += "10-20: $z\n30-40: /ok\n";
  const std::string maps = maps_of(text);
  EXPECT_THAT(maps, HasSubstr("48-64@0 /ok \n"));
  EXPECT_LT(maps.size(), 1000U);
}

TEST(LegacyHeap, UnsamplesAsTheBinaryProfileDoes) {
  // One object of 1 KiB at a mean distance of 512 KiB stands for 512.5 of them.
  const Scaled one = unsampled(1, 1024, 524288);
  EXPECT_EQ(one.count, 512);
  EXPECT_EQ(one.bytes, 524800);
  EXPECT_EQ(unsampled(3, 30, 1).bytes, 30);
  EXPECT_EQ(unsampled(INT64_MAX, 1, 524288).bytes, INT64_MAX);
}

TEST(LegacyHeap, TakesNamesFromGosCommentLines) {
  EXPECT_THAT(test::decoded_text(kLegacyHeap,
                                 "heap profile: 1: 64 [2: 128] @ heap/2\n"
                                 "1: 64 [2: 128] @ 0x10 0x21 0x31\n"
                                 "#\t0x20\tmain.f+0x4\t\t/src/a.go:7\n"
                                 "#\t0x30\tmain.main+0x1\t/src/a.go:9\n\n"
                                 "# runtime.MemStats\n# Alloc = 5\n"),
              HasSubstr("sample 2 128 1 64 bytes=64 \n  main.f /src/a.go:7 0x20\n  main.main /src/a.go:9 0x30\n"));
}

TEST(LegacyContention, MakesCyclesTimeAndTakesNames) {
  EXPECT_THAT(test::decoded_text(kLegacyContention,
                                 "--- contention:\ncycles/second=2000000000\n"
                                 "3000 7 @ 0x10\n#\t0xf\truntime.chanrecv1+0x1\t/c.go:5\n"),
              HasSubstr("sample 7 1500\n  runtime.chanrecv1 /c.go:5 0xf\n"));
}

TEST(LegacyContention, MultipliesByThePeriodOnlyWhatGoHasNotYet) {
  const std::string plain = "--- mutex:\ncycles/second=1000000000\nsampling period=3\n30 6 @ 0x10\n";
  EXPECT_THAT(test::decoded_text(kLegacyContention, plain), HasSubstr("sample 18 90\n"));
  EXPECT_THAT(test::decoded_text(kLegacyContention, plain + "#\t0xf\tsync.(*Mutex).Unlock+0x1\t/m.go:5\n"),
              HasSubstr("sample 6 30\n"));
  EXPECT_THAT(test::decoded_text(kLegacyContention, plain + "#\t0xf\truntime/internal/atomic.Cas+0x1\t/m.go:5\n"),
              HasSubstr("sample 6 30\n"));
}

TEST(LegacyContention, CountsWhatTheProgramDiscarded) {
  EXPECT_THAT(test::decoded_text(kLegacyContention, "--- contentionz 1 ---\ndiscarded samples = 5\n1 1 @ 0x10\n"),
              HasSubstr("samples: read 6, kept 1, skipped 5 (discarded by the program itself)\n"));
}

TEST(LegacyDecoders, RefuseWhatHoldsNoSample) {
  EXPECT_EQ(test::decoded_text(kLegacyHeap, "heap profile: 1: 64 [2: 128] @ heap/2\nnothing\n"),
            "error at byte 0: none of the 1 samples can be read\n");
  EXPECT_EQ(test::decoded_text(kLegacyHeap, "heap profile: 1: 64 [2: 128] @ heapless/2\n"),
            "error at byte 0: a heap profile of a kind that nobody has described\n");
}

}  // namespace
}  // namespace gopsy::decode
