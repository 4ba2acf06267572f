#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "process/memory.h"

namespace gopsy::process {

/// The memory of a living process by whole pages, each for a few milliseconds: small reads that follow each other are
/// of the same pages mostly, and each costs a system call otherwise.
///
/// Shape   what it serves is up to kLifetimeNs old, a tenth of what it takes to read a large process. Memory that can
/// be
///         looked at in place is passed through.
/// Cost    1 MB; a look-up is an index.
class PageCache final : public Memory {
 public:
  explicit PageCache(const Memory& memory) : memory_(memory) {}

  [[nodiscard]] std::span<const Mapping> mappings() const override { return memory_.mappings(); }
  [[nodiscard]] bool is_live() const override { return memory_.is_live(); }
  std::size_t read(std::uint64_t address, std::span<char> into) const override;
  void read_many(std::span<Request> requests) const override;
  [[nodiscard]] std::string_view view(std::uint64_t address, std::uint64_t size) const override {
    return memory_.view(address, size);
  }

 private:
  static constexpr std::uint64_t kPage = 4096;
  static constexpr std::size_t kPages = 256;
  static constexpr std::int64_t kLifetimeNs = 5'000'000;

  struct Page {
    std::uint64_t number = UINT64_MAX;
    std::int64_t read_ns = 0;
    std::size_t size = 0;  // of it, from its start, was there
    std::array<char, kPage> bytes{};
  };
  const Page& page(std::uint64_t number) const;

  const Memory& memory_;
  mutable std::vector<Page> pages_;
};

}  // namespace gopsy::process
