#include "process/live.h"

#include <gmock/gmock.h>
#include <sys/mman.h>

#include <string>
#include <vector>

#include "process/live_memory.h"
#include "support/child_process.h"

namespace gopsy::process {
namespace {

using testing::Each;
using testing::HasSubstr;

constexpr std::size_t kPage = 4096;

std::uint64_t address_of(const void* at) { return reinterpret_cast<std::uint64_t>(at); }

/// Pages of ours, with a hole where one was taken away.
class Pages {
 public:
  explicit Pages(std::size_t count) : size_(count * kPage) {
    at_ = static_cast<char*>(::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  }
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;
  ~Pages() { ::munmap(at_, size_); }
  void fill(std::size_t page, char filling) { std::memset(at_ + page * kPage, filling, kPage); }
  void take_away(std::size_t page) { ::munmap(at_ + page * kPage, kPage); }
  [[nodiscard]] std::uint64_t address(std::size_t page) const { return address_of(at_) + page * kPage; }

 private:
  std::size_t size_;
  char* at_;
};

Image opened(std::uint32_t pid) {
  auto image = open_live(pid, {});
  EXPECT_TRUE(image) << image.error().message;
  return std::move(*image);
}

class LiveBothWays : public testing::TestWithParam<LiveMemory::Way> {
 protected:
  static Image open(std::uint32_t pid) {
    Image image = opened(pid);
    dynamic_cast<LiveMemory&>(*image.memory).set_way(GetParam());
    return image;
  }
};

INSTANTIATE_TEST_SUITE_P(Ways, LiveBothWays, testing::Values(LiveMemory::Way::Vector, LiveMemory::Way::File));

TEST_P(LiveBothWays, ReadsWhatTheProcessHasNow) {
  Pages pages(1);
  const test::ChildProcess child([&] { pages.fill(0, 'x'); });
  const Image image = open(child.pid());
  EXPECT_TRUE(image.is_live());
  EXPECT_EQ(image.memory->word(pages.address(0)), 0x7878787878787878);
}

TEST_P(LiveBothWays, ReadsUpToTheFirstPageThatIsNotThere) {
  Pages pages(3);
  pages.fill(0, 'a');
  pages.fill(2, 'c');
  pages.take_away(1);
  const test::ChildProcess child;
  const Image image = open(child.pid());
  std::string bytes(3 * kPage, '?');
  EXPECT_EQ(image.memory->read(pages.address(0), bytes), kPage);
  EXPECT_EQ(image.memory->read(pages.address(1), bytes), 0);
  EXPECT_EQ(image.memory->read(pages.address(2) - 1, bytes), 0);
  EXPECT_EQ(image.memory->read(UINT64_MAX - 3, bytes), 0);
  EXPECT_EQ(image.memory->word(pages.address(1) - 4), std::nullopt);
}

TEST_P(LiveBothWays, ReadsManyPiecesAroundThoseThatAreNotThere) {
  Pages pages(3);
  pages.fill(0, 'a');
  pages.fill(2, 'c');
  pages.take_away(1);
  const test::ChildProcess child;
  const Image image = open(child.pid());
  constexpr std::size_t kCount = 3000;  // more than one call takes
  std::vector<std::string> buffers(kCount, std::string(16, '?'));
  std::vector<Memory::Request> requests;
  for (std::size_t i = 0; i < kCount; ++i) {
    const std::uint64_t across = i % 7 == 0 ? kPage - 8 : i;  // eight bytes in this page, eight in the next
    requests.push_back({.address = pages.address(i % 3) + across, .into = buffers[i]});
  }
  image.memory->read_many(requests);
  for (std::size_t i = 0; i < kCount; ++i) {
    const bool crosses = i % 7 == 0;
    const std::size_t whole = i % 3 == 2 && crosses ? requests[i].got : 16;  // behind the last page stands anything
    const std::size_t expected = i % 3 == 1 ? 0 : (i % 3 == 0 && crosses ? 8 : whole);
    ASSERT_EQ(requests[i].got, expected) << i;
    const char filling = i % 3 == 0 ? 'a' : 'c';
    EXPECT_THAT(buffers[i].substr(0, std::min<std::size_t>(expected, 8)), Each(filling));
  }
}

TEST_P(LiveBothWays, ReadsShortWhenTheProcessEnds) {
  Pages pages(1);
  pages.fill(0, 'a');
  test::ChildProcess child;
  const Image image = open(child.pid());
  const Identity identity = Identity::of(child.pid());
  EXPECT_TRUE(identity.alive());
  child.end();
  EXPECT_FALSE(identity.alive());
  EXPECT_EQ(image.memory->word(pages.address(0)), std::nullopt);
  std::string bytes(8, '?');
  std::vector<Memory::Request> requests(2, Memory::Request{.address = pages.address(0), .into = bytes});
  image.memory->read_many(requests);
  EXPECT_EQ(requests[0].got + requests[1].got, 0);
}

TEST(Live, KnowsItsExecutableItsBiasAndItsThreads) {
  const test::ChildProcess child;
  const Image image = opened(child.pid());
  ASSERT_NE(image.object(), nullptr);
  const auto itself = binary::Object::open("/proc/self/exe");
  ASSERT_TRUE(itself);
  EXPECT_EQ(image.object()->elf().entry() + image.executable.bias, image.entry);
  EXPECT_EQ(image.executable.bias % kPage, 0);
  EXPECT_EQ(image.executable.ids.gnu, itself->build_id());
  EXPECT_FALSE(image.is_go());
  ASSERT_EQ(image.threads.size(), 1);
  EXPECT_EQ(image.threads[0].host_tid, child.pid());
  const Registers& registers = image.threads[0].registers;
  ASSERT_TRUE(registers.known()) << "it sleeps in pause(2)";
  EXPECT_FALSE(registers.complete);
  EXPECT_TRUE(image.memory->word(registers.sp()));
  EXPECT_EQ(image.files_under, "/proc/" + std::to_string(child.pid()) + "/root");
}

TEST(Live, ShowsCodeInPlaceAndNothingThatMayChange) {
  static std::uint64_t changing = 1;
  const test::ChildProcess child;
  const Image image = opened(child.pid());
  const std::uint64_t code = image.entry;
  const std::string_view view = image.memory->view(code, 16);
  std::string bytes(16, '?');
  ASSERT_EQ(image.memory->read(code, bytes), 16);
  EXPECT_EQ(view, bytes);
  EXPECT_THAT(image.memory->view(address_of(&changing), 8), testing::IsEmpty());
  EXPECT_EQ(image.memory->word(address_of(&changing)), 1);
}

TEST(Live, OfAnotherBuildThatIsGivenIsRefused) {
  const test::ChildProcess child;
  const auto image = open_live(child.pid(), {.executable = "/bin/sh"});
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().code, Errc::Usage);
  EXPECT_THAT(image.error().message, HasSubstr("/bin/sh is not the program of this process: its build id is"));
}

TEST(Live, SaysThatAProcessIsGone) {
  test::ChildProcess child;
  const std::uint32_t pid = child.pid();
  child.kill();
  while (parse_status(read_proc(pid, "status")).state != 'Z') {}
  EXPECT_THAT(open_live(pid, {}).error().message, HasSubstr("(a zombie)"));
  child.end();
  EXPECT_THAT(open_live(pid, {}).error().message, HasSubstr("there is no process"));
}

}  // namespace
}  // namespace gopsy::process
