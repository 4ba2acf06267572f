#include "analyze/arguments.h"

#include <algorithm>

#include "base/text.h"

namespace gopsy::analyze {

std::vector<std::optional<std::uint64_t>> fresh_words(std::string_view args) {
  std::vector<std::optional<std::uint64_t>> words;
  constexpr std::string_view kBetween = "{}, ";
  for (std::size_t at = args.find_first_not_of(kBetween); at != std::string_view::npos;
       at = args.find_first_not_of(kBetween, at)) {
    const std::size_t end = std::min(args.find_first_of(kBetween, at), args.size());
    words.push_back(parse_hex(args.substr(at, end - at)));
    at = end;
  }
  return words;
}

}  // namespace gopsy::analyze
