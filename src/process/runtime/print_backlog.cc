#include "process/runtime/print_backlog.h"

#include <algorithm>
#include <ranges>

#include "process/runtime/scan.h"

namespace gopsy::process {
namespace {

constexpr std::size_t kRing = 512;
constexpr std::string_view kMark = "fatal error: ";

bool is_text(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 || c == '\n' || c == '\t';
}

std::string by_symbol(const GoRuntime& runtime) {
  const binary::Elf& elf = runtime.target->object->elf();
  const std::uint64_t ring = elf.symbol("runtime.printBacklog");
  const std::uint64_t index = elf.symbol("runtime.printBacklogIndex");
  if (ring == 0 || index == 0) return {};
  std::string bytes(kRing, '\0');
  if (runtime.memory->read(ring + runtime.bias, bytes) != kRing) return {};
  const std::uint64_t at = runtime.memory->word(index + runtime.bias).value_or(0);
  if (at < kRing) std::ranges::rotate(bytes, bytes.begin() + static_cast<std::ptrdiff_t>(at));
  std::erase(bytes, '\0');
  return bytes;
}

// Without the symbol the ring's start is not known: the text around the mark is taken, up to what is no text.
std::string by_words(const GoRuntime& runtime) {
  std::string found;
  for (const AddressRange& range : std::views::reverse(runtime.data)) {
    const auto look = [&](std::uint64_t, const std::vector<std::uint64_t>& words) {
      const std::string_view bytes(reinterpret_cast<const char*>(words.data()), words.size() * 8);
      const std::size_t mark = bytes.find(kMark);
      if (mark == std::string_view::npos) return false;
      std::size_t begin = mark;
      std::size_t end = mark;
      while (end < bytes.size() && is_text(bytes[end]) && end - mark < kRing) ++end;
      while (begin > 0 && is_text(bytes[begin - 1]) && end - begin < kRing) --begin;
      found = bytes.substr(begin, end - begin);
      return true;
    };
    if (scan_words(*runtime.memory, range, 2 * kRing / 8, look)) return found;
  }
  return {};
}

}  // namespace

std::string read_print_backlog(const GoRuntime& runtime) {
  std::string text = by_symbol(runtime);
  if (text.empty()) text = by_words(runtime);
  return text.contains(kMark) ? text : std::string();
}

}  // namespace gopsy::process
