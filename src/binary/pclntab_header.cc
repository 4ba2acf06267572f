#include <algorithm>
#include <array>
#include <optional>

#include "binary/buildinfo.h"
#include "binary/pclntab.h"

namespace gopsy::binary {
namespace {

constexpr std::array<std::uint32_t, 4> kMagics{0xfffffffb, 0xfffffffa, 0xfffffff0, 0xfffffff1};
constexpr std::size_t kLeastHeader = 16;
constexpr std::uint64_t kMostFunctions = std::uint64_t{1} << 28;

// Offsets in runtime.moduledata, of 64-bit programs, in words.
constexpr std::uint64_t kTextWord = 22;
constexpr std::uint64_t kFuncDataWord118 = 38;
constexpr std::uint64_t kFuncDataWord120 = 40;
constexpr std::uint64_t kFuncDataWord127 = 43;

std::optional<std::size_t> magic_of(const Reader& table) {
  const auto magic = table.get<std::uint32_t>(0);
  const auto found = std::ranges::find(kMagics, magic.value_or(0));
  if (!magic || found == kMagics.end()) return std::nullopt;
  const auto quantum = table.get<std::uint8_t>(6);
  const auto word = table.get<std::uint8_t>(7);
  const bool plausible =
      table.get<std::uint16_t>(4) == 0 && (quantum == 1 || quantum == 2 || quantum == 4) && (word == 4 || word == 8);
  if (!plausible) return std::nullopt;
  return static_cast<std::size_t>(found - kMagics.begin());
}

struct Table {
  std::uint64_t address = 0;
  std::string_view bytes;
};

// By the names that linkers give the section; else by the header, at a multiple of 8 bytes of any segment.
std::optional<Table> find_table(const Elf& elf) {
  for (const std::string_view name : {".gopclntab", ".data.rel.ro.gopclntab"}) {
    const Section* const section = elf.section(name);
    if (section == nullptr) continue;
    const std::string_view bytes = elf.content(*section);
    if (magic_of(Reader(bytes, elf.file().big_endian()))) return Table{.address = section->address, .bytes = bytes};
  }
  for (const Segment& segment : elf.segments()) {
    const std::string_view area = elf.file().slice(segment.offset, segment.file_size);
    for (std::size_t at = 0; at + kLeastHeader <= area.size(); at += 8) {
      // The second half of every magic is ff ff, in either byte order one of these bytes.
      if (area[at + 1] != '\xff' && area[at + 2] != '\xff') continue;
      const std::string_view bytes = area.substr(at);
      if (magic_of(Reader(bytes, elf.file().big_endian())))
        return Table{.address = segment.address + at, .bytes = bytes};
    }
  }
  return std::nullopt;
}

}  // namespace

Result<Pclntab> Pclntab::open(const Elf& elf) {
  const auto table = find_table(elf);
  if (!table)
    return std::unexpected(
        Error{.code = Errc::Unsupported, .what = "no table of Go functions (pclntab): not a Go binary"});
  Pclntab pclntab(elf);
  pclntab.relocations_ = elf.relocatable() ? elf.relative_relocations() : std::vector<Elf::Relocation>{};
  if (const auto read = pclntab.read_header(table->address, table->bytes); !read) return std::unexpected(read.error());
  pclntab.find_text_and_data(table->address);
  return pclntab;
}

Result<void> Pclntab::read_header(std::uint64_t address, std::string_view table) {
  const Reader header(table, elf_->file().big_endian());
  layout_ = static_cast<Layout>(*magic_of(header));
  quantum_ = header.get<std::uint8_t>(6).value_or(1);
  word_ = header.get<std::uint8_t>(7).value_or(8);
  table_address_ = address;
  const auto part = [&](unsigned number) {  // from the offset that the header's word of that number says
    const std::uint64_t offset = header.word(8 + std::uint64_t{number} * word_, word_).value_or(table.size());
    return Reader(table.substr(std::min<std::uint64_t>(offset, table.size())), header.big_endian());
  };
  count_ = header.word(8, word_).value_or(0);
  if (layout_ == Layout::Go12) {
    names_ = values_ = header;
    functions_ = Reader(table.substr(8 + word_), header.big_endian());
    functions_address_ = address + 8 + word_;
  } else {
    const unsigned first = layout_ == Layout::Go116 ? 2 : 3;  // 1.18 put the start of the code before
    names_ = part(first);
    units_ = part(first + 1);
    files_ = part(first + 2);
    values_ = part(first + 3);
    functions_ = part(first + 4);
    functions_address_ = address + (table.size() - functions_.size());
    if (layout_ >= Layout::Go118) text_ = header.word(8 + std::uint64_t{2} * word_, word_).value_or(0);
  }
  const std::uint64_t row = layout_ >= Layout::Go118 ? 8 : std::uint64_t{2} * word_;
  if (count_ == 0 || count_ > kMostFunctions || functions_.size() / row < count_ + 1) {
    return std::unexpected(Error{.code = Errc::Malformed,
                                 .what = "the pclntab says {} functions, which do not fit into its {} bytes",
                                 .a = count_,
                                 .b = table.size()});
  }
  if (layout_ == Layout::Go12) {
    // Offsets of functions and files count from the start of the table.
    const std::uint64_t files = functions_.get<std::uint32_t>(count_ * row + word_).value_or(0);
    files_ = Reader(table.substr(std::min<std::uint64_t>(files, table.size())), header.big_endian());
  }
  return {};
}

// A word of the program as the loader leaves it, before it adds where the file was loaded.
std::uint64_t Pclntab::module_word(std::uint64_t address) const {
  const auto found = std::ranges::lower_bound(relocations_, address, {}, &Elf::Relocation::address);
  if (found != relocations_.end() && found->address == address) return found->value;
  return Reader(elf_->memory(address, word_), elf_->file().big_endian()).word(0, word_).value_or(0);
}

// runtime.firstmoduledata begins with the address of this table and that of the names in it.
std::uint64_t Pclntab::find_module(std::uint64_t table_address) const {
  const auto table_end = names_.bytes().data();
  const std::uint64_t names =
      table_address + static_cast<std::uint64_t>(table_end - elf_->memory(table_address, 1).data());
  const auto is_module = [&](std::uint64_t address) {
    return module_word(address) == table_address && module_word(address + word_) == names;
  };
  if (const Section* const section = elf_->section(".go.module"))
    if (is_module(section->address)) return section->address;
  for (const auto& relocation : relocations_)
    if (relocation.value == table_address && is_module(relocation.address)) return relocation.address;
  for (const Segment& segment : elf_->segments()) {
    if (!segment.writable) continue;
    const Reader area(elf_->file().slice(segment.offset, segment.file_size), elf_->file().big_endian());
    for (std::uint64_t at = 0; at + word_ <= area.size(); at += word_)
      if (area.word(at, word_) == table_address && is_module(segment.address + at)) return segment.address + at;
  }
  return 0;
}

void Pclntab::find_text_and_data(std::uint64_t address) {
  if (layout_ < Layout::Go118) return;
  const std::uint64_t module = elf_->memory(address, 1).empty() ? 0 : find_module(address);
  module_address_ = module;
  const unsigned minor = build_info(*elf_).minor();
  const std::uint64_t data_word = layout_ == Layout::Go118 ? kFuncDataWord118
                                  : minor >= 27            ? kFuncDataWord127
                                                           : kFuncDataWord120;
  if (module != 0) {
    text_ = module_word(module + kTextWord * word_);
    go_func_ = module_word(module + data_word * word_);
  }
  if (text_ == 0) {
    const Section* const section = elf_->section(".text");
    if (section != nullptr) text_ = section->address;
  }
}

}  // namespace gopsy::binary
