#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "analyze/trace/study.h"

namespace gopsy::testing_support {

/// A short trace, told event by event, for analyses.
///
/// Shape   goroutines 101, 102, 103 have rows 1, 2, 3; Ps 0 and 1 rows 1 and 2. String rows from 2: "chan receive",
///         "main.worker", "main.go", "runtime.Gosched", "preempted", "GC mark termination", "GC (dedicated)",
///         "network", "main.lock". Stack row 2 stands in main.worker, 3 in main.lock called by it. What is created
///         begins in main.worker.
class Story {
 public:
  enum Text : std::uint64_t {
    kChanReceive = 2,
    kWorker,
    kFile,
    kGosched,
    kPreempted,
    kMarkTermination,
    kDedicated,
    kNetwork,
    kLock
  };

  Story() {
    tables_.strings = {"",
                       "lost",
                       "chan receive",
                       "main.worker",
                       "main.go",
                       "runtime.Gosched",
                       "preempted",
                       "GC mark termination",
                       "GC (dedicated)",
                       "network",
                       "main.lock"};
    tables_.frames = {{.pc = 0x10, .line = 7, .function = kWorker, .file = kFile, .first_of_pc = 0},
                      {.pc = 0x20, .line = 9, .function = kLock, .file = kFile, .first_of_pc = 1}};
    tables_.stack_frames = {0, 1, 0};
    tables_.stack_start = {0, 0, 0, 1, 3};
    names_.goroutines = {0, 101, 102, 103};
    names_.procs = {0, 0, 1};
    names_.threads = {0, 1};
  }

  Story& at(std::int64_t ns, model::TraceType type, std::uint32_t subject, model::GoState from, model::GoState to,
            std::uint32_t g = 0, std::uint64_t value = 0, std::uint32_t stack = 0, std::uint32_t p = 0) {
    model::TraceEvent event;
    event.time_ns = ns;
    event.type = type;
    event.subject = subject;
    event.from = static_cast<std::uint8_t>(from);
    event.to = static_cast<std::uint8_t>(to);
    event.g = g;
    event.p = p;
    event.value = value;
    event.other = 2;
    event.stack = stack;
    events_.push_back(event);
    return *this;
  }
  /// An event that changes no goroutine.
  Story& mark(std::int64_t ns, model::TraceType type, std::uint64_t value = 0, std::uint32_t g = 0, std::uint32_t p = 0,
              std::uint32_t subject = 0) {
    return at(ns, type, subject, model::GoState::Undetermined, model::GoState::Undetermined, g, value, 0, p);
  }

  void play(analyze::TracePart& part, model::Symbols& symbols, analyze::TraceRange range = {},
            std::size_t chunk = 512) const {
    analyze::TraceStudy study(symbols, {&part}, range);
    tell(study, chunk);
    study.finish();
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

}  // namespace gopsy::testing_support
