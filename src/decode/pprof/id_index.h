#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

namespace gopsy::decode {

/// From the ids that a profile gives its mappings, functions or locations to their places in its tables.
///
/// Cost    writers number from 1, so a plain array serves nearly always; a map where ids are far apart.
class IdIndex {
 public:
  static constexpr std::uint32_t kMissing = UINT32_MAX;

  /// REQUIRES: `max_id` and `count` describe the ids that will be added.
  IdIndex(std::uint64_t max_id, std::size_t count) {
    // Up to four slots an id the array is smaller than the map.
    if (max_id <= std::uint64_t{count} * 4 + 1024) dense_.assign(max_id + 1, kMissing);
  }

  /// False if the id is there already.
  bool add(std::uint64_t id, std::uint32_t place) {
    if (dense_.empty()) return sparse_.emplace(id, place).second;
    const bool is_new = dense_[id] == kMissing;
    if (is_new) dense_[id] = place;
    return is_new;
  }

  [[nodiscard]] std::uint32_t find(std::uint64_t id) const {
    if (id < dense_.size()) return dense_[id];
    if (!dense_.empty()) return kMissing;
    const auto found = sparse_.find(id);
    return found == sparse_.end() ? kMissing : found->second;
  }

 private:
  std::vector<std::uint32_t> dense_;
  std::unordered_map<std::uint64_t, std::uint32_t> sparse_;
};

}  // namespace gopsy::decode
