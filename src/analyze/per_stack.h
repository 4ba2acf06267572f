#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "model/traceback.h"

namespace gopsy::analyze {

/// What is the same for all goroutines with the same functions and lines, worked out once for each such stack.
template <class Answer>
class PerStack {
 public:
  explicit PerStack(const model::Traceback& traceback)
      : first_(traceback.goroutines.data()), known_(traceback.goroutines.size()) {}

  /// REQUIRES: `goroutine` is one of the traceback's; `work_out` asks for nothing but its functions and lines.
  template <class WorkOut>
  const Answer& of(const model::Goroutine& goroutine, const WorkOut& work_out) {
    auto& known = known_[std::min<std::size_t>(goroutine.same_stack_as, static_cast<std::size_t>(&goroutine - first_))];
    if (!known) known = work_out();
    return *known;
  }

 private:
  const model::Goroutine* first_;
  std::vector<std::optional<Answer>> known_;
};

}  // namespace gopsy::analyze
