#include "analyze/overflow.h"

#include <algorithm>
#include <map>

#include "analyze/recursion.h"
#include "base/text.h"

namespace gopsy::analyze {
namespace {

constexpr std::size_t kRepeatsToBelieve = 3;

std::uint64_t limit_of(const Crash& crash) {
  for (const model::LogLine& lead : crash.traceback->lead) {
    std::string_view text = crash.name(lead.text);
    if (!consume(text, "runtime: goroutine stack exceeds ")) continue;
    return consume_decimal(text).value_or(0);
  }
  return 0;
}

// Dense numbers for (function, line): what repeats is the place of the call, not its arguments.
std::vector<std::uint32_t> keys_of(std::span<const model::TracebackFrame> frames) {
  std::map<std::pair<StringId, std::uint32_t>, std::uint32_t> numbers;
  std::vector<std::uint32_t> keys;
  for (const auto& frame : frames) {
    const auto key = std::pair(frame.function, frame.line);
    keys.push_back(numbers.try_emplace(key, static_cast<std::uint32_t>(numbers.size())).first->second);
  }
  return keys;
}

// The first frame, walking from the cycle to the root, whose function is no part of the cycle.
const model::TracebackFrame* entry_of(std::span<const model::TracebackFrame> frames, std::size_t from, std::span<const model::TracebackFrame> cycle) {
  const auto in_cycle = [cycle](const model::TracebackFrame& frame) {
    return std::ranges::any_of(cycle, [&](const auto& c) { return c.function == frame.function; });
  };
  for (std::size_t i = from; i < frames.size(); ++i)
    if (!in_cycle(frames[i])) return &frames[i];
  return nullptr;
}

// Stack pointers one whole period apart. Inlined frames print none, so any frame of the cycle may serve.
std::uint64_t bytes_between_rounds(std::span<const model::TracebackFrame> frames, const Cycle& cycle) {
  for (std::size_t i = cycle.begin; i < cycle.begin + cycle.period; ++i) {
    const std::uint64_t inner = frames[i].sp;
    const std::uint64_t outer = frames[i + cycle.period].sp;
    if (inner != 0 && outer > inner) return outer - inner;
  }
  return 0;
}

}  // namespace

Overflow overflow_of(const Crash& crash) {
  Overflow overflow{.limit_bytes = limit_of(crash)};
  if (crash.goroutine == nullptr) return overflow;
  const auto& goroutine = *crash.goroutine;
  const bool elided = goroutine.elided_frames != 0;
  const auto inner = crash.frames.first(elided ? std::min<std::size_t>(goroutine.elided_after, crash.frames.size()) : crash.frames.size());
  overflow.frames_known = goroutine.elided_frames != model::Goroutine::kElidedUnknown;
  overflow.frames = crash.frames.size() + (overflow.frames_known ? goroutine.elided_frames : 0);

  const auto keys = keys_of(inner);
  const auto cycles = find_cycles(keys, kRepeatsToBelieve);
  const auto longest = std::ranges::max_element(cycles, {}, [](const Cycle& c) { return c.period * c.repeats; });
  if (longest == cycles.end()) return overflow;
  overflow.cycle = inner.subspan(longest->begin, longest->period);
  overflow.entry = entry_of(crash.frames, longest->end(), overflow.cycle);
  overflow.rounds = overflow.frames / longest->period;
  overflow.bytes_per_round = bytes_between_rounds(inner, *longest);
  // Without the count of elided frames, the limit and the size of a round give it.
  if (!overflow.frames_known && overflow.bytes_per_round != 0 && overflow.limit_bytes != 0) {
    overflow.rounds = overflow.limit_bytes / overflow.bytes_per_round;
    overflow.frames = overflow.rounds * longest->period;
  }
  return overflow;
}

}  // namespace gopsy::analyze
