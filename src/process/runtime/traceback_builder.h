#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "model/traceback.h"
#include "process/runtime/goroutine_reader.h"

namespace gopsy::process {

/// Writes goroutines down as a traceback.
class TracebackBuilder {
 public:
  TracebackBuilder(const GoRuntime& runtime, CodeMap& code, model::Symbols& symbols)
      : runtime_(runtime), code_(code), symbols_(symbols) {}

  void add(const ReadGoroutine& read);

  /// A stack of the runtime's own: what a thread without a goroutine did.
  void add_system_stack(const WalkedStack& stack, StackMemory& memory);

  /// Of goroutines that wait: whole minutes up to `now_ns`, or up to the newest time that any of them has.
  void set_ages(std::int64_t now_ns);

  [[nodiscard]] model::Traceback& traceback() { return traceback_; }
  /// Of the goroutines as they were added.
  [[nodiscard]] const std::vector<GoroutineState>& states() const { return states_; }
  /// How many stacks end otherwise than at their bottom.
  [[nodiscard]] std::uint64_t broken() const { return broken_; }

 private:
  void set_creator(const GoroutineState& state, model::Goroutine& goroutine);
  void add_frames(const WalkedStack& stack, StackMemory& memory, model::Goroutine& goroutine);
  void add_frame(const StackFrame& frame, StackMemory& memory);
  void add_labels(std::uint64_t address, model::Goroutine& goroutine);
  void add_ancestors(std::uint64_t address, model::Goroutine& goroutine);
  [[nodiscard]] bool is_system(std::uint64_t start_pc);
  [[nodiscard]] std::int64_t thread_number(std::uint64_t m);

  const GoRuntime& runtime_;
  CodeMap& code_;
  model::Symbols& symbols_;
  model::Traceback traceback_;
  std::vector<GoroutineState> states_;
  std::unordered_map<std::uint64_t, model::Goroutine> label_sets_;  // by address: where in `labels` they stand
  std::unordered_map<std::uint64_t, bool> system_starts_;
  std::string arguments_;
  std::uint64_t broken_ = 0;
};

}  // namespace gopsy::process
