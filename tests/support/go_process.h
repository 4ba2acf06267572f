#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "process/memory.h"
#include "process/runtime/layout.h"
#include "support/core_builder.h"

namespace gopsy::test {

/// Memory made of pieces; what no piece has is not there.
class PieceMemory : public process::Memory {
 public:
  void put(std::uint64_t address, std::string bytes) {
    mappings_.clear();
    pieces_[address] = std::move(bytes);
    for (const auto& [start, piece] : pieces_)
      mappings_.push_back({.start = start, .end = start + piece.size(), .readable = true, .writable = true});
  }
  void put_word(std::uint64_t address, std::uint64_t value) { put_number(address, value); }
  template <class Number>
  void put_number(std::uint64_t address, Number value) {
    if (std::string* const piece = piece_of(address, sizeof value))
      std::memcpy(piece->data() + (address - start_of(address)), &value, sizeof value);
  }
  void remove(std::uint64_t address) {
    std::string none;
    pieces_.erase(start_of(address));
    mappings_.clear();
    for (const auto& [start, piece] : pieces_)
      mappings_.push_back({.start = start, .end = start + piece.size(), .readable = true, .writable = true});
  }
  std::string& piece(std::uint64_t address) { return pieces_.at(address); }

  [[nodiscard]] std::span<const process::Mapping> mappings() const override { return mappings_; }
  std::size_t read(std::uint64_t address, std::span<char> into) const override {
    auto next = pieces_.upper_bound(address);
    if (next == pieces_.begin()) return 0;
    const auto& [start, bytes] = *--next;
    if (address - start >= bytes.size()) return 0;
    const std::size_t size = std::min<std::size_t>(into.size(), bytes.size() - (address - start));
    std::memcpy(into.data(), bytes.data() + (address - start), size);
    return size;
  }

 private:
  [[nodiscard]] std::uint64_t start_of(std::uint64_t address) const {
    return std::prev(pieces_.upper_bound(address))->first;
  }
  std::string* piece_of(std::uint64_t address, std::size_t size) {
    auto next = pieces_.upper_bound(address);
    if (next == pieces_.begin()) return nullptr;
    auto& [start, bytes] = *--next;
    return address - start + size <= bytes.size() ? &bytes : nullptr;
  }

  std::map<std::uint64_t, std::string> pieces_;
  std::vector<process::Mapping> mappings_;
};

/// A Go program of a few functions as its linker would lay it out, and a process of it with goroutines: what the
/// readers of the runtime look for stands at known addresses, to be bent.
class GoProcess {
 public:
  static constexpr std::uint64_t kText = 0x401000;
  static constexpr std::uint64_t kFunctionBytes = 0x100;
  static constexpr std::uint64_t kTable = 0x500000;
  static constexpr std::uint64_t kData = 0x600000;
  static constexpr std::uint64_t kModule = kData + 0x400;
  static constexpr std::uint64_t kAllGs = kData + 0x800;    ///< the slice header
  static constexpr std::uint64_t kReasons = kData + 0x900;  ///< waitReasonStrings
  static constexpr std::uint64_t kList = 0xc000001000;      ///< what allgs points to
  static constexpr std::uint64_t kG = 0xc000010000;         ///< the first g; 0x200 bytes each
  static constexpr std::uint64_t kStack = 0xc000100000;     ///< the first stack; kStackBytes each
  static constexpr std::uint64_t kStackBytes = 0x1000;
  static constexpr std::uint64_t kM = 0xc000020000;

  explicit GoProcess(std::string version = "go1.26.3", std::uint16_t machine = 62);

  /// The address of a function, and one in it that a call returns to.
  [[nodiscard]] std::uint64_t entry(std::string_view function) const;
  [[nodiscard]] std::uint64_t inside(std::string_view function) const { return entry(function) + 0x20; }

  /// Adds a goroutine that waits, its stack made of `functions`, innermost first; yields the address of its g.
  std::uint64_t add(std::uint64_t id, std::string_view start, const std::vector<std::string_view>& functions,
                    std::uint8_t reason = 3);

  void set(std::uint64_t g, std::uint16_t field, std::uint64_t value) { memory.put_word(g + field, value); }

  /// The executable as a file; written once.
  [[nodiscard]] std::string program() const { return elf_; }
  [[nodiscard]] const process::RuntimeLayout& layout() const { return layout_; }

  PieceMemory memory;

 private:
  struct Function {
    std::string name;
    std::uint8_t flags = 0;
  };
  [[nodiscard]] std::string table() const;
  [[nodiscard]] std::string data() const;

  std::string version_;
  std::uint16_t machine_;
  process::RuntimeLayout layout_;
  std::vector<Function> functions_;
  std::string elf_;
  std::uint64_t count_ = 0;
};

}  // namespace gopsy::test
