#include "process/core.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "support/archives.h"
#include "support/core_builder.h"

namespace gopsy::process {
namespace {

using test::ElfBuilder;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::uint64_t kCode = 0x400000;
constexpr std::uint64_t kHeap = 0xc000000000;

std::vector<std::uint64_t> amd64_registers(std::uint64_t pc, std::uint64_t sp, std::uint64_t fp) {
  std::vector<std::uint64_t> words(27, 0);
  words[16] = pc;
  words[19] = sp;
  words[4] = fp;
  return words;
}

CoreOptions without_search() { return {.executable = {.look = false}}; }

std::string page_of(char filling) { return std::string(4096, filling); }

// A program of one page of code with a build id, as it lies on disk.
std::string program(std::string_view go_build_id, std::uint64_t address = kCode, std::uint16_t type = 2) {
  ElfBuilder elf;
  elf.type = type;
  elf.entry = address + 0x1200;
  elf.note("Go", 4, go_build_id);
  elf.load(address, page_of('.') + page_of('.'), 0, 5).stated_offset = 0;
  elf.load(address + 0x10000, page_of('D'), 0, 6);
  return elf.build().substr(0, 4096) + page_of('C');
}

// The core of a process that ran `file`, of which it dumped the first page, as kernels do.
ElfBuilder core_of(std::string_view file, std::string_view path, std::uint64_t bias = 0) {
  ElfBuilder core;
  core.prstatus(7, amd64_registers(kCode + bias + 0x1210, kHeap + 8, kHeap + 16), 6);
  core.prpsinfo(7, "server", "/srv/server -v ");
  core.siginfo(11, 1, 0x18);
  core.auxv({{3, kCode + bias + 64}, {5, 3}, {9, kCode + bias + 0x1200}});
  core.files({{kCode + bias, kCode + bias + 0x2000, 0, path}});
  core.prstatus(9, amd64_registers(1, 2, 3));
  core.load(kCode + bias, std::string(file.substr(0, 4096)), 0x2000, 5);
  core.load(kHeap, page_of('a') + page_of('b'));
  return core;
}

std::string all_of(const Memory& memory, std::uint64_t address, std::size_t size) {
  std::string bytes(size, '?');
  bytes.resize(memory.read(address, bytes));
  return bytes;
}

class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / "gopsy-core-test") {
    path_ += std::to_string(::getpid());
    std::filesystem::create_directories(path_);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }

  [[nodiscard]] std::string write(const std::string& name, std::string_view bytes) const {
    const auto file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << bytes;
    return file.string();
  }
  [[nodiscard]] std::string path(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

TEST(Core, SaysWhatThreadsHadAndWhatEndedThem) {
  const std::string bytes = core_of(program("one"), "/srv/server").build();
  const auto image = read_core(bytes, without_search());
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->pid, 7);
  EXPECT_EQ(image->program, "server");
  EXPECT_THAT(image->arguments, ElementsAre("/srv/server", "-v"));
  ASSERT_EQ(image->threads.size(), 2);
  EXPECT_EQ(image->threads[0].tid, 7);
  EXPECT_EQ(image->threads[0].registers.pc(), kCode + 0x1210);
  EXPECT_EQ(image->threads[0].registers.sp(), kHeap + 8);
  EXPECT_EQ(image->threads[0].registers.fp(), kHeap + 16);
  EXPECT_EQ(image->threads[0].registers.get("rip"), kCode + 0x1210);
  EXPECT_EQ(image->threads[0].registers.get("x0"), std::nullopt);
  EXPECT_EQ(image->threads[1].tid, 9);
  ASSERT_TRUE(image->signal);
  EXPECT_EQ(image->signal->number, 11);
  EXPECT_EQ(image->signal->address, 0x18);
}

TEST(Core, ServesItsMemoryWhereItStands) {
  const std::string bytes = core_of(program("one"), "/srv/server").build();
  const auto image = read_core(bytes, without_search());
  ASSERT_TRUE(image);
  const std::string_view view = image->memory->view(kHeap + 4095, 10);
  EXPECT_EQ(view, "abbbbbbbbb");
  EXPECT_GE(view.data(), bytes.data());
  EXPECT_LT(view.data(), bytes.data() + bytes.size());
  EXPECT_EQ(image->memory->view(kHeap + 8191, 10), "b");
  EXPECT_THAT(image->memory->view(kHeap + 8192, 1), IsEmpty());
  EXPECT_THAT(image->memory->view(kHeap - 1, 1), IsEmpty());
  EXPECT_EQ(image->memory->word(kHeap), 0x6161616161616161);
  EXPECT_EQ(image->memory->word(kHeap + 8190), std::nullopt);
}

TEST(Core, FindsTheProgramWhereItRan) {
  const Folder folder;
  const std::string file = program("one");
  const std::string path = folder.write("server", file);
  const std::string bytes = core_of(file, path).build();
  const auto image = read_core(bytes, {});
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->executable.path, path);
  EXPECT_EQ(image->executable.ids.go, "one");
  EXPECT_EQ(image->executable.bias, 0);
  EXPECT_EQ(all_of(*image->memory, kCode + 4095, 4).substr(1), "CCC") << "the second page comes from the file";
  EXPECT_THAT(image->notices, IsEmpty());
}

