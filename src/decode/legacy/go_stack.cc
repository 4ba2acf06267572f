#include "decode/legacy/go_stack.h"

#include <algorithm>

#include "base/text.h"
#include "decode/legacy/fields.h"

namespace gopsy::decode {

bool GoStack::open(std::string_view addresses) {
  addresses_.clear();
  frames_.clear();
  if (!add_addresses(addresses, addresses_)) return false;
  // Since 1.22 threadcreate pads its stacks with zeros.
  while (!addresses_.empty() && addresses_.back() == 0) addresses_.pop_back();
  return true;
}

// "0x66dd56\tmain.f+0x36\t/src/main.go:35"; only the address where the runtime knows no name.
bool GoStack::frame(std::string_view text) {
  text = trim(text);
  const bool is_address = text.starts_with("0x");
  const auto pc = consume_hex(text);
  if (!is_address || !pc) return false;
  text = trim(text);
  const auto plus = text.rfind("+0x");
  if (plus == std::string_view::npos || plus == 0) {
    frames_.push_back(builder_.address(*pc));
    return true;
  }
  const StringId name = symbols_.intern(text.substr(0, plus));
  std::string_view place = text.substr(plus + 1);
  consume_hex(place);
  place = trim(place);
  const auto colon = place.rfind(':');
  const auto line = colon == std::string_view::npos ? std::nullopt : parse_decimal(place.substr(colon + 1));
  const std::string_view file = line ? place.substr(0, colon) : place;
  constexpr std::uint64_t kMostLine = INT32_MAX;
  frames_.push_back(builder_.location({.address = *pc,
                                       .function = builder_.function(name, symbols_.intern(file)),
                                       .line = static_cast<std::int64_t>(std::min(line.value_or(0), kMostLine))}));
  return true;
}

std::span<const std::uint32_t> GoStack::close() {
  if (frames_.empty())
    for (const std::uint64_t address : addresses_) frames_.push_back(builder_.address(address - 1));
  return frames_;
}

}  // namespace gopsy::decode
