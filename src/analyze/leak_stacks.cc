#include <algorithm>
#include <string_view>

#include "analyze/leaks.h"

namespace gopsy::analyze {
namespace {

using model::Profile;

constexpr std::int64_t kBodiesFrom = 3;
constexpr std::int64_t kCrowd = 1000;

/// One stack of a profile as its functions, leaf first.
struct Stack {
  std::vector<model::Frame> frames;
  std::int64_t count = 0;
};

Stack stack_of(const Profile& profile, std::size_t sample) {
  Stack stack{.frames = {}, .count = profile.value(sample, 0)};
  for (const std::uint32_t location : profile.stack(sample)) {
    const auto& l = profile.locations[location];
    for (std::uint32_t i = 0; i < l.line_count; ++i) {
      const auto& line = profile.lines[l.first_line + i];
      const auto& function = profile.functions[line.function];
      stack.frames.push_back(
          {.function = function.name, .file = function.file, .line = static_cast<std::uint32_t>(line.line)});
    }
  }
  return stack;
}

LeakKind kind_of_function(std::string_view function) {
  if (function.starts_with("context.") && function.contains("propagateCancel")) return LeakKind::Context;
  if (function.starts_with("runtime.chansend")) return LeakKind::Send;
  if (function.starts_with("runtime.chanrecv")) return LeakKind::Receive;
  if (function == "runtime.selectgo") return LeakKind::Select;
  if (function == "runtime.block") return LeakKind::EmptySelect;
  if (function == "sync.(*WaitGroup).Wait") return LeakKind::WaitGroup;
  if (function == "sync.(*Cond).Wait") return LeakKind::Cond;
  if (function == "sync.(*Mutex).Lock" || function.starts_with("sync.(*RWMutex).")) return LeakKind::Lock;
  return LeakKind::Other;
}

// The outermost word holds: an RWMutex locks a Mutex, and a context's goroutine stands in a select.
LeakKind kind_of(const Stack& stack, const model::Symbols& symbols) {
  LeakKind kind = LeakKind::Other;
  for (const auto& frame : stack.frames) {
    const LeakKind here = kind_of_function(symbols.text(frame.function));
    if (here != LeakKind::Other) kind = here;
  }
  return kind;
}

// The program's own frame; else the innermost outside the runtime.
model::Frame place_of(const Stack& stack, const model::Symbols& symbols) {
  for (const auto& frame : stack.frames)
    if (!symbols.is_standard_library(frame.function)) return frame;
  for (const auto& frame : stack.frames)
    if (!model::is_runtime(symbols.text(frame.function))) return frame;
  return stack.frames.empty() ? model::Frame{} : stack.frames.front();
}

bool waits_for_body(const Stack& stack, const model::Symbols& symbols) {
  for (const auto& frame : stack.frames) {
    const std::string_view function = symbols.text(frame.function);
    if (!model::is_runtime(function)) return function == "net/http.(*persistConn).readLoop";
  }
  return false;
}

bool reads_body(const Stack& stack, const model::Symbols& symbols) {
  return std::ranges::any_of(stack.frames, [&](const auto& frame) {
    return symbols.text(frame.function).starts_with("net/http.(*bodyEOFSignal)");
  });
}

std::string_view type_of(const model::Evidence& evidence, const model::Symbols& symbols) {
  return evidence.profile && !evidence.profile->types.empty() ? symbols.text(evidence.profile->types.front().type)
                                                              : std::string_view();
}

void add_leaked(const model::Evidence& evidence, const model::Symbols& symbols, std::vector<LeakStack>& found) {
  for (std::size_t i = 0; i < evidence.profile->sample_count(); ++i) {
    const Stack stack = stack_of(*evidence.profile, i);
    if (stack.count <= 0) continue;
    found.push_back({.kind = kind_of(stack, symbols),
                     .belief = Belief::Proven,
                     .evidence = &evidence,
                     .place = place_of(stack, symbols),
                     .count = stack.count});
  }
}

void add_suspects(const model::Evidence& evidence, const model::Symbols& symbols, std::vector<LeakStack>& found) {
  LeakStack bodies{.kind = LeakKind::HttpBody, .belief = Belief::Likely, .evidence = &evidence, .place = {}};
  std::int64_t readers = 0;
  for (std::size_t i = 0; i < evidence.profile->sample_count(); ++i) {
    const Stack stack = stack_of(*evidence.profile, i);
    if (waits_for_body(stack, symbols)) {
      bodies.count += stack.count;
      bodies.place = place_of(stack, symbols);
    } else if (reads_body(stack, symbols)) {
      readers += stack.count;
    } else if (stack.count >= kCrowd) {
      found.push_back({.kind = kind_of(stack, symbols),
                       .belief = Belief::Candidate,
                       .evidence = &evidence,
                       .place = place_of(stack, symbols),
                       .count = stack.count});
    }
  }
  if (bodies.count >= readers + kBodiesFrom) found.push_back(bodies);
}

}  // namespace

std::vector<LeakStack> leak_stacks(const model::Incident& incident) {
  std::vector<LeakStack> found;
  for (const auto& evidence : incident.evidence) {
    const std::string_view type = type_of(evidence, incident.symbols);
    if (type == "goroutineleak") add_leaked(evidence, incident.symbols, found);
    if (type == "goroutine") add_suspects(evidence, incident.symbols, found);
  }
  return found;
}

}  // namespace gopsy::analyze
