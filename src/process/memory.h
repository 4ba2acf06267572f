#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gopsy::process {

/// A run of addresses that the process had mapped.
struct Mapping {
  std::uint64_t start = 0;
  std::uint64_t end = 0;  ///< one beyond the last byte
  bool readable = false;
  bool writable = false;
  bool executable = false;
  std::uint64_t file_offset = 0;
  std::string file;  ///< empty: anonymous
};

/// The memory of one process, dead or alive, as one address space.
///
/// Shape   addresses are those of the process; mappings are sorted and do not overlap. What is not there (not dumped,
///         cut off, unmapped meanwhile, no permission) reads short: every caller has to expect it anywhere. Words are
///         little-endian: both machines that Go processes are read from (amd64, arm64) are.
/// Cost    `view` and `read` of a core: a binary search over the segments. Of a living process: a system call a `read`,
///         so readers fetch whole structures, and `read_many` takes all of them at once.
class Memory {
 public:
  Memory() = default;
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  virtual ~Memory() = default;

  [[nodiscard]] virtual std::span<const Mapping> mappings() const = 0;

  /// Copies what is there from `address` on; yields how many bytes, from the first, were.
  virtual std::size_t read(std::uint64_t address, std::span<char> into) const = 0;

  /// One of many reads that are handed over together; `got` is what `read` would have yielded.
  struct Request {
    std::uint64_t address = 0;
    std::span<char> into;
    std::size_t got = 0;
  };
  virtual void read_many(std::span<Request> requests) const;

  /// The bytes where they stand, without a copy: up to `size`, fewer where the next piece begins; empty where there is
  /// nothing or where the memory cannot be looked at in place, as a living process's cannot.
  [[nodiscard]] virtual std::string_view view(std::uint64_t address, std::uint64_t size) const {
    static_cast<void>(address);
    static_cast<void>(size);
    return {};
  }

  /// May two reads of one address differ: the process runs on while it is read.
  [[nodiscard]] virtual bool is_live() const { return false; }

  /// A number at an address; nothing if it is not all there.
  template <std::unsigned_integral Number>
  [[nodiscard]] std::optional<Number> get(std::uint64_t address) const {
    std::array<char, sizeof(Number)> bytes{};
    if (read(address, bytes) != bytes.size()) return std::nullopt;
    Number value = 0;
    std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }
  [[nodiscard]] std::optional<std::uint64_t> word(std::uint64_t address) const { return get<std::uint64_t>(address); }
};

}  // namespace gopsy::process
