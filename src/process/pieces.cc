#include "process/pieces.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace gopsy::process {
namespace {

constexpr std::size_t kZeros = std::size_t{64} << 10;
constexpr std::array<char, kZeros> kZeroBytes{};

std::uint64_t end_of(const Stretch& stretch) { return stretch.start + stretch.size; }

// The part of a stretch from `from` up to `to`.
Stretch part(const Stretch& whole, std::uint64_t from, std::uint64_t to) {
  return {
      .start = from, .size = to - from, .bytes = whole.bytes == nullptr ? nullptr : whole.bytes + (from - whole.start)};
}

}  // namespace

std::uint64_t Stretches::lay(std::vector<Stretch> stretches) {
  std::uint64_t refused = 0;
  const auto impossible = [](const Stretch& one) { return one.size == 0 || one.start > UINT64_MAX - one.size; };
  refused += std::erase_if(stretches, impossible);
  std::ranges::stable_sort(stretches, {}, &Stretch::start);
  std::vector<Stretch> laid;
  std::size_t next = 0;  // of those that were there: the first that ends behind where we are
  std::uint64_t free_from = 0;
  for (const Stretch& one : stretches) {
    std::uint64_t from = std::max(one.start, free_from);
    const std::uint64_t end = end_of(one);
    bool placed = false;
    while (from < end) {
      while (next < sorted_.size() && end_of(sorted_[next]) <= from) ++next;
      const std::uint64_t gap_end = next < sorted_.size() ? std::min(end, sorted_[next].start) : end;
      if (from < gap_end) {
        laid.push_back(part(one, from, gap_end));
        placed = true;
      }
      from = next < sorted_.size() ? std::max(gap_end, std::min(end, end_of(sorted_[next]))) : gap_end;
    }
    if (!placed) ++refused;
    free_from = std::max(free_from, end);
  }
  sorted_.insert(sorted_.end(), laid.begin(), laid.end());
  std::ranges::sort(sorted_, {}, &Stretch::start);
  return refused;
}

std::size_t Stretches::index_after(std::uint64_t address) const {
  const auto after = std::ranges::upper_bound(sorted_, address, {}, &Stretch::start);
  return static_cast<std::size_t>(after - sorted_.begin());
}

std::string_view Stretches::at(std::uint64_t address, std::uint64_t size) const {
  std::size_t index = last_.load(std::memory_order_relaxed);
  if (index >= sorted_.size() || address - sorted_[index].start >= sorted_[index].size) {
    index = index_after(address);
    if (index == 0) return {};
    --index;
    if (address - sorted_[index].start >= sorted_[index].size) return {};
    last_.store(index, std::memory_order_relaxed);
  }
  const Stretch& found = sorted_[index];
  const std::uint64_t into = address - found.start;
  const std::uint64_t there = std::min(size, found.size - into);
  if (found.bytes == nullptr) return {kZeroBytes.data(), std::min<std::uint64_t>(there, kZeros)};
  return {found.bytes + into, there};
}

std::size_t Stretches::copy(std::uint64_t address, std::span<char> into) const {
  std::size_t done = 0;
  while (done < into.size()) {
    const std::string_view next = at(address + done, into.size() - done);
    if (next.empty() || address + done < address) break;
    std::memcpy(into.data() + done, next.data(), next.size());
    done += next.size();
  }
  return done;
}

}  // namespace gopsy::process
