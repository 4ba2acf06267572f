#include <optional>

#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

// "… index out of range [5] with length 3", "… [-1]"; Go up to 1.12 prints no numbers.
struct Numbers {
  std::optional<std::int64_t> index;
  std::optional<std::uint64_t> length;
};

Numbers numbers_of(std::string_view text) {
  Numbers numbers;
  if (!consume_until(text, "[")) return numbers;
  if (const auto index = consume_until(text, "]")) numbers.index = parse_signed(*index);
  if (consume(text, " with length ")) numbers.length = consume_decimal(text);
  return numbers;
}

std::string suggestion(const Numbers& numbers) {
  if (!numbers.index) return "This Go version prints neither index nor length.";
  if (*numbers.index < 0)
    return "A negative index is usually the -1 of a search that found nothing, used without a check.";
  if (!numbers.length) return "The text does not say how long the slice was.";
  if (*numbers.length == 0)
    return "The length is 0: the slice was empty where at least one element was taken for granted.";
  if (static_cast<std::uint64_t>(*numbers.index) == *numbers.length)
    return "The index equals the length: one step too far, the mark of an off-by-one (<= for <, or len(s) for "
           "len(s)-1).";
  return "The index is well past the end: it was computed from something else than this slice.";
}

bool explain(const Crash& crash, Finding& finding) {
  const Numbers numbers = numbers_of(crash.text);
  std::string what = "Index out of range";
  if (numbers.index) what = fmt::format("Index {} out of range", *numbers.index);
  if (numbers.length) what += fmt::format(" with length {}", *numbers.length);
  finding.title = fmt::format("{} in {}", what, place_of(crash));
  finding.why = suggestion(numbers);
  finding.confirm = "Confirmed if the named line indexes with a value that nothing compares to the length before.";
  finding.fix =
      "Check the index against len at the place where it enters, or range over the slice; for a search result test for "
      "-1 first.";
  return true;
}

}  // namespace

constinit const Rule kIndexOutOfRange = crash_rule<CrashKind::IndexOutOfRange, explain>(
    "crash.index-out-of-range", Severity::Critical, "index i of length n, with what i against n suggests");

}  // namespace gopsy::rules
