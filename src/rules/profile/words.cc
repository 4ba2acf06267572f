#include "rules/profile/words.h"

#include "base/format.h"

namespace gopsy::rules {

std::string percent(double share) { return fmt::format("{:.1f} %", share * 100); }

std::string share_words(const analyze::CpuProfile& cpu, std::int64_t ns) {
  const analyze::Interval interval = cpu.interval(ns);
  return fmt::format("{:.1f} % ({:.1f} to {:.1f})", cpu.share(ns) * 100, interval.low * 100, interval.high * 100);
}

std::string name_of(const model::Profile& profile, const model::Symbols& symbols, std::uint32_t function) {
  return model::short_function(symbols.text(profile.functions[function].name));
}

std::string place_words(const analyze::CodePlace& place, const model::Symbols& symbols) {
  const std::string function = model::short_function(symbols.text(place.function));
  if (place.line == 0) return function;
  return fmt::format("{} at {}:{}", function, symbols.text(place.file), place.line);
}

Exhibit value_of(const model::Evidence& evidence, std::string text) {
  return {.text = std::move(text), .path = evidence.path};
}

}  // namespace gopsy::rules
