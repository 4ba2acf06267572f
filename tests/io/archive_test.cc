#include "io/archive.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "support/archives.h"

namespace gopsy::io {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

struct Walk {
  std::vector<std::string> members;  // "name=content", "name=content (truncated)"
  std::vector<std::string> refused;  // "name: message"
  Result<void> end;
};

Walk walk(std::string_view bytes, Budget budget = {.bytes = 1 << 20, .members = 1000}) {
  Walk seen;
  const Visitor visitor{
      .member =
          [&](const Member& m) {
            seen.members.push_back(m.name + "=" + std::string(m.bytes) + (m.truncated ? " (truncated)" : ""));
          },
      .refused = [&](const std::string& name,
                     const Error& error) { seen.refused.push_back(name + ": " + message(error)); },
  };
  seen.end = sniff_archive(bytes) == Archive::Zip ? walk_zip(bytes, budget, visitor) : walk_tar(bytes, budget, visitor);
  return seen;
}

const std::vector<test::File> kFiles = {{"a.txt", "alpha"}, {"dir/b.txt", std::string(600, 'b')}, {"empty", ""}};

std::vector<std::string> all_of(const std::vector<test::File>& files) {
  std::vector<std::string> all;
  for (const auto& file : files) all.push_back(file.name + "=" + file.content);
  return all;
}

TEST(Tar, VisitsFilesInOrder) {
  const std::string bytes = test::tar(kFiles);
  EXPECT_EQ(sniff_archive(bytes), Archive::Tar);
  const Walk seen = walk(bytes);
  EXPECT_TRUE(seen.end);
  EXPECT_EQ(seen.members, all_of(kFiles));
}

TEST(Tar, TakesLongNamesOfGnuAndPax) {
  const std::string name = std::string(150, 'n') + "/cpu.pb.gz";
  EXPECT_EQ(walk(test::tar({{name, "x"}, {"short", "y"}})).members, all_of({{name, "x"}, {"short", "y"}}));

  const Walk pax = walk(test::pax_header("22 path=deep/cpu.prof\n") + test::tar({{"cut-off", "x"}, {"next", "y"}}));
  EXPECT_THAT(pax.members, ElementsAre("deep/cpu.prof=x", "next=y"));
}

TEST(Tar, CutAtEveryByteItKeepsWholeMembersAndFlagsTheCutOne) {
  const std::string bytes = test::tar(kFiles);
  const std::size_t end = bytes.size() - 1024;
  for (std::size_t cut = 1; cut < end; ++cut) {
    const Walk seen = walk(std::string_view(bytes).substr(0, cut));
    ASSERT_LE(seen.members.size(), kFiles.size());
    for (std::size_t i = 0; i + 1 < seen.members.size(); ++i) EXPECT_EQ(seen.members[i], all_of(kFiles)[i]) << cut;
    const bool in_padding = seen.end.has_value();
    if (!in_padding) {
      EXPECT_EQ(seen.end.error().code, Errc::Truncated) << cut;
    }
  }
}

TEST(Tar, ADamagedHeaderEndsTheWalkWithItsOffset) {
  std::string bytes = test::tar(kFiles);
  bytes[1024 + 5] = '?';
  const Walk seen = walk(bytes);
  EXPECT_THAT(seen.members, ElementsAre("a.txt=alpha"));
  ASSERT_FALSE(seen.end);
  EXPECT_EQ(seen.end.error().offset, 1024);
}

TEST(Tar, AHugeSizeIsTakenAsFarAsThereAreBytes) {
  const std::string bytes = test::pax_header("29 size=18446744073709551615\n") + test::tar({{"big", "abc"}});
  const Walk seen = walk(bytes);
  EXPECT_THAT(seen.members, SizeIs(1));
  ASSERT_FALSE(seen.end);
  EXPECT_EQ(seen.end.error().code, Errc::Truncated);
}

TEST(Zip, VisitsFilesInOrderHoweverTheyWereWritten) {
  for (const bool deflate : {true, false}) {
    for (const bool sizes_follow : {true, false}) {
      for (const bool zip64 : {true, false}) {
        const std::string bytes = test::zip(kFiles, {.deflate = deflate, .sizes_follow = sizes_follow, .zip64 = zip64});
        EXPECT_EQ(sniff_archive(bytes), Archive::Zip);
        const Walk seen = walk(bytes);
        EXPECT_TRUE(seen.end) << message(seen.end.error());
        EXPECT_EQ(seen.members, all_of(kFiles)) << deflate << sizes_follow << zip64;
      }
    }
  }
}

TEST(Zip, WithoutItsDirectoryItFollowsTheLocalHeaders) {
  for (const bool sizes_follow : {true, false}) {
    const Walk seen = walk(test::zip(kFiles, {.sizes_follow = sizes_follow, .directory = false}));
    EXPECT_EQ(seen.members, all_of(kFiles));
    ASSERT_FALSE(seen.end);
    EXPECT_EQ(message(seen.end.error()), "the zip archive has no directory at its end");
  }
}

TEST(Zip, CutAtEveryByteItNeverInventsContent) {
  const std::string bytes = test::zip(kFiles);
  for (std::size_t cut = 4; cut < bytes.size(); ++cut) {
    const Walk seen = walk(std::string_view(bytes).substr(0, cut));
    EXPECT_FALSE(seen.end) << cut;
    for (const std::string& member : seen.members) {
      EXPECT_TRUE(member.ends_with(" (truncated)") || std::ranges::count(all_of(kFiles), member) == 1) << cut << member;
    }
  }
}

TEST(Zip, AnyFlippedBitIsSurvived) {
  const std::string bytes = test::zip(kFiles);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ 1 << bit % 8);
    walk(damaged);
  }
}

TEST(Zip, MembersThatOverlapCannotExceedTheBudget) {
  // One stored member, named by the directory a thousand times.
  const std::string once = test::zip({{"x", std::string(100'000, 'x')}}, {.deflate = false});
  const std::size_t entry_at = once.find(std::string("PK\1\2", 4));
  const std::size_t end_at = once.find(std::string("PK\5\6", 4));
  std::string many = once.substr(0, entry_at);
  for (int i = 0; i < 1000; ++i) many += once.substr(entry_at, end_at - entry_at);
  std::string end = once.substr(end_at);
  end[10] = '\xe8';
  end[11] = '\x03';
  const Walk seen = walk(many + end);
  EXPECT_THAT(seen.members, SizeIs(10));
  EXPECT_THAT(seen.refused, SizeIs(990));
}

TEST(Archives, StopAtTheLimitOfMembers) {
  const Budget two{.bytes = 1 << 20, .members = 2};
  for (const std::string& bytes : {test::tar(kFiles), test::zip(kFiles)}) {
    const Walk seen = walk(bytes, two);
    EXPECT_THAT(seen.members, SizeIs(2));
    ASSERT_FALSE(seen.end);
    EXPECT_EQ(seen.end.error().code, Errc::TooLarge);
  }
}

TEST(Archives, TextIsNone) {
  EXPECT_EQ(sniff_archive(std::string(2000, 'a')), Archive::None);
  EXPECT_EQ(sniff_archive(std::string(2000, '\0')), Archive::None);
  EXPECT_EQ(sniff_archive("PK"), Archive::None);
  EXPECT_THAT(walk("").members, IsEmpty());
}

}  // namespace
}  // namespace gopsy::io
