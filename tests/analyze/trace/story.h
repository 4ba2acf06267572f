#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "model/trace.h"

namespace gopsy::analyze {

/// The events of a small trace, made by hand. Goroutines are rows 1 to 3, called 101 to 103.
///
/// Shape   strings: 2 is "chan receive", 5 "network". Stacks: 2 is main.worker, 3 main.lock called by it. What is
///         created begins in main.worker.
class TraceStory {
 public:
  TraceStory() {
    tables_.strings = {"", "lost", "chan receive", "main.worker", "main.go", "network", "main.lock"};
    tables_.frames = {{.pc = 0x10, .line = 7, .function = 3, .file = 4, .first_of_pc = 0},
                      {.pc = 0x20, .line = 9, .function = 6, .file = 4, .first_of_pc = 1}};
    tables_.stack_frames = {0, 1, 0};
    tables_.stack_start = {0, 0, 0, 1, 3};
    names_.goroutines = {0, 101, 102, 103};
  }

  TraceStory& at(std::int64_t ns, model::TraceType type, std::uint32_t subject, model::GoState from, model::GoState to,
                 std::uint32_t g = 0, std::uint64_t value = 0, std::uint32_t stack = 0) {
    model::TraceEvent event;
    event.time_ns = ns;
    event.type = type;
    event.subject = subject;
    event.from = static_cast<std::uint8_t>(from);
    event.to = static_cast<std::uint8_t>(to);
    event.g = g;
    event.value = value;
    event.other = 2;
    event.stack = stack;
    events_.push_back(event);
    return *this;
  }

  /// In chunks of so many events.
  void tell(model::TraceSink& sink, std::size_t chunk = 512) const {
    sink.generation(tables_, names_);
    for (std::size_t i = 0; i < events_.size(); i += chunk)
      sink.events(std::span(events_).subspan(i, std::min(chunk, events_.size() - i)));
  }

 private:
  model::TraceTables tables_;
  model::TraceNames names_;
  std::vector<model::TraceEvent> events_;
};

}  // namespace gopsy::analyze
