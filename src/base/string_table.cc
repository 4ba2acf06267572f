#include "base/string_table.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstring>

#include "base/check.h"

namespace gopsy {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{64} << 10;
constexpr std::size_t kFirstSlots = 1024;

std::uint32_t hash_of(std::string_view text) {
  return static_cast<std::uint32_t>(XXH3_64bits(text.data(), text.size()));
}

}  // namespace

StringTable::StringTable() : texts_(1), slots_(kFirstSlots) {}

// Linear probing. The hash only narrows: a match compares the whole text, so two names never alias.
std::size_t StringTable::slot_of(std::string_view text, std::uint32_t hash) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash & mask;
  while (slots_[at].id != 0 && (slots_[at].hash != hash || texts_[slots_[at].id] != text)) at = (at + 1) & mask;
  return at;
}

StringId StringTable::find(std::string_view text) const {
  if (text.empty()) return {};
  return StringId{slots_[slot_of(text, hash_of(text))].id};
}

StringId StringTable::intern(std::string_view text) {
  if (text.empty()) return {};
  const std::uint32_t hash = hash_of(text);
  std::size_t at = slot_of(text, hash);
  if (slots_[at].id != 0) return StringId{slots_[at].id};
  if ((slots_used_ + 1) * 2 >= slots_.size()) {
    grow();
    at = slot_of(text, hash);
  }
  const StringId id = append(text);
  slots_[at] = {.hash = hash, .id = id.value};
  ++slots_used_;
  return id;
}

StringId StringTable::append(std::string_view text) {
  if (text.empty()) return {};
  GOPSY_CHECK(texts_.size() < UINT32_MAX);
  texts_.push_back(keep(text));
  return StringId{static_cast<std::uint32_t>(texts_.size() - 1)};
}

std::string_view StringTable::keep(std::string_view text) {
  if (text.size() > free_bytes_) {
    const std::size_t bytes = text.size() > kBlockBytes ? text.size() : kBlockBytes;
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(bytes));
    free_ = blocks_.back().get();
    free_bytes_ = bytes;
  }
  char* const at = free_;
  std::memcpy(at, text.data(), text.size());
  free_ += text.size();
  free_bytes_ -= text.size();
  return {at, text.size()};
}

void StringTable::grow() {
  std::vector<Slot> old(slots_.size() * 2);
  old.swap(slots_);
  const std::size_t mask = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.id == 0) continue;
    std::size_t at = slot.hash & mask;
    while (slots_[at].id != 0) at = (at + 1) & mask;
    slots_[at] = slot;
  }
}

}  // namespace gopsy