TEST(Core, NeverTakesWritableDataFromTheFile) {
  const Folder folder;
  const std::string file = program("one");
  const std::string bytes = core_of(file, folder.write("server", file)).build();
  const auto image = read_core(bytes, {});
  ASSERT_TRUE(image);
  EXPECT_THAT(image->memory->view(kCode + 0x10000, 1), IsEmpty());
}

TEST(Core, FindsAPositionIndependentProgramAtItsBias) {
  constexpr std::uint64_t kBias = 0x555555000000;
  const Folder folder;
  const std::string file = program("one", kCode, 3);
  const std::string bytes = core_of(file, folder.write("server", file), kBias).build();
  const auto image = read_core(bytes, {});
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->executable.bias, kBias);
  EXPECT_EQ(image->memory->view(kCode + kBias + 4096, 3), "CCC");
}

TEST(Core, FindsTheProgramBesideItself) {
  const Folder folder;
  const std::string file = program("one");
  const std::string beside = folder.write("server", file);
  const std::string core = folder.write("core.7", core_of(file, "/no/such/folder/server").build());
  const auto image = open_core(core, {});
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->executable.path, beside);
}

TEST(Core, FindsTheProgramInTheRootOfItsContainer) {
  const Folder folder;
  const std::string file = program("one");
  const std::string copied = folder.write("no/such/folder/server", file);
  const auto image = open_core(folder.write("core.7", core_of(file, "/no/such/folder/server (deleted)").build()), {});
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->executable.path, copied);
}

TEST(Core, RefusesAnotherBuildThatIsGivenAndNamesBoth) {
  const Folder folder;
  const std::string bytes = core_of(program("one"), "/srv/server").build();
  const std::string wrong = folder.write("server", program("two"));
  const auto image = read_core(bytes, {.executable = {.given = wrong}});
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().code, Errc::Usage);
  EXPECT_THAT(image.error().message,
              HasSubstr("is not the program of this process: its build id is two, that of the process is one"));
}

TEST(Core, PassesOverAnotherBuildThatItFinds) {
  const Folder folder;
  const std::string wrong = folder.write("server", program("two"));
  const auto image = open_core(folder.write("core.7", core_of(program("one"), "/srv/server").build()), {});
  ASSERT_TRUE(image);
  EXPECT_EQ(image->object(), nullptr);
  EXPECT_THAT(image->notices, testing::Contains(HasSubstr("give it with --exe (build id one)")));
  EXPECT_THAT(image->notices, testing::Contains(HasSubstr(wrong + " is not it: its build id is two")));
}

