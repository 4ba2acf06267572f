#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "analyze/trace/study.h"

namespace gopsy::analyze {

/// A trace told event by event: goroutine n has id 100 + n, string and stack s are those of `string` and `stack`.
class ToldTrace {
 public:
  ToldTrace() {
    tables_.strings = {"", "lost"};
    tables_.stack_start = {0, 0, 0};
    names_.goroutines = {0};
  }

  std::uint32_t string(std::string_view text) {
    tables_.strings.push_back(text);
    return static_cast<std::uint32_t>(tables_.strings.size() - 1);
  }
  /// Leaf first; each function at line 1 of a file of its own name.
  std::uint32_t stack(std::vector<std::string_view> functions) {
    for (const std::string_view function : functions) {
      const std::uint32_t name = string(function);
      tables_.stack_frames.push_back(static_cast<std::uint32_t>(tables_.frames.size()));
      tables_.frames.push_back({.pc = name, .line = 1, .function = name, .file = name, .first_of_pc = 0});
    }
    tables_.stack_start.push_back(static_cast<std::uint32_t>(tables_.stack_frames.size()));
    return static_cast<std::uint32_t>(tables_.stack_start.size() - 2);
  }

  /// Goroutine g runs when the trace begins.
  ToldTrace& runs(std::int64_t ns, std::uint32_t g) {
    return change(ns, model::TraceType::GoStatus, g, model::GoState::Undetermined, model::GoState::Running, 0);
  }
  ToldTrace& creates(std::int64_t ns, std::uint32_t creator, std::uint32_t g, std::uint32_t start = 0) {
    change(ns, model::TraceType::GoCreate, g, model::GoState::NotExist, model::GoState::Runnable, creator);
    events_.back().other = start;
    return *this;
  }
  ToldTrace& starts(std::int64_t ns, std::uint32_t g) {
    return change(ns, model::TraceType::GoStart, g, model::GoState::Runnable, model::GoState::Running, 0);
  }
  ToldTrace& blocks(std::int64_t ns, std::uint32_t g, std::uint32_t reason, std::uint32_t stack = 0) {
    change(ns, model::TraceType::GoBlock, g, model::GoState::Running, model::GoState::Waiting, g, stack);
    events_.back().value = reason;
    return *this;
  }
  /// `waker` 0: nobody.
  ToldTrace& wakes(std::int64_t ns, std::uint32_t waker, std::uint32_t g, std::uint32_t stack = 0) {
    return change(ns, model::TraceType::GoUnblock, g, model::GoState::Waiting, model::GoState::Runnable, waker, stack);
  }
  ToldTrace& calls(std::int64_t ns, std::uint32_t g, std::uint32_t stack = 0) {
    return change(ns, model::TraceType::GoSyscallBegin, g, model::GoState::Running, model::GoState::Syscall, g, stack);
  }
  ToldTrace& returns(std::int64_t ns, std::uint32_t g) {
    return change(ns, model::TraceType::GoSyscallEnd, g, model::GoState::Syscall, model::GoState::Running, g);
  }
  ToldTrace& ends(std::int64_t ns, std::uint32_t g) {
    return change(ns, model::TraceType::GoDestroy, g, model::GoState::Running, model::GoState::NotExist, g);
  }
  /// Of a task, region or message: `value` its id, `subject` and `other` as TraceEvent has them.
  ToldTrace& says(std::int64_t ns, model::TraceType type, std::uint32_t g, std::uint64_t value, std::uint32_t subject,
                  std::uint64_t other) {
    change(ns, type, subject, model::GoState::Undetermined, model::GoState::Undetermined, g);
    events_.back().value = value;
    events_.back().other = other;
    return *this;
  }

  /// Has the parts study it, `chunk` events a step.
  void study(model::Symbols& symbols, std::vector<TracePart*> parts, TraceRange range = {}, std::size_t chunk = 512) {
    for (std::uint64_t g = names_.goroutines.size(); g < 64; ++g) names_.goroutines.push_back(100 + g);
    TraceStudy study(symbols, std::move(parts), range);
    study.generation(tables_, names_);
    for (std::size_t i = 0; i < events_.size(); i += chunk)
      study.events(std::span(events_).subspan(i, std::min(chunk, events_.size() - i)));
    study.finish();
    stacks = study.whole().take();
  }

  model::TraceStacks stacks;

 private:
  ToldTrace& change(std::int64_t ns, model::TraceType type, std::uint32_t subject, model::GoState from,
                    model::GoState to, std::uint32_t g, std::uint32_t stack = 0) {
    model::TraceEvent event;
    event.time_ns = ns;
    event.type = type;
    event.subject = subject;
    event.from = static_cast<std::uint8_t>(from);
    event.to = static_cast<std::uint8_t>(to);
    event.g = g;
    event.stack = stack;
    events_.push_back(event);
    return *this;
  }

  model::TraceTables tables_;
  model::TraceNames names_;
  std::vector<model::TraceEvent> events_;
};

}  // namespace gopsy::analyze
