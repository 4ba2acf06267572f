#include "binary/elf.h"

#include <gmock/gmock.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "binary/buildinfo.h"
#include "binary/demangle.h"
#include "binary/object.h"
#include "binary/pclntab.h"
#include "io/file.h"

namespace gopsy::binary {
namespace {

const std::string kItself = "/proc/self/exe";

std::string own_bytes() {
  const auto content = io::read_whole(kItself, UINT64_MAX);
  return content ? std::string(content->view()) : std::string();
}

// Asks everything that there is to ask.
std::size_t ask(std::string_view bytes) {
  const auto elf = Elf::open(bytes);
  if (!elf) return 0;
  std::size_t seen = elf->functions().size() + elf->relative_relocations().size() + elf->gnu_build_id().size() +
                     elf->go_build_id().size() + build_info(*elf).dependencies.size();
  if (const auto table = Pclntab::open(*elf)) {
    for (std::size_t i = 0; i < std::min<std::size_t>(table->function_count(), 100); ++i)
      seen += table->frames(table->function(i).start).size();
  }
  return seen;
}

int marker_function() { return 42; }

TEST(Elf, SaysWhatIsNoElfFile) {
  const auto elf = Elf::open("#!/bin/sh\n");
  ASSERT_FALSE(elf);
  EXPECT_EQ(elf.error().code, Errc::Malformed);
  EXPECT_THAT(message(elf.error()), testing::HasSubstr("not an ELF file"));
}

TEST(Elf, NamesTheHeaderThatIsCut) {
  const auto elf =
      Elf::open(std::string_view("\x7f"
                                 "ELF\x02\x01\x01",
                                 7));
  ASSERT_FALSE(elf);
  EXPECT_EQ(elf.error().code, Errc::Truncated);
}

TEST(Elf, ReadsThisProgram) {
  const std::string bytes = own_bytes();
  const auto elf = Elf::open(bytes);
  ASSERT_TRUE(elf);
  EXPECT_TRUE(elf->is_64());
  EXPECT_NE(elf->section(".text"), nullptr);
  EXPECT_FALSE(elf->segments().empty());
  EXPECT_FALSE(elf->functions().empty());
}

TEST(Elf, CutAnywhereGivesLessAndNeverFails) {
  const std::string bytes = own_bytes();
  for (std::size_t size = 0; size < 4096; ++size) ask(std::string_view(bytes).substr(0, size));
  for (std::size_t part = 1; part < 16; ++part) ask(std::string_view(bytes).substr(0, bytes.size() / 16 * part));
}

TEST(Elf, WithAnyByteOfItsHeadersWrongIsReadAsFarAsItGoes) {
  std::string bytes = own_bytes().substr(0, 256 << 10);
  for (std::size_t at = 0; at < 1024; ++at) {
    for (const char value : {'\0', '\x7f', '\xff'}) {
      const char before = bytes[at];
      bytes[at] = value;
      ask(bytes);
      bytes[at] = before;
    }
  }
}

TEST(Object, NamesAFunctionOfThisProcess) {
  auto object = Object::open(kItself);
  ASSERT_TRUE(object);
  EXPECT_EQ(object->pclntab(), nullptr);
  const auto* const base = reinterpret_cast<const char*>(&marker_function);
  std::uint64_t address = reinterpret_cast<std::uintptr_t>(base);
  // Where the loader put the file: the first line of our own maps that names it. A sanitizer's shadow may stand before.
  const auto maps = io::read_whole("/proc/self/maps", UINT64_MAX);
  ASSERT_TRUE(maps);
  const std::size_t named = maps->view().find(std::filesystem::read_symlink(kItself).string());
  ASSERT_NE(named, std::string_view::npos);
  const std::size_t line = maps->view().rfind('\n', named) + 1;
  if (object->elf().relocatable()) address -= std::stoull(std::string(maps->view().substr(line, 16)), nullptr, 16);
  const auto frames = object->frames(address, /*fast=*/true);
  ASSERT_FALSE(frames.empty());
  EXPECT_THAT(frames[0].function, testing::HasSubstr("marker_function"));
}

TEST(Object, OpensTheLibraryThatTheKernelMaps) {
  auto object = Object::vdso();
  if (!object) GTEST_SKIP() << "no vdso here";
  const auto& functions = object->functions();
  ASSERT_FALSE(functions.empty());
  EXPECT_THAT(std::string(functions[0].name), testing::HasSubstr("vdso"));
}

TEST(Demangle, ShortensNamesAsPprofDoes) {
  EXPECT_EQ(demangled("_ZN3foo3barEi", Demangle::Simple), "foo::bar");
  EXPECT_EQ(demangled("_ZN3foo3barEi", Demangle::Full), "foo::bar(int)");
  EXPECT_EQ(demangled("_ZN3foo3barEi", Demangle::None), "_ZN3foo3barEi");
  EXPECT_EQ(demangled("_ZNSt6vectorIiSaIiEE9push_backEOi", Demangle::Simple), "std::vector::push_back");
  EXPECT_EQ(demangled("_ZNSt6vectorIiSaIiEE9push_backEOi", Demangle::Templates),
            "std::vector<int, std::allocator<int> >::push_back");
  EXPECT_EQ(demangled("_Z3maxIiET_S0_S0_", Demangle::Simple), "max");
  EXPECT_EQ(demangled("_ZN12_GLOBAL__N_13runEv", Demangle::Simple), "(anonymous namespace)::run");
}

TEST(Demangle, LeavesNamesOfGoAlone) {
  for (const char* name : {"main.(*T[...]).M", "main.F[go.shape.int]", "net/http.(*conn).serve", "main.main.func1"})
    EXPECT_EQ(demangled(name, Demangle::Simple), name);
}

}  // namespace
}  // namespace gopsy::binary
