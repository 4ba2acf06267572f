#include <algorithm>

#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

// What was nil, as far as the frame's arguments tell: a receiver of 0x0, or nothing certain.
std::string suspect(const Crash& crash) {
  if (crash.user == nullptr) return "a pointer";
  const std::string_view function = crash.function(*crash.user);
  const std::string_view args = crash.name(crash.user->args);
  const bool nil_first = args == "0x0" || args.starts_with("0x0,");
  if (nil_first && function.contains("(*")) return fmt::format("the receiver of {}", model::short_function(function));
  if (nil_first) return fmt::format("the first argument of {}", model::short_function(function));
  return "a pointer";
}

std::string offset_text(const Crash& crash) {
  if (!crash.traceback->signal || !crash.traceback->signal->address) return {};
  const std::uint64_t address = *crash.traceback->signal->address;
  if (address == 0)
    return " The fault address is 0: the first word behind the pointer was asked for (a field at offset 0, an element, "
           "a method table, or the code of a nil func).";
  return fmt::format(
      " The fault address {:#x} is the offset of the field that was asked for: byte {} of the struct, word {} on a "
      "64-bit machine.",
      address, address, address / 8 + 1);
}

// The frame that an inlined one was compiled into; null if the place has a frame of its own.
const model::TracebackFrame* inlined_into(const Crash& crash) {
  if (crash.user == nullptr || !crash.user->inlined || crash.goroutine == nullptr) return nullptr;
  bool below = false;
  for (const auto& frame : crash.traceback->frames_of(*crash.goroutine)) {
    if (below && !frame.inlined) return &frame;
    below |= &frame == crash.user;
  }
  return nullptr;
}

// A function of Once.Do that panicked counts as done: what it was to set stays nil for good.
void add_spent_once(const Crash& crash, Finding& finding) {
  for (const auto& earlier : crash.evidence->log->tracebacks) {
    if (earlier.first_line >= crash.traceback->first_line) break;
    if (earlier.cause != model::Cause::Recovered) continue;
    const auto once = std::ranges::find_if(earlier.frames, [&](const auto& frame) {
      return crash.symbols->text(frame.function) == "sync.(*Once).doSlow";
    });
    if (once == earlier.frames.end()) continue;
    finding.evidence.push_back({.text = "earlier, a panic inside sync.Once.Do was recovered",
                                .path = crash.evidence->path,
                                .line = once->log_line});
    finding.why +=
        " Before it, a panic was recovered inside sync.Once.Do: the Once counts as done, and what its function was to "
        "set is still nil. sync.OnceFunc and OnceValue panic again instead.";
    return;
  }
}

bool explain(const Crash& crash, Finding& finding) {
  if (crash.text.starts_with("value method ")) {
    finding.title = fmt::format("Nil pointer: {}", crash.text);
    finding.why = fmt::format(
        "A method with a value receiver was called through an interface that holds a nil pointer; the generated "
        "wrapper has nothing to copy the value from. It happened in {}.",
        place_of(crash));
  } else {
    finding.title = fmt::format("Nil pointer dereference in {}", place_of(crash));
    finding.why = fmt::format("The address lies in the first page, so {} was nil when it was followed.{}",
                              suspect(crash), offset_text(crash));
    if (const auto* caller = inlined_into(crash)) {
      finding.why += fmt::format(" The frame is inlined into {}: the pointer may have been followed at either line.",
                                 at(*crash.symbols, *caller));
      finding.evidence.push_back(exhibit(crash, *caller, "inlined into"));
    }
    add_spent_once(crash, finding);
  }
  finding.confirm =
      "Confirmed if the named line reads a field, element or method through a pointer, interface or func that a path "
      "can leave unset (an ignored error, a missing map key, an optional JSON field).";
  finding.fix =
      "Check the error or the ok value where the pointer was obtained, or make the zero value unreachable: construct "
      "it in one place and return an error instead of nil.";
  return true;
}

}  // namespace

constinit const Rule kNilDereference = crash_rule<CrashKind::NilDereference, explain>(
    "crash.nil-dereference", Severity::Critical,
    "a nil pointer was followed: which frame, which field offset, receiver or map value");

}  // namespace gopsy::rules
