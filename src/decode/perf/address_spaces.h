#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <unordered_map>

#include "base/ids.h"

namespace gopsy::decode {

/// One mapped file.
struct PerfMap {
  std::uint64_t start = 0;
  std::uint64_t limit = 0;
  std::uint64_t offset = 0;
  StringId file;
  std::string_view build_id;  ///< raw bytes; may be empty
};

/// What is mapped where, in the kernel and in each process, while the records of a recording pass by in their order.
///
/// Shape   a process that was forked sees its own mappings, then those of the processes it came from, at most 16
///         deep, as they are when it is asked.
/// Cost    logarithmic; a mapping is cut or dropped once by those that come over it.
class AddressSpaces {
 public:
  static constexpr std::uint32_t kKernel = UINT32_MAX;  // the process of the kernel's mappings

  void map(std::uint32_t pid, const PerfMap& map);
  void fork(std::uint32_t pid, std::uint32_t parent);
  /// Null if nothing is known there; valid until the next change.
  [[nodiscard]] const PerfMap* find(std::uint32_t pid, std::uint64_t address) const;

 private:
  struct Process {
    std::map<std::uint64_t, PerfMap> maps;  // by start, without overlaps
    std::uint32_t parent = kKernel;
  };
  std::unordered_map<std::uint32_t, Process> processes_;
};

}  // namespace gopsy::decode
