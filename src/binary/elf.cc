#include "binary/elf.h"

#include <algorithm>

#include "base/format.h"
#include "binary/notes.h"

namespace gopsy::binary {
namespace {

constexpr std::uint32_t kLoad = 1;
constexpr std::uint32_t kNote = 4;
constexpr std::uint32_t kSectionSymbols = 2;
constexpr std::uint32_t kSectionRela = 4;
constexpr std::uint32_t kSectionNote = 7;
constexpr std::uint32_t kSectionNoBits = 8;
constexpr std::uint32_t kSectionDynamicSymbols = 11;
constexpr std::uint8_t kFunction = 2;
constexpr std::uint8_t kIndirectFunction = 10;
constexpr std::uint64_t kMostSections = 65536;
// A core of a process with more mappings than a 16-bit count can say has it in the first section header instead.
constexpr std::uint64_t kCountElsewhere = 0xffff;

Machine machine_of(std::uint16_t number) {
  switch (number) {
    case 3: return Machine::X86;
    case 62: return Machine::X86_64;
    case 40: return Machine::Arm;
    case 183: return Machine::Arm64;
    case 243: return Machine::Riscv64;
    case 21: return Machine::Ppc64;
    case 22: return Machine::S390x;
    default: return Machine::Other;
  }
}

// The type of "add where the file was loaded" of each machine.
std::uint32_t relative_type(Machine machine) {
  switch (machine) {
    case Machine::X86_64: return 8;
    case Machine::Arm64: return 1027;
    case Machine::Riscv64: return 3;
    case Machine::Ppc64: return 22;
    case Machine::S390x: return 12;
    default: return UINT32_MAX;
  }
}

std::unexpected<Error> malformed(std::uint64_t offset, const char* what, std::uint64_t a = 0) {
  return std::unexpected(Error{.code = Errc::Malformed, .offset = offset, .what = what, .a = a});
}

}  // namespace

Result<Elf> Elf::open(std::string_view bytes) {
  if (!is_elf(bytes)) return malformed(0, "not an ELF file: it does not begin with 7f 45 4c 46");
  const std::uint64_t header = bytes.size() > 4 && bytes[4] == 2 ? 64 : 52;
  if (bytes.size() < header) {
    return std::unexpected(Error{.code = Errc::Truncated,
                                 .offset = bytes.size(),
                                 .what = "the ELF header has {} of its {} bytes",
                                 .a = bytes.size(),
                                 .b = header});
  }
  const auto size_class = static_cast<unsigned char>(bytes[4]);
  const auto order = static_cast<unsigned char>(bytes[5]);
  if (size_class != 1 && size_class != 2) return malformed(4, "ELF class {} is neither 32 nor 64 bits", size_class);
  if (order != 1 && order != 2) return malformed(5, "ELF byte order {} is unknown", order);
  Elf elf;
  elf.is_64_ = size_class == 2;
  elf.file_ = Reader(bytes, order == 2);
  const Reader& file = elf.file_;
  const unsigned word = elf.word_size();
  elf.type_ = file.get<std::uint16_t>(16).value_or(0);
  elf.machine_ = machine_of(file.get<std::uint16_t>(18).value_or(0));
  const std::uint64_t tables = elf.is_64_ ? 32 : 28;  // e_phoff, e_shoff
  const std::uint64_t counts = elf.is_64_ ? 54 : 42;  // e_phentsize, e_phnum, e_shentsize, e_shnum, e_shstrndx
  const auto half = [&](std::uint64_t at) { return std::uint64_t{file.get<std::uint16_t>(counts + at).value_or(0)}; };
  elf.entry_ = file.word(24, word).value_or(0);
  const std::uint64_t sections = file.word(tables + word, word).value_or(0);
  std::uint64_t headers = half(2);
  if (headers == kCountElsewhere) {
    const std::uint64_t info = sections + (elf.is_64_ ? 44 : 28);
    headers = sections == 0 ? headers : std::uint64_t{file.get<std::uint32_t>(info).value_or(kCountElsewhere)};
  }
  if (const auto read = elf.read_segments(file.word(tables, word).value_or(0), headers, half(0)); !read)
    return std::unexpected(read.error());
  elf.read_sections(sections, half(6), half(4), half(8));
  return elf;
}

Result<void> Elf::read_segments(std::uint64_t table, std::uint64_t count, std::uint64_t entry) {
  const std::uint64_t least = is_64_ ? 56 : 32;
  if (count != 0 && entry < least) return malformed(table, "program headers of {} bytes are too small", entry);
  program_headers_ = count;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t at = table + i * entry;
    const auto type = file_.get<std::uint32_t>(at);
    if (!type || file_.slice(at, least).size() < least) {
      return std::unexpected(Error{
          .code = Errc::Truncated, .offset = file_.size(), .what = "program header {} lies beyond the end", .a = i});
    }
    if (*type != kLoad && *type != kNote) continue;
    const auto word = [&](std::uint64_t in_64, std::uint64_t in_32) {
      return file_.word(at + (is_64_ ? in_64 : in_32), word_size()).value_or(0);
    };
    const std::uint32_t flags = file_.get<std::uint32_t>(at + (is_64_ ? 4 : 24)).value_or(0);
    (*type == kLoad ? segments_ : notes_)
        .push_back({.offset = word(8, 4),
                    .address = word(16, 8),
                    .file_size = word(32, 16),
                    .memory_size = word(40, 20),
                    .executable = (flags & 1) != 0,
                    .writable = (flags & 2) != 0,
                    .readable = (flags & 4) != 0});
  }
  return {};
}

