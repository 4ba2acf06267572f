#include <algorithm>
#include <memory>
#include <optional>

#include "analyze/pprof/labels.h"
#include "analyze/pprof/measurement.h"
#include "base/text.h"

namespace gopsy::pprof {
namespace {

using NumberMatch = std::function<bool(std::int64_t value, std::string_view unit)>;

// "([+-]?[0-9]+)([A-Za-z]+)?" at the start of the text.
struct Quantity {
  std::int64_t number = 0;
  std::string_view unit;
  std::string_view text;
};

std::optional<Quantity> take_quantity(std::string_view text) {
  std::size_t at = text.starts_with('+') || text.starts_with('-') ? 1 : 0;
  const std::size_t digits = at;
  while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
  if (at == digits) return std::nullopt;
  const auto magnitude = parse_decimal(text.substr(digits, at - digits));
  if (!magnitude || *magnitude > INT64_MAX) return std::nullopt;
  const std::size_t number_end = at;
  const auto letter = [](char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; };
  while (at < text.size() && letter(text[at])) ++at;
  const auto number = static_cast<std::int64_t>(*magnitude);
  return Quantity{.number = text.starts_with('-') ? -number : number,
                  .unit = text.substr(number_end, at - number_end),
                  .text = text.substr(0, at)};
}

NumberMatch between(Measure low, std::optional<double> most, bool has_least) {
  return [low = std::move(low), most, has_least](std::int64_t value, std::string_view unit) {
    const Measure scaled = scale(value, unit, low.unit);
    if (scaled.unit != low.unit) return false;
    return (!has_least || scaled.value >= low.value) && (!most || scaled.value <= *most);
  };
}

NumberMatch range_of(std::string_view text) {
  const bool only_most = text.starts_with(':');
  const auto first = take_quantity(only_most ? text.substr(1) : text);
  if (!first) return nullptr;
  const Measure low = scale(first->number, first->unit, first->unit);
  const std::string_view rest = text.substr(first->text.size() + (only_most ? 1 : 0));
  if (only_most) return rest.empty() ? between(low, low.value, false) : nullptr;
  if (rest.empty()) return between(low, low.value, true);
  if (rest == ":") return between(low, std::nullopt, true);
  if (!rest.starts_with(':')) return nullptr;
  const auto second = take_quantity(rest.substr(1));
  if (!second || second->text.size() + 1 != rest.size()) return nullptr;
  const Measure high = scale(second->number, second->unit, low.unit);
  return high.unit == low.unit ? between(low, high.value, true) : nullptr;
}

SampleMatch number_filter(NumberMatch match, StringId key, bool has_key, const model::Profile& profile,
                          const LabelUnits& units) {
  return [match = std::move(match), key, has_key, &profile, &units](std::size_t sample) {
    for (auto i = profile.label_start[sample]; i < profile.label_start[sample + 1]; ++i) {
      const auto& label = profile.labels[i];
      if (label.text || (has_key && label.key != key)) continue;
      if (match(label.number, units.of(label.key))) return true;
    }
    return false;
  };
}

}  // namespace

std::expected<SampleMatch, std::string> tag_filter(std::string_view option, std::string_view text,
                                                   const model::Profile& profile, const model::Symbols& symbols,
                                                   const LabelUnits& units, std::string& notice) {
  if (text.empty()) return SampleMatch();
  const std::size_t equals = text.find('=');
  const bool has_key = equals != std::string_view::npos && equals != 0;
  const std::string_view key_text = has_key ? text.substr(0, equals) : std::string_view();
  const std::string_view value = equals == std::string_view::npos ? text : text.substr(equals + 1);
  const StringId key = symbols.strings.find(key_text);
  if (NumberMatch range = range_of(value)) {
    notice = std::string(option) + ":Interpreted '" + std::string(value) + "' as range, not regexp";
    return number_filter(std::move(range), key, has_key, profile, units);
  }
  auto expressions = std::make_shared<std::vector<std::unique_ptr<RE2>>>();
  for (const std::string_view part : split(value, ',')) {
    expressions->push_back(std::make_unique<RE2>(part, RE2::Quiet));
    if (!expressions->back()->ok()) {
      return std::unexpected("parsing " + std::string(option) + " regexp: " + expressions->back()->error());
    }
  }
  return [expressions, key, has_key, &profile, &symbols](std::size_t sample) {
    const auto matches = [&](const RE2& expression) {
      for (auto i = profile.label_start[sample]; i < profile.label_start[sample + 1]; ++i) {
        const auto& label = profile.labels[i];
        if (!label.text || (has_key && label.key != key)) continue;
        std::string whole;
        if (!has_key) whole = std::string(symbols.text(label.key)) + ":";
        whole += symbols.text(label.text);
        if (RE2::PartialMatch(whole, expression)) return true;
      }
      return false;
    };
    const auto wanted = [&](const auto& expression) { return matches(*expression); };
    return has_key ? std::ranges::any_of(*expressions, wanted) : std::ranges::all_of(*expressions, wanted);
  };
}

}  // namespace gopsy::pprof
