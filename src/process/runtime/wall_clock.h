#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "model/profile.h"
#include "process/runtime/goroutine_reader.h"

namespace gopsy::process {

/// Where goroutines spend their time, running or not: all of them are looked at again and again, and counted by stack
/// and state.
///
/// Shape   the program's own goroutines; those that run have the function they began in and a marker frame, since
/// nobody
///         stops their threads to ask for registers.
/// Cost    a reading of all goroutines (read_goroutines) a sample; memory for distinct stacks, of which at most
///         kMostStacks are kept apart.
class WallClock {
 public:
  static constexpr std::size_t kMostStacks = std::size_t{1} << 18;

  WallClock(const GoRuntime& runtime, model::Symbols& symbols);

  /// Looks once at all goroutines; each stack stands for `ns` of time.
  void sample(std::int64_t ns);

  /// What was counted, as a profile: samples in counts and wall in nanoseconds, state as a label.
  model::Profile take();

  [[nodiscard]] std::uint64_t samples() const { return samples_; }
  [[nodiscard]] std::uint64_t goroutines() const { return goroutines_; }  ///< seen, summed over the samples
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }        ///< beyond kMostStacks

 private:
  struct Row {
    std::uint32_t first = 0;  // pcs_[first .. first + count), innermost first
    std::uint32_t count = 0;
    StringId state;
    std::uint64_t samples = 0;
    std::int64_t ns = 0;
  };

  void add(const ReadGoroutine& read, std::int64_t ns);
  std::uint32_t location(model::Profile& profile, std::uint64_t pc);
  std::uint32_t function(model::Profile& profile, const CodeFrame& frame);

  // A pc that is none, for what cannot be known of a running goroutine.
  static constexpr std::uint64_t kOnProcessor = 1;

  const GoRuntime& runtime_;
  model::Symbols& symbols_;
  CodeMap code_;
  StringId goexit_;
  std::vector<Row> rows_;
  std::vector<std::uint64_t> pcs_;
  std::unordered_multimap<std::uint64_t, std::uint32_t> by_hash_;
  std::unordered_map<std::uint64_t, std::uint32_t> locations_;
  std::unordered_map<std::uint64_t, std::uint32_t> functions_;
  std::unordered_map<std::uint64_t, bool> own_starts_;
  std::vector<std::uint64_t> scratch_;
  std::uint64_t samples_ = 0;
  std::uint64_t goroutines_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace gopsy::process
