#include "decode/perf/address_spaces.h"

namespace gopsy::decode {

void AddressSpaces::map(std::uint32_t pid, const PerfMap& map) {
  if (map.limit <= map.start) return;
  auto& maps = processes_[pid].maps;
  auto at = maps.upper_bound(map.start);
  if (at != maps.begin()) {
    PerfMap& before = std::prev(at)->second;
    if (before.limit > map.limit) {
      PerfMap rest = before;
      rest.offset += map.limit - before.start;
      rest.start = map.limit;
      maps.emplace(rest.start, rest);
    }
    before.limit = std::min(before.limit, map.start);
    if (before.start >= before.limit) maps.erase(std::prev(at));
  }
  for (at = maps.lower_bound(map.start); at != maps.end() && at->second.start < map.limit;) {
    PerfMap rest = at->second;
    at = maps.erase(at);
    if (rest.limit <= map.limit) continue;
    rest.offset += map.limit - rest.start;
    rest.start = map.limit;
    maps.emplace(rest.start, rest);
    break;
  }
  maps.insert_or_assign(map.start, map);
}

void AddressSpaces::fork(std::uint32_t pid, std::uint32_t parent) {
  if (pid == parent || pid == kKernel) return;
  Process& process = processes_[pid];
  process.maps.clear();
  process.parent = parent;
}

const PerfMap* AddressSpaces::find(std::uint32_t pid, std::uint64_t address) const {
  constexpr unsigned kMostForks = 16;
  for (unsigned depth = 0; depth < kMostForks; ++depth) {
    const auto process = processes_.find(pid);
    if (process == processes_.end()) return nullptr;
    const auto& maps = process->second.maps;
    const auto after = maps.upper_bound(address);
    if (after != maps.begin() && std::prev(after)->second.limit > address) return &std::prev(after)->second;
    pid = process->second.parent;
    if (pid == kKernel) return nullptr;
  }
  return nullptr;
}

}  // namespace gopsy::decode
