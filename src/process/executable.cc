#include "process/executable.h"

#include <algorithm>
#include <filesystem>
#include <optional>

#include "base/format.h"
#include "base/text.h"
#include "base/units.h"

namespace gopsy::process {
namespace {

constexpr std::uint64_t kPage = 4096;
constexpr std::string_view kDeleted = " (deleted)";

const Mapping* mapping_of(std::span<const Mapping> mappings, std::uint64_t address) {
  const auto after = std::ranges::upper_bound(mappings, address, {}, &Mapping::start);
  if (after == mappings.begin() || address >= (after - 1)->end) return nullptr;
  return &*(after - 1);
}

// Where a file that is not position-independent says that it is, or the entry point that the kernel told the process.
std::uint64_t bias_of(const Wanted& wanted, const binary::Elf& elf) {
  if (wanted.auxv.entry != 0) return wanted.auxv.entry - elf.entry();
  if (!elf.relocatable() || wanted.start == 0) return 0;
  for (const auto& segment : elf.segments())
    if (segment.offset < kPage) return wanted.start - (segment.address - segment.offset);
  return 0;
}

// Why a file cannot be the program; empty if nothing speaks against it.
std::string mismatch(const Wanted& wanted, const binary::Elf& elf, binary::Machine machine) {
  if (elf.is_core()) return "it is a core, not a program";
  if (elf.machine() != machine) return "it is a program of another machine";
  const BuildIds ids = build_ids(elf);
  if (wanted.ids.differ(ids)) {
    // Both notes of both where they have them: which one a tool prints differs.
    const bool gnu = !wanted.ids.gnu.empty() && !ids.gnu.empty();
    return fmt::format("its build id is {}, that of the process is {}", gnu ? ids.gnu : ids.go,
                       gnu ? wanted.ids.gnu : wanted.ids.go);
  }
  if (elf.memory(elf.entry(), 1).empty()) return "it has no code: debug information only";
  if (wanted.ids.same(ids)) return {};
  const std::uint64_t bias = bias_of(wanted, elf);
  if (bias % kPage != 0 || (bias != 0 && !elf.relocatable())) {
    return fmt::format("it starts to run at {:#x}, the process did at {:#x}", elf.entry(), wanted.auxv.entry);
  }
  if (wanted.auxv.phnum != 0 && wanted.auxv.phnum != elf.program_headers()) {
    return fmt::format("it has {}, the process {}", counted(elf.program_headers(), "program header"),
                       wanted.auxv.phnum);
  }
  return {};
}

struct Tried {
  std::optional<Executable> found;
  Errc code = Errc::Io;
  std::string why;
};

Tried try_file(const Wanted& wanted, binary::Machine machine, const std::string& path) {
  auto object = binary::Object::open(path);
  if (!object) {
    const Error& error = object.error();
    return {.code = error.code, .why = error.code == Errc::Io ? errno_text(static_cast<int>(error.a)) : message(error)};
  }
  if (auto why = mismatch(wanted, object->elf(), machine); !why.empty())
    return {.code = Errc::Usage, .why = std::move(why)};
  Executable found{.name = wanted.name,
                   .path = path,
                   .object = std::make_unique<binary::Object>(std::move(*object)),
                   .ids = wanted.ids};
  found.bias = bias_of(wanted, found.object->elf());
  const BuildIds ids = build_ids(found.object->elf());
  if (found.ids.gnu.empty()) found.ids.gnu = ids.gnu;
  if (found.ids.go.empty()) found.ids.go = ids.go;
  return {.found = std::move(found)};
}

std::vector<std::string> candidates(const Wanted& wanted, const ExecutableSearch& search) {
  namespace fs = std::filesystem;
  std::vector<std::string> paths;
  const fs::path name(wanted.name);
  if (name.is_absolute()) paths.push_back(wanted.name);
  if (!search.beside.empty() && name.has_filename()) {
    const fs::path folder = fs::path(search.beside).parent_path();
    paths.push_back((folder / name.filename()).string());
    // The root of a container that was copied along with the core.
    if (name.is_absolute()) paths.push_back((folder / name.relative_path()).string());
  }
  if (const std::string& id = wanted.ids.gnu; id.size() > 2) {
    const fs::path base = fs::path(search.debug_root) / ".build-id" / id.substr(0, 2);
    paths.push_back((base / id.substr(2)).string());
    paths.push_back((base / (id.substr(2) + ".debug")).string());
  }
  return paths;
}

std::string not_found(const Wanted& wanted) {
  const std::string what = wanted.name.empty() ? std::string("the program's file") : wanted.name;
  std::string sentence =
      fmt::format("{} is not to be found, so code and read-only data are missing; give it with --exe", what);
  if (const auto id = wanted.ids.text(); id != "none") sentence += fmt::format(" (build id {})", id);
  return sentence;
}

}  // namespace

bool BuildIds::differ(const BuildIds& other) const {
  const auto unequal = [](const std::string& a, const std::string& b) { return !a.empty() && !b.empty() && a != b; };
  return unequal(gnu, other.gnu) || unequal(go, other.go);
}

bool BuildIds::same(const BuildIds& other) const {
  const auto equal = [](const std::string& a, const std::string& b) { return !a.empty() && a == b; };
  return !differ(other) && (equal(gnu, other.gnu) || equal(go, other.go));
}

std::string BuildIds::text() const {
  if (!gnu.empty()) return gnu;
  return go.empty() ? "none" : go;
}

bool Image::is_go() const {
  return !executable.ids.go.empty() || (object() != nullptr && object()->pclntab() != nullptr);
}

std::vector<Stretch> read_only_parts(const Executable& executable) {
  std::vector<Stretch> stretches;
  if (executable.object == nullptr) return stretches;
  const binary::Elf& elf = executable.object->elf();
  for (const auto& segment : elf.segments()) {
    if (segment.writable) continue;
    const std::string_view bytes = elf.file().slice(segment.offset, std::min(segment.file_size, segment.memory_size));
    stretches.push_back({.start = segment.address + executable.bias, .size = bytes.size(), .bytes = bytes.data()});
  }
  return stretches;
}

BuildIds build_ids(const binary::Elf& elf) { return {.gnu = elf.gnu_build_id(), .go = printable(elf.go_build_id())}; }

Wanted wanted_executable(const Memory& memory, const AuxiliaryVector& auxv) {
  Wanted wanted{.auxv = auxv};
  const auto mappings = memory.mappings();
  if (const Mapping* const code = mapping_of(mappings, auxv.entry); code != nullptr && auxv.entry != 0) {
    wanted.name = code->file;
    // The last one before the code that begins where the file does: it may be mapped twice.
    for (const Mapping* each = code;; --each) {
      if (each->file != code->file) break;
      if (each->file_offset == 0 && !each->file.empty()) {
        wanted.start = each->start;
        break;
      }
      if (each == mappings.data()) break;
    }
  }
  if (wanted.start == 0 && auxv.phdr != 0) wanted.start = auxv.phdr / kPage * kPage;
  if (wanted.name.ends_with(kDeleted)) wanted.name.resize(wanted.name.size() - kDeleted.size());
  if (wanted.name.empty() && auxv.execfn != 0) {
    std::string text(kPage, '\0');
    text.resize(memory.read(auxv.execfn, text));
    wanted.name = text.substr(0, text.find('\0'));
  }
  std::string page(kPage, '\0');
  page.resize(memory.read(wanted.start, page));
  if (const auto elf = binary::Elf::open(page)) {
    wanted.ids = build_ids(*elf);
    if (elf->is_64()) wanted.machine = elf->machine();
  }
  return wanted;
}

Opened<Executable> find_executable(const Wanted& wanted, binary::Machine machine, const ExecutableSearch& search,
                                   std::vector<std::string>& notices) {
  if (!search.given.empty()) {
    auto tried = try_file(wanted, machine, search.given);
    if (tried.found) return std::move(*tried.found);
    const bool other = tried.code == Errc::Usage;
    return std::unexpected(
        Refusal{.code = tried.code,
                .message = fmt::format("{} {}: {}", search.given,
                                       other ? "is not the program of this process" : "cannot be used", tried.why)});
  }
  std::vector<std::string> others;
  if (search.look) {
    for (const std::string& path : candidates(wanted, search)) {
      auto tried = try_file(wanted, machine, path);
      if (tried.found) return std::move(*tried.found);
      if (tried.code != Errc::Io) others.push_back(fmt::format("{} is not it: {}", path, tried.why));
    }
  }
  notices.push_back(not_found(wanted));
  notices.insert(notices.end(), others.begin(), others.end());
  return Executable{.name = wanted.name, .ids = wanted.ids};
}

}  // namespace gopsy::process
