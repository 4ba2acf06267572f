#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "process/runtime/go_runtime.h"

namespace gopsy::process {

/// Where the fields of runtime.mspan stand; startAddr at 24 and npages at 32 never moved.
///
/// Source  DWARF of programs that Go 1.20 to 1.27 built; 1.18 and 1.19 as 1.20 by their sources.
struct SpanLayout {
  unsigned oldest = 0;  ///< minor version that it came with
  std::uint16_t free_index = 0;
  std::uint16_t element_count = 0;
  bool narrow = false;  ///< the two are of 16 bits, else of 64
  std::uint16_t alloc_bits = 0;
  std::uint16_t span_class = 0;
  std::uint16_t state = 0;
  std::uint16_t element_size = 0;
  std::uint16_t limit = 0;
  std::uint16_t large_type = 0;  ///< 0: it keeps none
};

/// One run of pages of the heap.
struct Span {
  enum class State : std::uint8_t { Dead = 0, InUse = 1, Manual = 2 };

  std::uint64_t start = 0;
  std::uint64_t pages = 0;
  std::uint64_t free_index = 0;  ///< slots before it are in use
  std::uint64_t element_count = 0;
  std::uint64_t element_size = 0;
  std::uint64_t alloc_bits = 0;  ///< address of a bitmap: which slots behind free_index are in use
  std::uint64_t large_type = 0;  ///< address of the type of a large object
  std::uint8_t span_class = 0;   ///< size class, shifted by one; the lowest bit: no pointers
  State state = State::Dead;

  static constexpr std::uint64_t kPageBytes = 8192;
  /// 1,024 slots of 8 bytes in a page are the most that a version makes.
  static constexpr std::uint64_t kMostSlots = 8192;
  [[nodiscard]] std::uint64_t bytes() const { return pages * kPageBytes; }
  [[nodiscard]] bool has_pointers() const { return (span_class & 1) == 0; }
  [[nodiscard]] bool is_large() const { return span_class >> 1 == 0; }
};

/// The runtime's list of all spans, mheap_.allspans.
struct SpanList {
  std::uint64_t address = 0;  ///< of the first of `count` pointers
  std::uint64_t count = 0;
  SpanLayout layout;
  bool expected_layout = true;  ///< it is that of the program's version
};

/// Finds the list among everything in the data that looks like a slice, and proves it on the spans it names.
///
/// Errors  Malformed: nothing in the data is a list of spans.
/// Cost    one pass over the program's writable data, not over the heap.
Result<SpanList> find_spans(const GoRuntime& runtime);

/// Calls `use` for each span of the list, dead ones too, in its order.
/// Yields  how many entries could not be read, or contradict themselves.
/// Cost    a read of 160 bytes a span, many at a time.
std::uint64_t for_each_span(const Memory& memory, const SpanList& list, const std::function<void(const Span&)>& use);

}  // namespace gopsy::process
