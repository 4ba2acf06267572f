#include "analyze/trace/wait_kind.h"

#include <algorithm>
#include <array>
#include <utility>

namespace gopsy::analyze {

using model::TraceStacks;

namespace {

std::string_view function_of(std::uint32_t place, const TraceStacks& stacks, const model::Symbols& symbols) {
  return symbols.text(symbols.frame(stacks.places[place].frame).function);
}

// Frames by which a wait is told; the first of the stack that is here decides.
constexpr auto kFrames = std::to_array<std::pair<std::string_view, TraceWait>>({
    {"runtime.chanrecv", TraceWait::Receive},
    {"runtime.chanrecv1", TraceWait::Receive},
    {"runtime.chanrecv2", TraceWait::Receive},
    {"runtime.chansend", TraceWait::Send},
    {"runtime.chansend1", TraceWait::Send},
    {"runtime.selectgo", TraceWait::Select},
    {"runtime.block", TraceWait::Forever},
    {"time.Sleep", TraceWait::Sleep},
    {"runtime.timeSleep", TraceWait::Sleep},
    {"internal/poll.runtime_pollWait", TraceWait::Network},
    {"internal/poll.(*pollDesc).wait", TraceWait::Network},
    {"runtime.gcAssistAlloc", TraceWait::Assist},
    {"sync.(*WaitGroup).Wait", TraceWait::WaitGroup},
    {"sync.(*Cond).Wait", TraceWait::Cond},
    {"sync.runtime_notifyListWait", TraceWait::Cond},
    {"sync.(*Mutex).Lock", TraceWait::Lock},
    {"internal/sync.(*Mutex).Lock", TraceWait::Lock},
    {"sync.(*Mutex).lockSlow", TraceWait::Lock},
    {"internal/sync.(*Mutex).lockSlow", TraceWait::Lock},
    {"sync.(*RWMutex).Lock", TraceWait::Lock},
    {"sync.(*RWMutex).RLock", TraceWait::Lock},
});

constexpr auto kReasons = std::to_array<std::pair<std::string_view, TraceWait>>({
    {"chan receive", TraceWait::Receive},
    {"chan send", TraceWait::Send},
    {"select", TraceWait::Select},
    {"sync.(*Cond).Wait", TraceWait::Cond},
    {"forever", TraceWait::Forever},
    {"sleep", TraceWait::Sleep},
    {"network", TraceWait::Network},
    {"GC mark assist wait for work", TraceWait::Assist},
    {"GC background sweeper wait", TraceWait::Runtime},
    {"system goroutine wait", TraceWait::Runtime},
    {"preempted", TraceWait::Runtime},
    {"wait for debug call", TraceWait::Runtime},
    {"wait until GC ends", TraceWait::Runtime},
    {"GC weak to strong wait", TraceWait::Runtime},
});

TraceWait by_frames(std::uint32_t stack, const TraceStacks& stacks, const model::Symbols& symbols) {
  for (const std::uint32_t place : stacks.stack(stack)) {
    const auto function = function_of(place, stacks, symbols);
    const auto known = std::ranges::find(kFrames, function, [](const auto& row) { return row.first; });
    if (known != kFrames.end()) return known->second;
  }
  return TraceWait::Unknown;
}

}  // namespace

TraceWait wait_kind(StringId reason, std::uint32_t stack, const TraceStacks& stacks, const model::Symbols& symbols) {
  const std::string_view text = symbols.text(reason);
  const auto known = std::ranges::find(kReasons, text, [](const auto& row) { return row.first; });
  if (known != kReasons.end()) return known->second;
  const TraceWait told = by_frames(stack, stacks, symbols);
  if (text != "sync") return told;
  const bool finer = told == TraceWait::Lock || told == TraceWait::WaitGroup || told == TraceWait::Cond;
  return finer ? told : TraceWait::Sync;
}

bool needs_a_goroutine(TraceWait wait) { return wait >= TraceWait::Receive && wait <= TraceWait::Forever; }

std::string_view words_of(TraceWait wait) {
  switch (wait) {
    case TraceWait::Receive: return "to receive from a channel";
    case TraceWait::Send: return "to send to a channel";
    case TraceWait::Select: return "in a select";
    case TraceWait::Lock: return "for a lock";
    case TraceWait::WaitGroup: return "for a WaitGroup";
    case TraceWait::Cond: return "for a sync.Cond";
    case TraceWait::Sync: return "for a semaphore of sync";
    case TraceWait::Forever: return "forever";
    case TraceWait::Sleep: return "for a timer";
    case TraceWait::Network: return "for the network";
    case TraceWait::Assist: return "for the collector";
    case TraceWait::Runtime: return "in the runtime";
    case TraceWait::Unknown: break;
  }
  return "for something that the trace does not name";
}

bool of_runtime(std::string_view function) {
  return (function.starts_with("runtime.") && function != "runtime.main") || function.starts_with("runtime/trace.") ||
         function.starts_with("os/signal.");
}

model::FrameId user_frame(std::uint32_t stack, const TraceStacks& stacks, const model::Symbols& symbols) {
  model::FrameId beyond_runtime;
  const auto rows = stacks.stack(stack);
  for (const std::uint32_t place : rows) {
    const model::FrameId frame = stacks.places[place].frame;
    const std::uint8_t origin = symbols.origin(symbols.frame(frame).function);
    if ((origin & model::Origin::StandardLibrary) == 0) return frame;
    if ((origin & model::Origin::Runtime) == 0 && beyond_runtime.none()) beyond_runtime = frame;
  }
  if (!beyond_runtime.none() || rows.empty()) return beyond_runtime;
  return stacks.places[rows.front()].frame;
}

bool has_function(std::uint32_t stack, std::string_view name, const TraceStacks& stacks,
                  const model::Symbols& symbols) {
  return std::ranges::any_of(stacks.stack(stack),
                             [&](std::uint32_t place) { return function_of(place, stacks, symbols) == name; });
}

}  // namespace gopsy::analyze
