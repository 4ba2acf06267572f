#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gopsy::test {

/// Little-endian numbers one behind the other.
class Words {
 public:
  template <class Number>
  Words& put(Number value) {
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    text_.append(bytes, sizeof value);
    return *this;
  }
  Words& u16(std::uint64_t value) { return put(static_cast<std::uint16_t>(value)); }
  Words& u32(std::uint64_t value) { return put(static_cast<std::uint32_t>(value)); }
  Words& u64(std::uint64_t value) { return put(value); }
  Words& bytes(std::string_view value) {
    text_ += value;
    return *this;
  }
  Words& pad_to(std::size_t size) {
    if (text_.size() < size) text_.resize(size, '\0');
    return *this;
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

/// Writes ELF files of a few segments: cores and the programs they are of.
///
/// Shape   header, program headers (notes first), notes, then the bytes of each segment; no sections, but the one that
///         holds the count if `count_elsewhere`.
class ElfBuilder {
 public:
  std::uint16_t type = 4;  // ET_CORE; 2 and 3 are programs
  std::uint16_t machine = 62;
  std::uint64_t entry = 0;
  bool count_elsewhere = false;

  struct Load {
    std::uint64_t address = 0;
    std::string bytes;
    std::uint64_t memory_size = 0;
    std::uint32_t flags = 6;
    std::uint64_t stated_file_size = UINT64_MAX;  // else the size of `bytes`
    std::uint64_t stated_offset = UINT64_MAX;
  };
  std::vector<Load> loads;

  Load& load(std::uint64_t address, std::string bytes, std::uint64_t memory_size = 0, std::uint32_t flags = 6) {
    const std::uint64_t size = memory_size == 0 ? bytes.size() : memory_size;
    loads.push_back({.address = address, .bytes = std::move(bytes), .memory_size = size, .flags = flags});
    return loads.back();
  }

  void note(std::string_view owner, std::uint32_t type_number, std::string_view content) {
    Words words;
    words.u32(owner.size() + 1).u32(content.size()).u32(type_number).bytes(owner).bytes(std::string_view("\0", 1));
    words.pad_to((words.text().size() + 3) / 4 * 4).bytes(content);
    words.pad_to((words.text().size() + 3) / 4 * 4);
    notes_ += words.text();
  }
  /// Notes as they are.
  void raw_notes(std::string_view bytes) { notes_ += bytes; }

  void prstatus(std::uint32_t tid, const std::vector<std::uint64_t>& words, std::uint16_t signal = 0) {
    Words status;
    status.pad_to(12).u16(signal).pad_to(32).u32(tid).pad_to(112);
    for (const auto word : words) status.u64(word);
    note("CORE", 1, status.u64(0).text());
  }
  void prpsinfo(std::uint32_t pid, std::string_view name, std::string_view arguments) {
    Words info;
    info.pad_to(24).u32(pid).pad_to(40).bytes(name).pad_to(56).bytes(arguments).pad_to(136);
    note("CORE", 3, info.text());
  }
  void siginfo(std::uint32_t number, std::uint32_t code, std::uint64_t address) {
    note("CORE", 0x53494749, Words().u32(number).u32(0).u32(code).u32(0).u64(address).pad_to(128).text());
  }
  void auxv(const std::vector<std::pair<std::uint64_t, std::uint64_t>>& entries) {
    Words words;
    for (const auto& [key, value] : entries) words.u64(key).u64(value);
    note("CORE", 6, words.u64(0).u64(0).text());
  }
  struct File {
    std::uint64_t start = 0, end = 0, page = 0;
    std::string_view path;
  };
  void files(const std::vector<File>& rows) {
    Words words;
    words.u64(rows.size()).u64(4096);
    for (const auto& row : rows) words.u64(row.start).u64(row.end).u64(row.page);
    for (const auto& row : rows) words.bytes(row.path).bytes(std::string_view("\0", 1));
    note("CORE", 0x46494c45, words.text());
  }

  [[nodiscard]] std::string build() const {
    const std::uint64_t headers = loads.size() + 1;
    const std::uint64_t section = 64 + headers * 56;
    const std::uint64_t notes_at = section + (count_elsewhere ? 64 : 0);
    std::uint64_t at = notes_at + notes_.size();
    Words out;
    out.bytes(std::string_view("\x7f"
                               "ELF\2\1\1",
                               7))
        .pad_to(16)
        .u16(type)
        .u16(machine)
        .u32(1);
    out.u64(entry).u64(64).u64(count_elsewhere ? section : 0).u32(0).u16(64).u16(56);
    out.u16(count_elsewhere ? 0xffff : headers).u16(64).u16(count_elsewhere ? 1 : 0).u16(0);
    out.u32(4).u32(4).u64(notes_at).u64(notes_address).u64(0).u64(notes_.size()).u64(notes_.size()).u64(4);
    for (const Load& load : loads) {
      const std::uint64_t stated = load.stated_file_size == UINT64_MAX ? load.bytes.size() : load.stated_file_size;
      out.u32(1)
          .u32(load.flags)
          .u64(load.stated_offset == UINT64_MAX ? at : load.stated_offset)
          .u64(load.address)
          .u64(0);
      out.u64(stated).u64(load.memory_size).u64(4096);
      at += load.bytes.size();
    }
    if (count_elsewhere) out.pad_to(section + 44).u32(headers).pad_to(section + 64);
    out.bytes(notes_);
    for (const Load& load : loads) out.bytes(load.bytes);
    return out.text();
  }

  std::uint64_t notes_address = 0;

 private:
  std::string notes_;
};

}  // namespace gopsy::test
