#include "process/heap/census.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <map>
#include <unordered_map>
#include <utility>

#include "process/runtime/panics.h"

namespace gopsy::process {
namespace {

using model::HeapCensus;

// Objects with pointers of more bytes than this begin with the address of their type.
constexpr std::uint64_t kMostBytesWithoutType = 512;
constexpr std::size_t kSpanClasses = 256;
constexpr std::size_t kMostBitmap = Span::kMostSlots / 8;
constexpr std::size_t kBatch = 1024;

class Counting {
 public:
  Counting(const GoRuntime& runtime, const SpanList& list, std::size_t largest)
      : runtime_(runtime), memory_(*runtime.memory), largest_(largest) {
    census_.has_types = list.layout.large_type != 0;
    waiting_.reserve(kBatch);
  }

  void span(const Span& span) {
    if (span.state == Span::State::Dead) {
      ++census_.free_spans;
    } else if (span.state == Span::State::Manual) {
      ++census_.stack_spans;
      census_.stack_bytes += span.bytes();
    } else {
      waiting_.push_back(span);
      if (waiting_.size() == kBatch) count_waiting();
    }
  }

  HeapCensus take(std::uint64_t unreadable) {
    count_waiting();
    read_types();
    census_.unreadable_spans = unreadable;
    for (HeapCensus::SizeClass& one : classes_) {
      if (one.spans == 0) continue;
      census_.spans += one.spans;
      census_.span_bytes += one.span_bytes;
      census_.objects += one.objects;
      census_.bytes += one.bytes;
      census_.classes.push_back(one);
    }
    std::ranges::sort(census_.classes, {}, [](const HeapCensus::SizeClass& one) {
      return std::pair(one.object_bytes == 0 ? UINT64_MAX : one.object_bytes, one.pointers);
    });
    name_types();
    std::ranges::sort(large_, [](const Span& a, const Span& b) {
      return std::pair(a.bytes(), b.start) > std::pair(b.bytes(), a.start);
    });
    for (const Span& one : large_)
      census_.largest.push_back({.address = one.start,
                                 .bytes = one.element_size,
                                 .pointers = one.has_pointers(),
                                 .type = name(one.large_type)});
    return std::move(census_);
  }

 private:
  struct Tally {
    std::uint64_t objects = 0;
    std::uint64_t bytes = 0;
  };

  // Of spans whose slots behind the free index may be in use, the bitmaps; then all are counted.
  void count_waiting() {
    std::vector<std::array<char, kMostBitmap>>& bitmaps = bitmaps_;
    bitmaps.resize(waiting_.size());
    requests_.clear();
    for (std::size_t i = 0; i < waiting_.size(); ++i) {
      const Span& span = waiting_[i];
      const std::size_t bytes = (span.element_count + 7) / 8;
      const bool wanted = span.free_index < span.element_count;
      requests_.push_back(
          {.address = span.alloc_bits, .into = std::span(bitmaps[i]).first(wanted ? bytes : 0), .got = 0});
    }
    memory_.read_many(requests_);
    for (std::size_t i = 0; i < waiting_.size(); ++i) {
      const Memory::Request& bitmap = requests_[i];
      const bool whole = bitmap.got == bitmap.into.size();
      if (!whole) ++census_.unreadable_bitmaps;
      count(waiting_[i], whole ? std::string_view(bitmap.into.data(), bitmap.into.size()) : std::string_view(), whole);
    }
    waiting_.clear();
  }

  static bool in_use(std::string_view bitmap, std::uint64_t slot) {
    return (static_cast<std::uint8_t>(bitmap[slot / 8]) >> (slot % 8) & 1) != 0;
  }

