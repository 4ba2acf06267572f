#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "io/bytes.h"
#include "process/memory.h"

namespace gopsy::process {

/// A run of addresses and the bytes that stand there.
struct Stretch {
  std::uint64_t start = 0;
  std::uint64_t size = 0;
  const char* bytes = nullptr;  ///< null: zeros
};

/// Stretches as one sorted table.
///
/// Shape   what is laid first stays on top: `lay` fills only addresses that are free. Bytes must outlive the table.
/// Cost    `at` is a binary search, less where it was asked nearby before. `lay` sorts all: n log n.
class Stretches {
 public:
  Stretches() = default;
  Stretches(const Stretches&) = delete;
  Stretches& operator=(const Stretches&) = delete;

  /// Yields how many of them found no place at all: empty ones, ones that wrap around the end of addresses, ones that
  /// others cover.
  std::uint64_t lay(std::vector<Stretch> stretches);

  /// The bytes from an address on, at most `size`: empty where nothing is. Zeros come in parts of 64 KiB at most.
  [[nodiscard]] std::string_view at(std::uint64_t address, std::uint64_t size) const;

  /// Copies from `address` on over neighbouring stretches; yields how many bytes there were.
  std::size_t copy(std::uint64_t address, std::span<char> into) const;

 private:
  [[nodiscard]] std::size_t index_after(std::uint64_t address) const;

  std::vector<Stretch> sorted_;
  mutable std::atomic<std::size_t> last_{0};  // of a hint only: any value is right
};

/// The memory that files have of a process that does not run: a core and the executable beneath it.
class FileMemory final : public Memory {
 public:
  /// `owned` is kept as long as the memory is: the bytes of `stretches`, if nobody else keeps them.
  explicit FileMemory(std::vector<Mapping> mappings, io::Bytes owned = {})
      : mappings_(std::move(mappings)), owned_(std::move(owned)) {}

  [[nodiscard]] std::span<const Mapping> mappings() const override { return mappings_; }
  std::size_t read(std::uint64_t address, std::span<char> into) const override { return stretches.copy(address, into); }
  [[nodiscard]] std::string_view view(std::uint64_t address, std::uint64_t size) const override {
    return stretches.at(address, size);
  }

  Stretches stretches;

 private:
  std::vector<Mapping> mappings_;
  io::Bytes owned_;
};

}  // namespace gopsy::process
