#include "analyze/argument_ring.h"

#include <algorithm>
#include <optional>

#include "model/arguments.h"

namespace gopsy::analyze {
namespace {

constexpr std::size_t kTurnsToBelieve = 3;
constexpr std::uint64_t kLowestPointer = 0x10000;  // below it: counters, lengths, small integers

// The arguments that can be addresses; what stands in braces is no single word.
std::vector<std::optional<std::uint64_t>> pointers_in(std::string_view args) {
  std::vector<std::optional<std::uint64_t>> words;
  for (const model::Argument& argument : model::parse_arguments(args).top()) {
    const bool pointer =
        argument.kind == model::Argument::Kind::Word && !argument.stale && argument.value >= kLowestPointer;
    words.push_back(pointer ? std::optional(argument.value) : std::nullopt);
  }
  return words;
}

// The least number of values after which the sequence repeats, 0 if it does not often enough.
std::size_t period_of(const std::vector<std::uint64_t>& values) {
  for (std::size_t period = 2; period * kTurnsToBelieve <= values.size(); ++period)
    if (std::equal(values.begin() + static_cast<std::ptrdiff_t>(period), values.end(), values.begin())) return period;
  return 0;
}

}  // namespace

ArgumentRing argument_ring(std::span<const model::TracebackFrame> frames, StringId function,
                           const model::Symbols& symbols) {
  std::vector<std::vector<std::uint64_t>> columns;
  std::vector<bool> complete;
  const model::TracebackFrame* first = nullptr;
  for (const auto& frame : frames) {
    if (frame.function != function || frame.inlined) continue;
    const auto words = pointers_in(symbols.text(frame.args));
    if (first == nullptr) {
      first = &frame;
      columns.resize(words.size());
      complete.assign(words.size(), true);
    }
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (i < words.size() && words[i]) {
        columns[i].push_back(*words[i]);
      } else {
        complete[i] = false;
      }
    }
  }
  for (std::size_t i = 0; i < columns.size(); ++i) {
    // A constant is no ring: a receiver or a context that every call hands on.
    const bool constant = std::ranges::adjacent_find(columns[i], std::ranges::not_equal_to{}) == columns[i].end();
    const std::size_t period = complete[i] && !constant ? period_of(columns[i]) : 0;
    if (period == 0) continue;
    columns[i].resize(period);
    return {.frame = first, .argument = i, .values = std::move(columns[i])};
  }
  return {};
}

}  // namespace gopsy::analyze
