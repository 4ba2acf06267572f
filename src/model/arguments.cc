#include "model/arguments.h"

#include <algorithm>

namespace gopsy::model {
namespace {

// "0x1f", "0x1f?", "...", "_"; up to 1.16 plain numbers do not occur either.
Argument value_of(std::string_view word, bool& malformed) {
  Argument value;
  if (word.ends_with('?')) {
    value.stale = true;
    word.remove_suffix(1);
  }
  const auto number = word.starts_with("0x") ? parse_hex(word) : std::nullopt;
  if (number) {
    value.value = *number;
  } else if (word == "..." && !value.stale) {
    value.kind = Argument::Kind::Elided;
  } else {
    value.kind = Argument::Kind::Unknown;
    malformed |= word != "_" || value.stale;
  }
  return value;
}

std::vector<Argument> level(const std::vector<Argument>& values, std::size_t from, std::size_t to) {
  std::vector<Argument> out;
  for (std::size_t i = from; i < to; i = values[i].end) out.push_back(values[i]);
  return out;
}

}  // namespace

std::vector<Argument> Arguments::top() const { return level(values, 0, values.size()); }

std::vector<Argument> Arguments::inside(std::size_t index) const { return level(values, index + 1, values[index].end); }

Arguments parse_arguments(std::string_view text) {
  Arguments out;
  out.inlined = text == "...";
  std::vector<std::uint32_t> open;
  std::string_view rest = text;
  while (!rest.empty()) {
    if (consume(rest, ", ") || consume(rest, ",")) continue;
    const auto index = static_cast<std::uint32_t>(out.values.size());
    if (consume(rest, "{")) {
      open.push_back(index);
      out.values.push_back({.kind = Argument::Kind::Aggregate});
    } else if (consume(rest, "}")) {
      out.malformed |= open.empty();
      if (open.empty()) continue;
      out.values[open.back()].end = index;
      open.pop_back();
    } else {
      const std::size_t end = std::min(rest.find_first_of(",{}"), rest.size());
      out.values.push_back(value_of(trim(rest.substr(0, end)), out.malformed));
      out.values.back().end = index + 1;
      rest.remove_prefix(end);
    }
  }
  out.malformed |= !open.empty();
  for (const std::uint32_t index : open) out.values[index].end = static_cast<std::uint32_t>(out.values.size());
  return out;
}

std::optional<std::uint64_t> first_argument(std::string_view text) {
  const std::string_view first = text.substr(0, text.find(','));
  return first.starts_with("0x") ? parse_hex(first) : std::nullopt;
}

std::vector<std::optional<std::uint64_t>> fresh_words(std::string_view text) {
  std::vector<std::optional<std::uint64_t>> words;
  for_fresh_words(text, [&words](std::optional<std::uint64_t> word) { words.push_back(word); });
  return words;
}

}  // namespace gopsy::model