  void count(const Span& span, std::string_view bitmap, bool known) {
    std::uint64_t objects = known ? span.free_index : span.element_count;
    for (std::uint64_t slot = span.free_index; known && slot < span.element_count;) {
      if (slot % 8 == 0 && slot + 8 <= span.element_count) {
        objects += static_cast<unsigned>(std::popcount(static_cast<std::uint8_t>(bitmap[slot / 8])));
        slot += 8;
      } else {
        objects += in_use(bitmap, slot) ? 1U : 0U;
        ++slot;
      }
    }
    HeapCensus::SizeClass& row = classes_[span.span_class];
    row.object_bytes = span.is_large() ? 0 : span.element_size;
    row.pointers = span.has_pointers();
    ++row.spans;
    row.span_bytes += span.bytes();
    row.objects += objects;
    row.bytes += objects * span.element_size;
    if (!census_.has_types || !span.has_pointers()) {
      if (span.is_large() && objects != 0) add_large(span);
      return;
    }
    if (span.is_large()) {
      if (objects == 0) return;
      add_large(span);
      add_type(span.large_type, span.element_size);
    } else if (span.element_size > kMostBytesWithoutType) {
      for (std::uint64_t slot = 0; slot < span.element_count; ++slot)
        if (!known || slot < span.free_index || in_use(bitmap, slot))
          ask_type(span.start + slot * span.element_size, span.element_size);
    }
  }

  void add_large(const Span& span) {
    const auto smaller = [](const Span& a, const Span& b) { return a.bytes() > b.bytes(); };
    if (largest_ == 0) return;
    large_.push_back(span);
    std::ranges::push_heap(large_, smaller);
    if (large_.size() <= largest_) return;
    std::ranges::pop_heap(large_, smaller);
    large_.pop_back();
  }

  void ask_type(std::uint64_t address, std::uint64_t bytes) {
    asked_.push_back({address, bytes});
    if (asked_.size() == kBatch) read_types();
  }

  void read_types() {
    words_.resize(asked_.size());
    type_requests_.clear();
    for (std::size_t i = 0; i < asked_.size(); ++i)
      type_requests_.push_back(
          {.address = asked_[i].first, .into = {reinterpret_cast<char*>(&words_[i]), sizeof words_[i]}, .got = 0});
    memory_.read_many(type_requests_);
    for (std::size_t i = 0; i < asked_.size(); ++i)
      if (type_requests_[i].got == sizeof words_[i]) add_type(words_[i], asked_[i].second);
    asked_.clear();
  }

  // Free slots that were never used, and objects just being made, have no type yet.
  void add_type(std::uint64_t type, std::uint64_t bytes) {
    if (!runtime_.types.contains(type)) return;
    Tally& tally = types_[type];
    ++tally.objects;
    tally.bytes += bytes;
  }

  std::string name(std::uint64_t type) { return type == 0 ? std::string() : type_name(runtime_, type); }

  // Types of different packages may have one name.
  void name_types() {
    std::map<std::string, Tally> by_name;
    for (const auto& [type, tally] : types_) {
      std::string text = name(type);
      if (text.empty()) continue;
      Tally& sum = by_name[std::move(text)];
      sum.objects += tally.objects;
      sum.bytes += tally.bytes;
    }
    for (const auto& [text, tally] : by_name) {
      census_.types.push_back({.name = text, .objects = tally.objects, .bytes = tally.bytes});
      census_.typed_bytes += tally.bytes;
    }
    std::ranges::stable_sort(census_.types, std::greater(), &HeapCensus::Type::bytes);
  }

  const GoRuntime& runtime_;
  const Memory& memory_;
  std::size_t largest_;
  HeapCensus census_;
  std::array<HeapCensus::SizeClass, kSpanClasses> classes_{};
  std::vector<Span> waiting_;
  std::vector<std::array<char, kMostBitmap>> bitmaps_;
  std::vector<Memory::Request> requests_;       // of bitmaps
  std::vector<Memory::Request> type_requests_;  // made while bitmaps are looked at
  std::vector<Span> large_;                     // a heap, the smallest in front
  std::vector<std::pair<std::uint64_t, std::uint64_t>> asked_;
  std::vector<std::uint64_t> words_;
  std::unordered_map<std::uint64_t, Tally> types_;
};

}  // namespace

Result<HeapCensus> heap_census(const GoRuntime& runtime, std::size_t largest) {
  const auto list = find_spans(runtime);
  if (!list) return std::unexpected(list.error());
  Counting counting(runtime, *list, largest);
  const std::uint64_t unreadable =
      for_each_span(*runtime.memory, *list, [&](const Span& span) { counting.span(span); });
  return counting.take(unreadable);
}

}  // namespace gopsy::process
