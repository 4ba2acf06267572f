#include "process/snapshot.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <thread>

#include "process/core.h"
#include "process/core_writer.h"
#include "process/live.h"
#include "process/resident.h"
#include "support/child_process.h"

namespace gopsy::process {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::uint64_t kPage = 4096;
constexpr std::uint64_t kAt = 0x10000000;

ProcMapping anonymous(std::uint64_t start, std::uint64_t pages) {
  return {.mapping = {.start = start, .end = start + pages * kPage, .readable = true, .writable = true},
          .name = {},
          .shared = false};
}

ProcMapping private_file(std::uint64_t start, std::uint64_t pages) {
  ProcMapping row = anonymous(start, pages);
  row.mapping.file = row.name = "/srv/server";
  return row;
}

// A page map in which the pages with these numbers, from kAt on, are touched; `own` of them by the process itself.
Pagemap touched(const std::set<std::uint64_t>& numbers, const std::set<std::uint64_t>& of_file = {}) {
  return [numbers, of_file](std::uint64_t start, std::uint64_t end) {
    std::vector<Page> pages;
    for (std::uint64_t at = start; at < end; at += kPage) {
      const std::uint64_t number = (at - kAt) / kPage;
      pages.push_back({.there = numbers.contains(number), .of_file = of_file.contains(number)});
    }
    return pages;
  };
}

SnapshotPlan plan(const std::vector<ProcMapping>& maps, const Pagemap& pagemap, bool elf = false) {
  return plan_snapshot(maps, kPage, pagemap, [elf](std::uint64_t) { return elf; });
}

std::uint64_t page(std::int64_t number) { return kAt + static_cast<std::uint64_t>(number) * kPage; }

MATCHER_P2(Pages, first, count, "") { return arg.start == page(first) && arg.end == page(first + count); }
MATCHER_P3(Part, first, file_pages, memory_pages, "") {
  return arg.start == page(first) && arg.start + arg.file_size == page(first + file_pages) &&
         arg.start + arg.memory_size == page(first + memory_pages);
}

TEST(SnapshotPlan, TakesTouchedPagesAndRecordsTheOthersAsUntouched) {
  const auto got = plan({anonymous(kAt, 1000)}, touched({0, 1, 900}));
  EXPECT_THAT(got.runs, ElementsAre(Pages(0, 2), Pages(900, 1)));
  EXPECT_THAT(got.parts, ElementsAre(Part(0, 2, 900), Part(900, 1, 100)));
  EXPECT_THAT(got.untouched, ElementsAre(Pages(2, 898), Pages(901, 99)));
  EXPECT_EQ(got.resident_bytes, 3 * kPage);
}

TEST(SnapshotPlan, MakesAHoleOfAGapBelow256KiB) {
  const auto hole = plan({anonymous(kAt, 100)}, touched({0, 64}));
  EXPECT_THAT(hole.parts, ElementsAre(Part(0, 65, 100)));
  EXPECT_THAT(hole.untouched, ElementsAre(Pages(65, 35)));
  EXPECT_EQ(hole.resident_bytes, 2 * kPage);
  const auto gap = plan({anonymous(kAt, 100)}, touched({0, 65}));
  EXPECT_THAT(gap.parts, ElementsAre(Part(0, 1, 65), Part(65, 1, 35)));
  EXPECT_THAT(gap.untouched, ElementsAre(Pages(1, 64), Pages(66, 34)));
}

TEST(SnapshotPlan, OfAFileTakesAllIfThePartsWrittenMakeItAnother) {
  const auto written = plan({private_file(kAt, 10)}, touched({3, 4}, {4}));
  EXPECT_THAT(written.parts, ElementsAre(Part(0, 10, 10)));
  EXPECT_THAT(written.untouched, IsEmpty()) << "pages of a file are not zeros";
  const auto large = plan({private_file(kAt, 20'000)}, touched({3, 4}, {4}));
  EXPECT_THAT(large.parts, ElementsAre(Part(0, 0, 3), Part(3, 1, 19'997)));
  EXPECT_THAT(large.untouched, IsEmpty());
}

TEST(SnapshotPlan, OfAFileThatIsOnlyReadTakesTheElfHeader) {
  EXPECT_THAT(plan({private_file(kAt, 10)}, touched({3}, {3}), /*elf=*/true).parts, ElementsAre(Part(0, 1, 10)));
  EXPECT_THAT(plan({private_file(kAt, 10)}, touched({3}, {3})).parts, ElementsAre(Part(0, 0, 10)));
  auto second = private_file(kAt, 10);
  second.mapping.file_offset = kPage;
  EXPECT_THAT(plan({second}, touched({3}, {3}), /*elf=*/true).parts, ElementsAre(Part(0, 0, 10)));
}

TEST(SnapshotPlan, LeavesOutSharedFilesAndWhatCannotBeRead) {
  auto shared = private_file(kAt, 10);
  shared.shared = true;
  auto closed = anonymous(kAt, 10);
  closed.mapping.readable = false;
  auto clock = anonymous(kAt, 4);
  clock.name = "[vvar]";
  for (const auto& row : {shared, closed, clock}) {
    const auto got = plan({row}, touched({0, 1, 2}));
    EXPECT_THAT(got.runs, IsEmpty());
    EXPECT_THAT(got.untouched, IsEmpty());
    EXPECT_EQ(got.parts.size(), 1) << "but it is there";
  }
  shared.name = "/memfd:buffer (deleted)";
  EXPECT_THAT(plan({shared}, touched({1})).runs, ElementsAre(Pages(1, 1)));
}

TEST(SnapshotPlan, WithoutAPageMapTakesAll) {
  const auto got = plan({anonymous(kAt, 10)}, [](std::uint64_t, std::uint64_t) { return std::vector<Page>(); });
  EXPECT_THAT(got.runs, ElementsAre(Pages(0, 10)));
  EXPECT_EQ(got.unknown_mappings, 1);
}

TEST(CoreWriter, CountsMoreSegmentsThanSixteenBitsHold) {
  std::vector<CorePart> parts;
  for (std::uint64_t i = 0; i < 70'000; ++i)
    parts.push_back(
        {.start = kAt + 2 * i * kPage, .memory_size = kPage, .file_size = i == 69'999 ? kPage : 0, .readable = true});
  std::string bytes = core_header(*register_layout(binary::Machine::X86_64), core_note("CORE", kNoteAuxv, ""), parts);
  EXPECT_EQ(core_size(bytes, parts), bytes.size() + kPage);
  bytes += std::string(kPage, 'z');
  const auto image = read_core(bytes, {.executable = {.look = false}});
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->coverage->segments, 70'000);
  EXPECT_EQ(image->memory->view(kAt + 2 * 69'999ULL * kPage, 2), "zz");
}

/// A page of ours that a child has too, and a lot of memory that it never touches.
struct Playground {
  char* page;
  char* untouched;
  static constexpr std::uint64_t kUntouched = std::uint64_t{64} << 20;

  Playground() : page(map(kPage)), untouched(map(kUntouched)) {}
  Playground(const Playground&) = delete;
  Playground& operator=(const Playground&) = delete;
  ~Playground() {
    ::munmap(page, kPage);
    ::munmap(untouched, kUntouched);
  }
  static char* map(std::uint64_t size) {
    return static_cast<char*>(::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  }
};

// A sanitizer reserves terabytes of shadow, each page of which is looked up: minutes.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
constexpr bool kSanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool kSanitized = false;
#endif

std::uint64_t address_of(const void* at) { return reinterpret_cast<std::uint64_t>(at); }

class SnapshotOf : public testing::TestWithParam<bool> {
 protected:
  std::string path_ = testing::TempDir() + "gopsy-snapshot-" + std::to_string(::getpid()) + ".core";
  void SetUp() override {
    if (kSanitized) GTEST_SKIP() << "the shadow of a sanitizer is terabytes of address space";
  }
  ~SnapshotOf() override { std::filesystem::remove(path_); }
};

INSTANTIATE_TEST_SUITE_P(PausedOrNot, SnapshotOf, testing::Bool());

TEST_P(SnapshotOf, AProcessReadsAsItsMemoryDid) {
  const Playground ground;
  const test::ChildProcess child([&] { std::memset(ground.page, 'x', kPage); });
  const auto report = write_snapshot(child.pid(), path_, {.pause = GetParam()});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->pid, child.pid());
  EXPECT_EQ(report->threads, 1);
  EXPECT_GT(report->stopped.count(), 0);
  EXPECT_EQ(report->unknown_mappings, 0);
  EXPECT_EQ(report->unread_bytes, 0);
  EXPECT_LT(report->file_bytes, Playground::kUntouched) << "what is not touched takes no room";
  EXPECT_LE(report->disk_bytes, report->touched_bytes + (1 << 20));

  struct stat status{};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  EXPECT_EQ(static_cast<std::uint64_t>(status.st_size), report->file_bytes);
  EXPECT_FALSE(std::filesystem::exists(path_ + ".partial"));

  const auto image = open_core(path_, {});
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_THAT(image->notices, IsEmpty());
  EXPECT_EQ(image->pid, child.pid());
  EXPECT_FALSE(image->signal);
  ASSERT_EQ(image->threads.size(), 1);
  EXPECT_TRUE(image->threads[0].registers.complete);
  EXPECT_EQ(image->coverage->missing_bytes, 0);
  EXPECT_EQ(image->memory->view(address_of(ground.page), kPage), std::string(kPage, 'x'));
  EXPECT_EQ(image->memory->word(address_of(ground.untouched)), 0);
  EXPECT_EQ(image->memory->word(address_of(ground.untouched) + Playground::kUntouched - 8), 0);
  EXPECT_TRUE(image->memory->word(image->threads[0].registers.sp()));
  EXPECT_TRUE(image->memory->word(image->entry)) << "code comes from the program's file";

  const test::ChildProcess& still_there = child;
  const auto live = open_live(still_there.pid(), {});
  ASSERT_TRUE(live);
  EXPECT_EQ(live->executable.bias, image->executable.bias);
  EXPECT_EQ(live->executable.ids.gnu, image->executable.ids.gnu);
}

TEST_P(SnapshotOf, AllThatTheProcessCanReadEqualsIt) {
  const test::ChildProcess child;  // sleeps, so that nothing changes
  const auto report = write_snapshot(child.pid(), path_, {.pause = GetParam()});
  ASSERT_TRUE(report) << report.error().message;
  const auto image = open_core(path_, {});
  const auto live = open_live(child.pid(), {});
  ASSERT_TRUE(image && live);
  std::uint64_t compared = 0;
  std::string of_core(kPage, '\0');
  std::string of_process(kPage, '\0');
  for (const Mapping& mapping : live->memory->mappings()) {
    if (mapping.file.ends_with("(deleted)")) continue;  // shared with us, and not touched by it
    if (!mapping.writable || !mapping.readable || mapping.end - mapping.start > (std::uint64_t{256} << 20)) continue;
    for (std::uint64_t at = mapping.start; at < mapping.end; at += kPage) {
      if (live->memory->read(at, of_process) != kPage) continue;
      ASSERT_EQ(image->memory->read(at, of_core), kPage) << std::hex << at << ' ' << mapping.file;
      ASSERT_EQ(of_core, of_process) << std::hex << at;
      ++compared;
    }
  }
  EXPECT_GT(compared, 100);
}

TEST(Snapshot, HasTheStacksOfItsThreadsAsTheyWereWhenTheirRegistersWere) {
  if (kSanitized) GTEST_SKIP() << "the shadow of a sanitizer is terabytes of address space";
  // A thread that keeps two copies of one count on its stack, the address of which stands beside it.
  struct Pair {
    std::atomic<std::uint64_t> first = 0, second = 0;
  };
  auto* const where = static_cast<std::atomic<std::uint64_t>*>(
      ::mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  const test::ChildProcess child([&] {
    std::thread([&] {
      volatile char room[16384];
      room[0] = 1;
      Pair pair;
      *where = address_of(&pair);
      for (;;) pair.first = ++pair.second;
    }).detach();
    while (*where == 0) {}
  });
  std::string path = testing::TempDir() + "gopsy-stacks-" + std::to_string(::getpid()) + ".core";
  ASSERT_TRUE(write_snapshot(child.pid(), path, {}));
  const auto image = open_core(path, {});
  std::filesystem::remove(path);
  ASSERT_TRUE(image);
  const auto first = image->memory->word(*where);
  const auto second = image->memory->word(*where + 8);
  ASSERT_TRUE(first && second);
  EXPECT_LE(*second - *first, 1) << "of one instant";
  ::munmap(where, kPage);
}

TEST(Snapshot, ThatCannotBeWrittenLeavesNothingBehind) {
  const test::ChildProcess child;
  if (kSanitized) GTEST_SKIP() << "the shadow of a sanitizer is terabytes of address space";
  std::string path = "/no/such/folder/s.core";
  const auto report = write_snapshot(child.pid(), path, {});
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().message, "/no/such/folder/s.core: no such file or directory");
  std::string full = "/dev/full.core";
  const auto refused = write_snapshot(UINT32_MAX / 2, full, {});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("there is no process"));
  EXPECT_FALSE(std::filesystem::exists(full));
}

}  // namespace
}  // namespace gopsy::process