void Elf::read_sections(std::uint64_t table, std::uint64_t count, std::uint64_t entry, std::uint64_t names) {
  const std::uint64_t least = is_64_ ? 64 : 40;
  if (table == 0 || entry < least) return;
  std::vector<std::uint32_t> name_offsets;
  for (std::uint64_t i = 0; i < std::min(count, kMostSections); ++i) {
    const std::uint64_t at = table + i * entry;
    const auto name = file_.get<std::uint32_t>(at);
    if (!name || file_.slice(at, least).size() < least) return sections_.clear();
    const auto word = [&](unsigned index) {  // of the words behind name and type
      return file_.word(at + 8 + std::uint64_t{index} * word_size(), word_size()).value_or(0);
    };
    name_offsets.push_back(*name);
    sections_.push_back({.type = file_.get<std::uint32_t>(at + 4).value_or(0),
                         .flags = word(0),
                         .address = word(1),
                         .offset = word(2),
                         .size = word(3),
                         .link = file_.get<std::uint32_t>(at + (is_64_ ? 40 : 24)).value_or(0),
                         .entry_size = file_.word(at + (is_64_ ? 56 : 36), word_size()).value_or(0)});
  }
  if (names >= sections_.size()) return;
  const Reader texts(content(sections_[names]), file_.big_endian());
  for (std::size_t i = 0; i < sections_.size(); ++i) sections_[i].name = texts.text(name_offsets[i]);
}

const Section* Elf::section(std::string_view name) const {
  const auto found = std::ranges::find(sections_, name, &Section::name);
  return found == sections_.end() ? nullptr : &*found;
}

std::string_view Elf::content(const Section& section) const {
  return section.type == kSectionNoBits ? std::string_view{} : file_.slice(section.offset, section.size);
}

std::string_view Elf::memory(std::uint64_t address, std::uint64_t size) const {
  for (const Segment& segment : segments_) {
    if (address < segment.address || address - segment.address >= segment.file_size) continue;
    const std::uint64_t into = address - segment.address;
    if (segment.offset > UINT64_MAX - into) continue;
    return file_.slice(segment.offset + into, std::min(size, segment.file_size - into));
  }
  return {};
}

