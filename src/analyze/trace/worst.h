#pragma once

#include <algorithm>
#include <functional>
#include <vector>

#include "model/trace_signs.h"

namespace gopsy::analyze {

/// The longest cases of many.
///
/// Cost    a comparison for nearly all of them.
class WorstCases {
 public:
  [[nodiscard]] bool wants(std::int64_t ns) const { return ns > least_; }
  void add(const model::TraceSigns::Case& one) {
    cases_.push_back(one);
    std::ranges::push_heap(cases_, std::ranges::greater{}, &model::TraceSigns::Case::length_ns);
    if (cases_.size() <= model::TraceSigns::kWorst) return;
    std::ranges::pop_heap(cases_, std::ranges::greater{}, &model::TraceSigns::Case::length_ns);
    cases_.pop_back();
    least_ = cases_.front().length_ns();
  }
  std::vector<model::TraceSigns::Case> take() {
    std::ranges::sort(cases_, [](const auto& a, const auto& b) {
      return std::pair(b.length_ns(), a.begin_ns) < std::pair(a.length_ns(), b.begin_ns);
    });
    return std::move(cases_);
  }

 private:
  std::vector<model::TraceSigns::Case> cases_;
  std::int64_t least_ = 0;
};

}  // namespace gopsy::analyze
