#include "process/runtime/wait_reasons.h"

#include <algorithm>

#include "process/runtime/scan.h"

namespace gopsy::process {
namespace {

constexpr std::string_view kSecond = "GC assist marking";
constexpr std::size_t kMostReasons = 96;
constexpr std::size_t kLongest = 64;

std::string text_at(const Memory& memory, std::uint64_t address, std::uint64_t size) {
  std::string text(size, '\0');
  if (memory.read(address, text) != text.size()) text.clear();
  return text;
}

bool is_reason(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

// The headers behind the second, up to what is no short text.
std::vector<std::string> read_reasons(const Memory& memory, std::uint64_t first) {
  std::vector<std::uint64_t> words(2 * kMostReasons);
  const std::size_t got = memory.read(first, {reinterpret_cast<char*>(words.data()), words.size() * 8}) / 16;
  std::vector<std::string> reasons{""};
  for (std::size_t i = 1; i < got; ++i) {
    if (words[2 * i + 1] == 0 || words[2 * i + 1] > kLongest) break;
    std::string text = text_at(memory, words[2 * i], words[2 * i + 1]);
    if (!is_reason(text)) break;
    reasons.push_back(std::move(text));
  }
  return reasons;
}

}  // namespace

std::vector<std::string> find_wait_reasons(const GoRuntime& runtime) {
  const Memory& memory = *runtime.memory;
  std::vector<std::string> reasons;
  for (const AddressRange& range : runtime.data) {
    const bool found = scan_words(memory, range, 3, [&](std::uint64_t at, const std::vector<std::uint64_t>& words) {
      for (std::size_t i = 3; i < words.size(); ++i) {
        if (words[i] != kSecond.size() || words[i - 2] != 0) continue;
        if (text_at(memory, words[i - 1], kSecond.size()) != kSecond) continue;
        reasons = read_reasons(memory, at + (i - 3) * 8);
        if (reasons.size() > 10) return true;
      }
      return false;
    });
    if (found) return reasons;
  }
  return {};
}

}  // namespace gopsy::process
