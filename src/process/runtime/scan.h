#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "process/runtime/go_runtime.h"

namespace gopsy::process {

/// As much of a process's writable data as is looked through; programs with more have it in huge arrays of their own.
inline constexpr std::uint64_t kMostScanned = std::uint64_t{1} << 30;

/// Calls `use(address, words)` for runs of words of a range that are there, until it yields true; yields whether it
/// did. Runs overlap by `overlap` words, so that a structure of that many and one more is whole in one of them.
///
/// Cost    bounded by what is mapped and by kMostScanned, whatever the range says.
template <class Use>
bool scan_words(const Memory& memory, const AddressRange& range, std::size_t overlap, const Use& use) {
  constexpr std::size_t kRun = std::size_t{1} << 16;
  std::vector<std::uint64_t> words;
  std::uint64_t budget = kMostScanned;
  for (const Mapping& mapping : memory.mappings()) {
    std::uint64_t at = (std::max(range.start, mapping.start) + 7) & ~std::uint64_t{7};
    const std::uint64_t end = std::min(range.end, mapping.end);
    while (at < end && end - at >= 8 && budget > 0) {
      const auto wanted = std::min<std::uint64_t>((end - at) / 8, kRun);
      words.resize(wanted);
      const std::size_t got = memory.read(at, {reinterpret_cast<char*>(words.data()), wanted * 8}) / 8;
      if (got == 0) break;
      words.resize(got);
      if (use(at, words)) return true;
      if (got <= overlap || got < wanted) break;
      budget -= std::min<std::uint64_t>(budget, (got - overlap) * 8);
      if (wanted == (end - at) / 8) break;
      at += (got - overlap) * 8;
    }
  }
  return false;
}

}  // namespace gopsy::process