TEST(Core, WithoutItsFirstPageRefusesAProgramThatStartsElsewhere) {
  const Folder folder;
  auto core = core_of(program("one"), "/srv/server");
  core.loads[0].bytes.clear();
  const std::string other = folder.write("server", program("two", kCode + 0x100000));
  const auto image = read_core(core.build(), {.executable = {.given = other}});
  ASSERT_FALSE(image);
  EXPECT_THAT(image.error().message, HasSubstr("it starts to run at 0x501200, the process did at 0x401200"));
}

TEST(Core, MayHaveMoreSegmentsThanSixteenBitsCount) {
  ElfBuilder core;
  core.count_elsewhere = true;
  core.prstatus(7, amd64_registers(1, 2, 3));
  for (std::uint64_t i = 0; i < 70'000; ++i) core.load(kHeap + i * 0x2000, i == 69'999 ? "last" : "", 4096);
  const std::string bytes = core.build();
  const auto image = read_core(bytes, without_search());
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->coverage->segments, 70'000);
  EXPECT_EQ(image->memory->view(kHeap + 69'999ULL * 0x2000, 9), "last");
}

TEST(Core, OfASnapshotHasZerosWhereNobodyHadTouchedIt) {
  ElfBuilder core;
  core.prstatus(7, amd64_registers(1, 2, 3));
  core.load(kHeap, page_of('a'), 1 << 20);
  const auto kernel = read_core(core.build(), without_search());
  ASSERT_TRUE(kernel);
  EXPECT_EQ(kernel->memory->word(kHeap + 4096), std::nullopt) << "the kernel did not dump it: not known";
  core.note("GOPSY", 0x59535047, test::Words().u64(1).u64(kHeap + 4096).u64(kHeap + (1 << 20)).text());
  const std::string bytes = core.build();
  const auto snapshot = read_core(bytes, without_search());
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(snapshot->memory->word(kHeap + 4096), 0);
  EXPECT_EQ(all_of(*snapshot->memory, kHeap, 1 << 20), page_of('a') + std::string((1 << 20) - 4096, '\0'));
  EXPECT_EQ(snapshot->memory->word(kHeap + (1 << 20) - 4), std::nullopt);
}

TEST(Core, CutAnywhereKeepsWhatIsThereAndCountsWhatIsNot) {
  const std::string file = program("one");
  const std::string bytes = core_of(file, "/srv/server").build();
  const std::uint64_t whole = read_core(bytes, without_search())->coverage->dumped_bytes;
  std::size_t read = 0;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto image = read_core(std::string_view(bytes).substr(0, size), without_search());
    if (!image) {
      EXPECT_LT(size, 64 + 3 * 56) << "only a core cut inside its headers is refused: " << image.error().message;
      continue;
    }
    ++read;
    EXPECT_EQ(image->coverage->dumped_bytes + image->coverage->missing_bytes, whole);
    EXPECT_THAT(image->notices, testing::Contains(HasSubstr("the core is cut off")));
    static_cast<void>(image->memory->word(kHeap));
  }
  EXPECT_GT(read, 4096 * 3);
}

TEST(Core, WithAnyByteOfItsHeadersAndNotesWrongIsReadAsFarAsItGoes) {
  const std::string good = core_of(program("one"), "/srv/server").build();
  for (std::size_t at = 0; at < good.size() - 3 * 4096; ++at) {
    for (const char value : {'\0', '\x01', '\x7f', '\xff'}) {
      std::string bytes = good;
      bytes[at] = value;
      const auto image = read_core(bytes, without_search());
      if (!image) continue;
      for (const Mapping& mapping : image->memory->mappings()) {
        EXPECT_LT(mapping.start, mapping.end);
        static_cast<void>(image->memory->view(mapping.start, UINT64_MAX));
        static_cast<void>(image->memory->word(mapping.end - 4));
      }
    }
  }
}

TEST(Core, WithSegmentsOnTopOfEachOtherServesEachAddressOnce) {
  ElfBuilder core;
  core.load(kHeap, page_of('a'));
  core.load(kHeap + 1024, page_of('b'));
  core.load(kHeap + 2048, std::string(16, 'c'));
  core.load(UINT64_MAX - 100, page_of('d'));
  const std::string bytes = core.build();
  const auto image = read_core(bytes, without_search());
  ASSERT_TRUE(image);
  EXPECT_EQ(all_of(*image->memory, kHeap, 9000), page_of('a') + std::string(1024, 'b'));
  EXPECT_EQ(image->coverage->refused_segments, 2);
  ASSERT_EQ(image->memory->mappings().size(), 2);
  EXPECT_EQ(image->memory->mappings()[1].start, kHeap + 4096);
}

TEST(Core, WithSizesBeyondBelievingReadsWhatIsThere) {
  ElfBuilder core;
  core.load(kHeap, page_of('a'), UINT64_MAX / 2).stated_file_size = UINT64_MAX / 2;
  core.load(0x1000, "", 4096).stated_offset = UINT64_MAX - 1;
  core.loads.back().stated_file_size = 4096;
  core.note("CORE", 0x46494c45, test::Words().u64(UINT64_MAX / 24).u64(4096).text());
  core.note("CORE", 1, "short");
  core.raw_notes(test::Words().u32(UINT32_MAX).u32(UINT32_MAX).u32(1).text());
  const std::string bytes = core.build();
  const auto image = read_core(bytes, without_search());
  ASSERT_TRUE(image);
  EXPECT_EQ(image->memory->view(kHeap, 4), "aaaa");
  EXPECT_THAT(image->notices, testing::Contains(HasSubstr("of the core 3 notes are cut or damaged")));
  EXPECT_EQ(image->coverage->missing_bytes, UINT64_MAX / 2 - 4096 + 4096);
}

TEST(Core, IsInflatedFromWhateverPackedIt) {
  const Folder folder;
  const std::string bytes = core_of(program("one"), "/srv/server").build();
  for (const auto& [name, packed] :
       {std::pair{"core.gz", test::gzip(bytes)}, {"core.zst", test::zstd(bytes)}, {"core.lz4", test::lz4(bytes)}}) {
    const auto image = open_core(folder.write(name, packed), without_search());
    ASSERT_TRUE(image) << image.error().message;
    EXPECT_EQ(image->memory->view(kHeap + 4095, 2), "ab");
    const auto torn = open_core(folder.write(name, packed.substr(0, packed.size() - 4)), without_search());
    ASSERT_TRUE(torn) << torn.error().message;
    EXPECT_THAT(torn->notices, testing::Contains(HasSubstr("the compressed core is cut off")));
  }
  const auto bomb = open_core(folder.write("core.zst", test::zstd(std::string(1 << 20, 'A'))), {.max_bytes = 1 << 16});
  ASSERT_FALSE(bomb);
  EXPECT_EQ(bomb.error().code, Errc::TooLarge);
}

TEST(Core, SaysWhatItIsInstead) {
  const auto refused = [](std::string_view bytes) {
    const auto image = read_core(bytes, without_search());
    return image ? std::string() : image.error().message;
  };
  EXPECT_THAT(refused("panic: boom\n"), HasSubstr("not an ELF file"));
  EXPECT_THAT(refused(program("one")), HasSubstr("it is a program, not a core"));
  ElfBuilder other;
  other.machine = 8;
  EXPECT_THAT(refused(other.build()), HasSubstr("cores of amd64 and arm64 are read"));
}

TEST(Core, OfArm64HasItsRegistersByName) {
  ElfBuilder core;
  core.machine = 183;
  std::vector<std::uint64_t> words(34);
  for (std::size_t i = 0; i < words.size(); ++i) words[i] = 1000 + i;
  core.prstatus(7, words);
  const std::string bytes = core.build();
  const auto image = read_core(bytes, without_search());
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->layout->name, "arm64");
  const Registers& registers = image->threads.at(0).registers;
  EXPECT_EQ(registers.pc(), 1032);
  EXPECT_EQ(registers.sp(), 1031);
  EXPECT_EQ(registers.lr(), 1030);
  EXPECT_EQ(registers.fp(), 1029);
  EXPECT_EQ(registers.get("x28"), 1028);
}

}  // namespace
}  // namespace gopsy::process
