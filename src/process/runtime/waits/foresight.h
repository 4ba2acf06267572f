#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "process/runtime/stack_memory.h"
#include "process/runtime/waits/sync_code.h"

namespace gopsy::process {

/// A lock, or a WaitGroup, that code will let go of without having taken it first: whoever runs it has it now.
struct Release {
  std::uint64_t address = 0;  ///< of the Mutex, RWMutex or WaitGroup
  SyncOp op = SyncOp::Unlock;

  friend bool operator==(const Release&, const Release&) = default;
};

/// Follows code with the values that registers and memory have, from where a frame goes on to where it ends, and sees
/// which addresses it unlocks. Nothing is run: what an instruction does beyond copying words and adding numbers makes
/// its result unknown, and both ways of a branch are followed.
///
/// Shape   an Unlock counts only if the way to it has no Lock of the same address. It is a way that can be gone, not
/// one
///         that will be: `if locked { mu.Unlock() }` counts as well.
/// Cost    some 10 µs a frame; at most kMostSteps instructions each and kMostInAll in all.
class Foresight {
 public:
  Foresight(const GoRuntime& runtime, SyncCode& code);

  /// What a frame does after the call that it stands in has returned to `pc`. `taken`: the lock that this call is about
  /// to take, 0 for none.
  std::vector<Release> after_call(std::uint64_t pc, std::uint64_t sp, std::uint64_t taken, StackMemory& stack);

  /// What a closure does when it is called: where a deferred one is, on a stack below `sp`.
  std::vector<Release> of_closure(std::uint64_t closure, std::uint64_t sp, StackMemory& stack);

  /// There was more to follow than it may take.
  [[nodiscard]] bool gave_up() const { return steps_ >= kMostInAll; }
  /// How many releases it came to, in all, without knowing of what.
  [[nodiscard]] std::uint64_t unseen() const { return unseen_; }

 private:
  static constexpr std::uint64_t kMostSteps = 20'000;
  static constexpr std::uint64_t kMostInAll = 50'000'000;
  static constexpr unsigned kDeepest = 3;
  static constexpr std::size_t kMostStored = 64;
  static constexpr std::size_t kMostTaken = 16;

  using Word = std::optional<std::uint64_t>;

  struct Stored {
    std::uint64_t address = 0;
    Word value;
  };
  struct Taken {
    Release lock;
    int count = 0;
  };
  struct State {
    std::array<Word, 32> registers{};
    std::vector<Stored> stored;  // by the code that was followed; newer ones last
    std::vector<Taken> taken;
  };

  State run(SyncFunction& function, std::uint32_t row, State state, unsigned depth);
  void execute(const binary::FlowInstruction& one, State& state);
  void call(SyncFunction& function, std::uint32_t row, State& state, unsigned depth);
  void apply(SyncOp op, Word address, const State& before, State& state);
  Word value(const binary::FlowOperand& from, const State& state);
  [[nodiscard]] Word address_of(const binary::FlowOperand& place, const State& state) const;
  Word load(std::uint64_t address, const State& state);
  static void store(std::uint64_t address, Word value, State& state);

  const GoRuntime& runtime_;
  SyncCode& code_;
  binary::FlowRegisters registers_;
  StackMemory* stack_ = nullptr;
  std::uint64_t low_ = 0;  // of the stack that is followed: words above are read through stack_
  std::uint64_t steps_ = 0;
  std::uint64_t limit_ = 0;
  std::uint64_t unseen_ = 0;
  std::vector<Release> found_;
};

}  // namespace gopsy::process
