#include "rules/deadlock/deadlock_rule.h"

#include <algorithm>

namespace gopsy::rules {
namespace {

constexpr std::size_t kSleepersShown = 6;

// The program's own frame says more than the library's that it waits in.
const model::TracebackFrame* own_place(const Crash& crash, const analyze::Sleeper& sleeper) {
  for (const auto& frame : crash.traceback->frames_of(*sleeper.goroutine))
    if (!model::is_standard_library(crash.function(frame))) return &frame;
  return sleeper.wait.place;
}

Exhibit sleeper_exhibit(const Crash& crash, const analyze::Sleeper& sleeper) {
  const auto& goroutine = *sleeper.goroutine;
  std::string text = fmt::format("goroutine {} [{}] waits to {}", goroutine.id, crash.name(goroutine.state),
                                 words_of(sleeper.wait.kind));
  if (sleeper.wait.address) text += fmt::format(" ({:#x})", *sleeper.wait.address);
  if (const auto* place = own_place(crash, sleeper)) text += fmt::format(" in {}", at(*crash.symbols, *place));
  if (!goroutine.created_by.none())
    text += fmt::format(", created by {} at {}:{}", crash.name(goroutine.created_by),
                        crash.name(goroutine.created_file), goroutine.created_line);
  return {.text = std::move(text), .path = crash.evidence->path, .line = goroutine.log_line, .goroutine = goroutine.id};
}

// The ring as memory has it, a step a line.
void add_ring(const Crash& crash, const analyze::Deadlock& deadlock, Finding& finding) {
  const model::WaitFacts& memory = *crash.traceback->waits;
  for (std::size_t i = 0; i < std::min(deadlock.ring.size(), kSleepersShown); ++i) {
    const analyze::WaitStep& step = deadlock.ring[i];
    const model::LockHold& hold = memory.holds[step.hold];
    const auto& waiter = crash.traceback->goroutines[step.goroutine];
    const auto& object = memory.objects[step.object];
    finding.evidence.push_back(
        {.text = fmt::format("goroutine {} waits for {}, of which goroutine {} {}", waiter.id, object_words(object),
                             crash.traceback->goroutines[hold.goroutine].id,
                             hold_words(*crash.traceback, hold, object, *crash.symbols)),
         .path = crash.evidence->path,
         .goroutine = waiter.id});
  }
}

}  // namespace

std::string object_words(const model::WaitObject& object) {
  using enum model::WaitObject::Kind;
  const std::string_view name = object.kind == Mutex       ? "Mutex"
                                : object.kind == RWMutex   ? "RWMutex"
                                : object.kind == WaitGroup ? "WaitGroup"
                                                           : "object";
  return fmt::format("the {} {:#x}", name, object.address);
}

std::string hold_words(const model::Traceback& traceback, const model::LockHold& hold, const model::WaitObject& object,
                       const model::Symbols& symbols) {
  const std::string_view call = !object.is_lock() ? "Done" : hold.reading ? "RUnlock" : "Unlock";
  const std::string place =
      hold.frame < traceback.frames.size() ? " in " + at(symbols, traceback.frames[hold.frame]) : std::string();
  return hold.proof == model::HoldProof::Deferred ? fmt::format("has deferred the {}{}", call, place)
                                                  : fmt::format("will come to the {}{}", call, place);
}

Finding about(const Crash& crash, const analyze::Deadlock& deadlock, double confidence) {
  Finding finding{.confidence = confidence};
  finding.evidence.push_back({.text = std::string(crash.text), .path = crash.evidence->path, .line = crash.text_line});
  const auto& shown = deadlock.culprits.empty() ? deadlock.sleepers : deadlock.culprits;
  if (!deadlock.ring.empty()) add_ring(crash, deadlock, finding);
  for (std::size_t i = 0; i < std::min(shown.size(), kSleepersShown); ++i)
    finding.evidence.push_back(sleeper_exhibit(crash, shown[i]));
  if (shown.size() > kSleepersShown)
    finding.evidence.push_back({.text = fmt::format("and {} more", counted(shown.size() - kSleepersShown, "goroutine")),
                                .path = crash.evidence->path,
                                .line = crash.text_line});
  finding.next = flame_command(crash);
  return finding;
}

std::string waiting_functions(const Crash& crash, const std::vector<analyze::Sleeper>& sleepers) {
  std::vector<std::string> names;
  for (const auto& sleeper : sleepers) {
    const auto* place = own_place(crash, sleeper);
    if (place == nullptr) continue;
    std::string name = model::short_function(crash.function(*place));
    if (std::ranges::find(names, name) == names.end() && names.size() < 4) names.push_back(std::move(name));
  }
  return names.empty() ? std::string("goroutines whose frames were not printed") : join(names, ", ");
}

}  // namespace gopsy::rules
