#pragma once

#include <cstdint>
#include <unordered_map>

#include "model/traceback.h"

namespace gopsy::model {

/// Fills in Goroutine::same_stack_as of the goroutines of one traceback, in their order.
///
/// Shape   stacks are equal as far as a person sees: arguments and addresses may differ.
/// Cost    a hash of the frames, a comparison with the one that has the same.
class SameStacks {
 public:
  /// Goroutine `index` is complete, and all before it were handed over.
  void compare(Traceback& traceback, std::uint32_t index);
  /// The next goroutine is of another traceback.
  void clear() { first_.clear(); }

 private:
  std::unordered_map<std::uint64_t, std::uint32_t> first_;  // by hash
};

}  // namespace gopsy::model
