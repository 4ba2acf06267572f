#include "process/core_writer.h"

#include <algorithm>
#include <concepts>
#include <utility>

namespace gopsy::process {
namespace {

constexpr std::uint64_t kPage = 4096;
constexpr std::uint64_t kHeaderSize = 64;
constexpr std::uint64_t kProgramHeaderSize = 56;
constexpr std::uint64_t kSectionHeaderSize = 64;
constexpr std::uint64_t kCountElsewhere = 0xffff;

std::uint64_t up_to(std::uint64_t value, std::uint64_t unit) { return (value + unit - 1) / unit * unit; }

/// Little-endian numbers one behind the other.
class Out {
 public:
  template <std::unsigned_integral Number>
  Out& put(std::uint64_t value) {
    for (std::size_t i = 0; i < sizeof(Number); ++i) text_ += static_cast<char>(value >> (8 * i) & 0xff);
    return *this;
  }
  Out& u8(std::uint64_t value) { return put<std::uint8_t>(value); }
  Out& u16(std::uint64_t value) { return put<std::uint16_t>(value); }
  Out& u32(std::uint64_t value) { return put<std::uint32_t>(value); }
  Out& u64(std::uint64_t value) { return put<std::uint64_t>(value); }
  Out& bytes(std::string_view value) {
    text_ += value;
    return *this;
  }
  /// At most `size` bytes, zeros behind them.
  Out& field(std::string_view value, std::size_t size) {
    const std::size_t end = text_.size() + size;
    text_ += value.substr(0, size);
    return zeros_to(end);
  }
  Out& zeros_to(std::size_t size) {
    text_.resize(std::max(text_.size(), size), '\0');
    return *this;
  }
  [[nodiscard]] std::size_t size() const { return text_.size(); }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace

std::string core_header(const RegisterLayout& layout, std::string_view notes, std::vector<CorePart>& parts) {
  const std::uint64_t count = parts.size() + 1;
  const bool elsewhere = count >= kCountElsewhere;
  const std::uint64_t section_at = kHeaderSize + count * kProgramHeaderSize;
  const std::uint64_t notes_at = section_at + (elsewhere ? kSectionHeaderSize : 0);
  std::uint64_t data_at = up_to(notes_at + notes.size(), kPage);

  Out out;
  out.bytes(std::string_view("\x7f"
                             "ELF",
                             4))
      .u8(2)
      .u8(1)
      .u8(1)
      .zeros_to(16);
  out.u16(4).u16(layout.elf_machine).u32(1).u64(0).u64(kHeaderSize).u64(elsewhere ? section_at : 0).u32(0);
  out.u16(kHeaderSize).u16(kProgramHeaderSize).u16(elsewhere ? kCountElsewhere : count);
  out.u16(kSectionHeaderSize).u16(elsewhere ? 1 : 0).u16(0);
  out.u32(4).u32(0).u64(notes_at).u64(0).u64(0).u64(notes.size()).u64(0).u64(4);
  for (CorePart& part : parts) {
    part.offset = data_at;
    data_at += up_to(part.file_size, kPage);
    const std::uint64_t flags = (part.executable ? 1U : 0U) | (part.writable ? 2U : 0U) | (part.readable ? 4U : 0U);
    out.u32(1).u32(flags).u64(part.offset).u64(part.start).u64(0).u64(part.file_size).u64(part.memory_size).u64(kPage);
  }
  if (elsewhere) out.zeros_to(section_at + 44).u32(count).zeros_to(section_at + kSectionHeaderSize);
  out.bytes(notes).zeros_to(up_to(notes_at + notes.size(), kPage));
  return out.take();
}

std::uint64_t core_size(std::string_view header, const std::vector<CorePart>& parts) {
  std::uint64_t size = header.size();
  for (const CorePart& part : parts) size = std::max(size, part.offset + part.file_size);
  return size;
}

std::string core_note(std::string_view owner, std::uint32_t type, std::string_view content) {
  Out out;
  out.u32(owner.size() + 1).u32(content.size()).u32(type).bytes(owner).u8(0);
  out.zeros_to(up_to(out.size(), 4)).bytes(content);
  return out.zeros_to(up_to(out.size(), 4)).take();
}

std::string prstatus(const RegisterLayout& layout, const ProcessFacts& facts, std::uint32_t tid,
                     const Registers& registers) {
  Out out;
  out.zeros_to(kPrstatusPid).u32(tid).u32(facts.parent).u32(facts.group).u32(facts.session);
  out.zeros_to(kPrstatusRegisters);
  for (std::size_t i = 0; i < layout.names.size(); ++i) out.u64(registers.words[i]);
  return out.u32(1).u32(0).take();  // the floating point registers are valid
}

std::string prpsinfo(const ProcessFacts& facts) {
  constexpr std::string_view kStates = "RSDTZW";
  const auto state = kStates.find(facts.state);
  Out out;
  out.u8(state == std::string_view::npos ? 0 : state).u8(static_cast<unsigned char>(facts.state));
  out.u8(facts.state == 'Z' ? 1 : 0).u8(facts.nice).zeros_to(8).u64(facts.flags).u32(facts.uid).u32(facts.gid);
  out.u32(facts.pid).u32(facts.parent).u32(facts.group).u32(facts.session);
  out.field(facts.name.substr(0, kPrpsinfoNameSize - 1), kPrpsinfoNameSize);
  return out.field(facts.arguments.substr(0, kPrpsinfoArgumentsSize - 1), kPrpsinfoArgumentsSize).take();
}

std::string mapped_files(const std::vector<ProcMapping>& mappings) {
  Out rows;
  std::string names;
  std::uint64_t count = 0;
  for (const auto& [mapping, name, shared] : mappings) {
    if (mapping.file.empty()) continue;
    ++count;
    rows.u64(mapping.start).u64(mapping.end).u64(mapping.file_offset / kPage);
    names += mapping.file;
    names += '\0';
  }
  return Out().u64(count).u64(kPage).bytes(rows.take()).bytes(names).take();
}

std::string snapshot_note(const std::vector<Untouched>& untouched) {
  Out out;
  out.u64(untouched.size());
  for (const Untouched& each : untouched) out.u64(each.start).u64(each.end);
  return out.take();
}

}  // namespace gopsy::process
