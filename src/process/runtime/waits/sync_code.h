#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "binary/code_flow.h"
#include "process/runtime/go_runtime.h"

namespace gopsy::process {

/// What an instruction does to a lock or a WaitGroup.
enum class SyncOp : std::uint8_t {
  None,
  Lock,
  Unlock,
  RLock,
  RUnlock,
  Add,  ///< of a WaitGroup, by an amount that only the registers tell
  Done,
  Ends,  ///< a call that does not come back: a panic, or more stack
};

/// A function's code, as far as locks are concerned. Addresses are those of the file.
struct SyncFunction {
  std::string_view name;
  std::uint64_t start = 0;
  std::uint64_t end = 0;
  bool uses_locks = false;  ///< it has a SyncOp of its own, inlined ones counted
  bool recovers = false;    ///< it calls recover
  bool is_wrapper = false;  ///< the compiler made it around a deferred call: what it calls counts as deferred itself
  std::vector<std::uint64_t> calls;  ///< where the functions begin that it calls directly, sorted

  /// Called from outside, it lets go of something that it did not take. Worked out when somebody asks.
  std::optional<bool> releases;

  /// Read when somebody asks; of one instruction there may be several rows.
  bool decoded = false;
  std::vector<binary::FlowInstruction> code;
  std::vector<SyncOp> ops;          ///< of each row
  std::vector<std::uint32_t> lead;  ///< of each row: where its target stands in `code`; kOutside
  static constexpr std::uint32_t kOutside = UINT32_MAX;

  /// The first row of an address; kOutside if there is none.
  [[nodiscard]] std::uint32_t row_of(std::uint64_t address) const;
};

/// Finds the operations on locks in code: calls of sync's functions, and what of them was inlined, which the table of
/// inlined calls tells in stripped executables too.
///
/// Cost    a function is looked at once: its bytes for calls; instruction by instruction only if it uses locks.
/// Source  sync/mutex.go, rwmutex.go, waitgroup.go; cmd/compile/internal/walk/order.go (deferwrap).
class SyncCode {
 public:
  explicit SyncCode(const GoRuntime& runtime);

  /// Null outside of Go's code.
  SyncFunction* function_at(std::uint64_t address);
  /// Its instructions, with `ops`.
  void decode(SyncFunction& function);
  /// Of the entry of a function: is it one of sync's own?
  [[nodiscard]] SyncOp op_of(std::uint64_t entry) const;

  /// Can code from `address` on reach a release that no acquisition on the way stands against? False is certain, but
  /// for what functions do that are called by pointers, or by those it calls.
  bool may_release_from(std::uint64_t address);

 private:
  void find_operations();
  void find_calls(SyncFunction& function) const;
  bool can_release(SyncFunction& function, std::uint32_t row, bool look_into_calls);

  const GoRuntime& runtime_;
  binary::Machine machine_;
  std::unordered_map<std::uint64_t, SyncOp> operations_;  // by entry
  std::vector<std::uint64_t> entries_;                    // of all functions, sorted
  std::uint64_t recover_ = 0;
  int wrapper_id_ = -1;
  std::deque<SyncFunction> functions_;
  std::unordered_map<std::uint64_t, SyncFunction*> by_entry_;
  std::unordered_map<std::uint64_t, bool> releasing_;  // by address
};

}  // namespace gopsy::process