// Notes stand in segments, in sections, or in both.
std::string_view Elf::note(std::string_view owner, std::uint32_t type) const {
  const auto look = [&](std::string_view area) -> std::string_view {
    NoteReader notes(area, file_.big_endian());
    for (Note each; notes.next(each);)
      if (each.owner == owner && each.type == type) return each.content;
    return {};
  };
  for (const Segment& segment : notes_)
    if (const auto found = look(file_.slice(segment.offset, segment.file_size)); !found.empty()) return found;
  for (const Section& section : sections_) {
    if (section.type != kSectionNote) continue;
    if (const auto found = look(content(section)); !found.empty()) return found;
  }
  return {};
}

std::string Elf::gnu_build_id() const {
  std::string text;
  for (const char byte : note("GNU", 3)) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

std::string_view Elf::go_build_id() const { return note("Go", 4); }

void Elf::add_functions(std::uint32_t type, std::vector<FunctionSymbol>& functions) const {
  for (const Section& section : sections_) {
    if (section.type != type || section.link >= sections_.size()) continue;
    const Reader table(content(section), file_.big_endian());
    const Reader names(content(sections_[section.link]), file_.big_endian());
    const std::uint64_t entry = is_64_ ? 24 : 16;
    for (std::uint64_t at = 0; at + entry <= table.size(); at += entry) {
      const std::uint8_t kind = table.get<std::uint8_t>(at + (is_64_ ? 4 : 12)).value_or(0) & 0xF;
      const std::uint16_t defined_in = table.get<std::uint16_t>(at + (is_64_ ? 6 : 14)).value_or(0);
      if ((kind != kFunction && kind != kIndirectFunction) || defined_in == 0) continue;
      const std::uint64_t address = table.word(at + (is_64_ ? 8 : 4), word_size()).value_or(0);
      const std::uint64_t size = table.word(at + (is_64_ ? 16 : 8), word_size()).value_or(0);
      const std::string_view name = names.text(table.get<std::uint32_t>(at).value_or(0));
      if (!name.empty()) functions.push_back({.name = name, .address = address, .size = size});
    }
  }
}

std::vector<FunctionSymbol> Elf::functions() const {
  std::vector<FunctionSymbol> functions;
  add_functions(kSectionSymbols, functions);
  if (functions.empty()) add_functions(kSectionDynamicSymbols, functions);
  std::ranges::stable_sort(functions, {}, &FunctionSymbol::address);
  return functions;
}

std::uint64_t Elf::symbol(std::string_view name) const {
  const std::uint64_t entry = is_64_ ? 24 : 16;
  for (const Section& section : sections_) {
    if (section.type != kSectionSymbols || section.link >= sections_.size()) continue;
    const Reader table(content(section), file_.big_endian());
    const std::string_view names = content(sections_[section.link]);
    for (std::uint64_t at = 0; at + entry <= table.size(); at += entry) {
      const std::uint32_t text = table.get<std::uint32_t>(at).value_or(0);
      // Without a search for the end of each name: they are long and many.
      if (text >= names.size() || !names.substr(text).starts_with(name)) continue;
      if (text + name.size() < names.size() && names[text + name.size()] == '\0')
        return table.word(at + (is_64_ ? 8 : 4), word_size()).value_or(0);
    }
  }
  return 0;
}

std::vector<Elf::Relocation> Elf::relative_relocations() const {
  std::vector<Relocation> found;
  if (!is_64_) return found;  // Go's 32-bit machines keep addends in place
  const std::uint32_t relative = relative_type(machine_);
  for (const Section& section : sections_) {
    if (section.type != kSectionRela) continue;
    const Reader table(content(section), file_.big_endian());
    for (std::uint64_t at = 0; at + 24 <= table.size(); at += 24) {
      const std::uint64_t info = table.get<std::uint64_t>(at + 8).value_or(0);
      if ((info & UINT32_MAX) != relative) continue;
      found.push_back({.address = table.get<std::uint64_t>(at).value_or(0),
                       .value = table.get<std::uint64_t>(at + 16).value_or(0)});
    }
  }
  std::ranges::stable_sort(found, {}, &Relocation::address);
  return found;
}

}  // namespace gopsy::binary
