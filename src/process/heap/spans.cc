#include "process/heap/spans.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "process/runtime/scan.h"

namespace gopsy::process {
namespace {

constexpr std::array kLayouts{
    SpanLayout{.oldest = 18,
               .free_index = 48,
               .element_count = 56,
               .narrow = false,
               .alloc_bits = 72,
               .span_class = 98,
               .state = 99,
               .element_size = 104,
               .limit = 112,
               .large_type = 0},
    SpanLayout{.oldest = 21,
               .free_index = 48,
               .element_count = 56,
               .narrow = false,
               .alloc_bits = 72,
               .span_class = 106,
               .state = 107,
               .element_size = 112,
               .limit = 120,
               .large_type = 0},
    SpanLayout{.oldest = 22,
               .free_index = 48,
               .element_count = 50,
               .narrow = true,
               .alloc_bits = 64,
               .span_class = 98,
               .state = 99,
               .element_size = 104,
               .limit = 112,
               .large_type = 152},
};

constexpr std::size_t kSpanBytes = 160;
constexpr std::uint64_t kStart = 24;
constexpr std::uint64_t kPages = 32;
constexpr unsigned kSizeClasses = 68;  // runtime/sizeclasses.go: 0, and one a size; the same since Go 1.2
constexpr std::uint64_t kMostSpans = std::uint64_t{1} << 32;
constexpr std::uint64_t kMostPages = std::uint64_t{1} << 35;  // 2^48 bytes
constexpr unsigned kSamples = 16;

using SpanBytes = std::array<char, kSpanBytes>;

template <class Number>
Number field(const SpanBytes& bytes, std::size_t offset) {
  Number value = 0;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

// Yields nothing where the fields contradict each other.
std::optional<Span> parse(const SpanBytes& bytes, const SpanLayout& layout) {
  Span span;
  span.start = field<std::uint64_t>(bytes, kStart);
  span.pages = field<std::uint64_t>(bytes, kPages);
  const auto state = field<std::uint8_t>(bytes, layout.state);
  if (state > static_cast<std::uint8_t>(Span::State::Manual)) return std::nullopt;
  span.state = static_cast<Span::State>(state);
  if (span.state == Span::State::Dead) return span;
  if (span.start == 0 || span.start % Span::kPageBytes != 0 || span.pages == 0 || span.pages > kMostPages)
    return std::nullopt;
  if (span.start > UINT64_MAX - span.bytes()) return std::nullopt;
  if (span.state == Span::State::Manual) return span;
  span.free_index =
      layout.narrow ? field<std::uint16_t>(bytes, layout.free_index) : field<std::uint64_t>(bytes, layout.free_index);
  span.element_count = layout.narrow ? field<std::uint16_t>(bytes, layout.element_count)
                                     : field<std::uint64_t>(bytes, layout.element_count);
  span.element_size = field<std::uint64_t>(bytes, layout.element_size);
  span.alloc_bits = field<std::uint64_t>(bytes, layout.alloc_bits);
  span.span_class = field<std::uint8_t>(bytes, layout.span_class);
  if (layout.large_type != 0) span.large_type = field<std::uint64_t>(bytes, layout.large_type);
  if (span.span_class >> 1 >= kSizeClasses || span.element_count == 0 || span.element_size == 0) return std::nullopt;
  if (span.element_count > Span::kMostSlots) return std::nullopt;
  if (span.element_count > span.bytes() / span.element_size || span.free_index > span.element_count)
    return std::nullopt;
  const auto limit = field<std::uint64_t>(bytes, layout.limit);
  if (limit < span.start || limit > span.start + span.bytes()) return std::nullopt;
  return span;
}

// How many of some entries of a list are spans in use by a layout; 0 if some are none. A core that was cut may lack the
// memory of a few, never that of the list.
unsigned proof(const Memory& memory, std::uint64_t list, std::uint64_t count, const SpanLayout& layout) {
  unsigned in_use = 0;
  unsigned wrong = 0;
  unsigned missing = 0;
  const auto samples = static_cast<unsigned>(std::min<std::uint64_t>(count, kSamples));
  for (unsigned i = 0; i < samples; ++i) {
    const auto address = memory.word(list + count * i / samples * 8);
    if (!address || *address % 8 != 0) return 0;
    SpanBytes bytes{};
    const bool there = memory.read(*address, bytes) == bytes.size();
    const auto span = there ? parse(bytes, layout) : std::nullopt;
    missing += there ? 0U : 1U;
    wrong += there && !span ? 1U : 0U;
    in_use += span && span->state == Span::State::InUse ? 1U : 0U;
    if (wrong > 1 || missing > samples / 4) return 0;
  }
  return in_use * 4 >= samples ? in_use : 0;
}

const SpanLayout& layout_of(unsigned minor) {
  const auto newer = std::ranges::find_if(kLayouts, [&](const SpanLayout& one) { return one.oldest > minor; });
  return newer == kLayouts.begin() ? kLayouts.front() : *(newer - 1);
}

struct Best {
  SpanList list;
  std::uint64_t weight = 0;
};

// Tries the word at `words[i]`, and the two behind it, as the header of the list.
void try_header(const Memory& memory, const std::uint64_t* words, const SpanLayout& layout, bool expected, Best& best) {
  const std::uint64_t address = words[0];
  const std::uint64_t count = words[1];
  const std::uint64_t capacity = words[2];
  if (count == 0 || count > capacity || capacity > kMostSpans || address == 0 || address % 8 != 0) return;
  if (count <= best.weight) return;
  if (proof(memory, address, count, layout) == 0) return;
  best = {.list = {.address = address, .count = count, .layout = layout, .expected_layout = expected}, .weight = count};
}

}  // namespace

Result<SpanList> find_spans(const GoRuntime& runtime) {
  const SpanLayout& expected = layout_of(runtime.layout.minor);
  // The layout of the version first; if no list is one by it, the others.
  for (const bool others : {false, true}) {
    Best best;
    for (const AddressRange& range : runtime.data) {
      scan_words(*runtime.memory, range, 2, [&](std::uint64_t, const std::vector<std::uint64_t>& words) {
        for (std::size_t i = 0; i + 2 < words.size(); ++i)
          for (const SpanLayout& layout : kLayouts)
            if ((layout.oldest == expected.oldest) != others)
              try_header(*runtime.memory, &words[i], layout, !others, best);
        return false;
      });
    }
    if (best.weight != 0) return best.list;
  }
  return std::unexpected(Error{.code = Errc::Malformed,
                               .what = "the runtime's list of heap spans was not found in the data of the process"});
}

std::uint64_t for_each_span(const Memory& memory, const SpanList& list, const std::function<void(const Span&)>& use) {
  constexpr std::size_t kBatch = 1024;
  std::vector<std::uint64_t> addresses(kBatch);
  std::vector<SpanBytes> bytes(kBatch);
  std::vector<Memory::Request> requests(kBatch);
  std::uint64_t unreadable = 0;
  for (std::uint64_t done = 0; done < list.count;) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(kBatch, list.count - done));
    const std::size_t got =
        memory.read(list.address + done * 8, {reinterpret_cast<char*>(addresses.data()), wanted * 8}) / 8;
    if (got == 0) return unreadable + (list.count - done);
    for (std::size_t i = 0; i < got; ++i) requests[i] = {.address = addresses[i], .into = bytes[i], .got = 0};
    memory.read_many(std::span(requests).first(got));
    for (std::size_t i = 0; i < got; ++i) {
      const auto span = requests[i].got == kSpanBytes ? parse(bytes[i], list.layout) : std::nullopt;
      if (span) {
        use(*span);
      } else {
        ++unreadable;
      }
    }
    done += got;
  }
  return unreadable;
}

}  // namespace gopsy::process
