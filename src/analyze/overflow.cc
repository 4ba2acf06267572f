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
std::size_t entry_index(std::span<const model::TracebackFrame> frames, std::size_t from,
                        std::span<const model::TracebackFrame> round) {
  const auto in_round = [round](const model::TracebackFrame& frame) {
    return std::ranges::any_of(round, [&](const auto& r) { return r.function == frame.function; });
  };
  while (from < frames.size() && in_round(frames[from])) ++from;
  return from;
}

// The round as the program runs it: caller before callee, starting with the function that the entry called.
std::vector<const model::TracebackFrame*> in_call_order(std::span<const model::TracebackFrame> round, StringId first) {
  std::vector<const model::TracebackFrame*> cycle;
  for (const auto& frame : round) cycle.push_back(&frame);
  std::ranges::reverse(cycle);
  const auto begin = std::ranges::find(cycle, first, [](const auto* frame) { return frame->function; });
  if (begin != cycle.end()) std::ranges::rotate(cycle, begin);
  return cycle;
}

// Stack pointers one whole period apart. Inlined frames print none, so any frame of the cycle may serve.
std::uint64_t bytes_between_rounds(const model::Traceback& traceback, std::span<const model::TracebackFrame> frames,
                                   const Cycle& cycle) {
  for (std::size_t i = cycle.begin; i < cycle.begin + cycle.period; ++i) {
    const std::uint64_t inner = traceback.pointers_of(frames[i]).sp;
    const std::uint64_t outer = traceback.pointers_of(frames[i + cycle.period]).sp;
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
  const auto inner = crash.frames.first(elided ? std::min<std::size_t>(goroutine.elided_after, crash.frames.size())
                                               : crash.frames.size());
  overflow.frames_known = goroutine.elided_frames != model::Goroutine::kElidedUnknown;
  overflow.frames = crash.frames.size() + (overflow.frames_known ? goroutine.elided_frames : 0);

  const auto keys = keys_of(inner);
  const auto cycles = find_cycles(keys, kRepeatsToBelieve);
  const auto longest = std::ranges::max_element(cycles, {}, [](const Cycle& c) { return c.period * c.repeats; });
  if (longest == cycles.end()) return overflow;
  const auto round = inner.subspan(longest->begin, longest->period);
  const std::size_t entry = entry_index(crash.frames, longest->end(), round);
  if (entry < crash.frames.size()) overflow.entry = &crash.frames[entry];
  overflow.cycle = in_call_order(round, crash.frames[entry - 1].function);
  overflow.first = overflow.cycle.front();
  for (const auto* frame : overflow.cycle) {
    overflow.ring = argument_ring(inner.subspan(longest->begin, longest->period * longest->repeats), frame->function,
                                  *crash.symbols);
    if (overflow.ring.frame != nullptr) break;
  }
  overflow.rounds = overflow.frames / longest->period;
  overflow.bytes_per_round = bytes_between_rounds(*crash.traceback, inner, *longest);
  // Without the count of elided frames, the limit and the size of a round give it.
  if (!overflow.frames_known && overflow.bytes_per_round != 0 && overflow.limit_bytes != 0) {
    overflow.rounds = overflow.limit_bytes / overflow.bytes_per_round;
    overflow.frames = overflow.rounds * longest->period;
  }
  return overflow;
}

}  // namespace gopsy::analyze
