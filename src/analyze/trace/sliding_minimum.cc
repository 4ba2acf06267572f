#include "analyze/trace/sliding_minimum.h"

#include <algorithm>

#include "analyze/trace/time_sums.h"

namespace gopsy::analyze {

void SlidingMinimum::change(UtilizationChange change) {
  if (!any_) {
    any_ = true;
    left_ns_ = right_ns_ = change.time_ns;
    at_left_ = at_right_ = change.utilization;
    return;
  }
  advance(change.time_ns);
  at_right_ = change.utilization;
  within_.push_back(change);
}

void SlidingMinimum::advance(std::int64_t to_ns) {
  if (between(left_ns_, right_ns_) < window_ns_) {
    const std::int64_t next = std::min(to_ns, later(left_ns_, window_ns_));
    area_ += static_cast<double>(between(right_ns_, next)) * at_right_;
    right_ns_ = next;
    if (between(left_ns_, right_ns_) < window_ns_) return;
    candidate();
  }
  while (right_ns_ < to_ns) {
    std::int64_t next = to_ns;
    if (!within_.empty()) next = std::min(next, later(within_.front().time_ns, window_ns_));
    next = std::max(next, right_ns_);
    const std::int64_t step = between(right_ns_, next);
    area_ += static_cast<double>(step) * (at_right_ - at_left_);
    right_ns_ = next;
    left_ns_ = later(left_ns_, step);
    // Without damage it is one of the two; with it, this must end, too.
    if (step == 0 && (within_.empty() || within_.front().time_ns > left_ns_)) right_ns_ = to_ns;
    while (!within_.empty() && within_.front().time_ns <= left_ns_) {
      at_left_ = within_.front().utilization;
      within_.pop_front();
    }
    candidate();
  }
}

void SlidingMinimum::candidate() {
  const double mean = std::clamp(area_ / static_cast<double>(window_ns_), 0.0, 1.0);
  minimum_ = std::min(minimum_, mean);
  if (worst_ == 0 || mean >= 1 || (windows_.size() == worst_ && mean >= windows_.back().utilization)) return;
  const auto near = std::ranges::find_if(
      windows_, [&](const model::TraceGc::Window& window) { return between(window.begin_ns, left_ns_) < window_ns_; });
  if (near != windows_.end()) {
    if (near->utilization <= mean) return;
    windows_.erase(near);
  } else if (windows_.size() == worst_) {
    windows_.pop_back();
  }
  const auto place = std::ranges::upper_bound(windows_, mean, {}, &model::TraceGc::Window::utilization);
  windows_.insert(place, {.begin_ns = left_ns_, .utilization = mean});
}

model::TraceGc::Mmu SlidingMinimum::take() const {
  const std::int64_t length = between(left_ns_, right_ns_);
  if (length >= window_ns_) return {.window_ns = window_ns_, .utilization = minimum_, .worst = windows_};
  const double mean = length == 0 ? at_right_ : std::clamp(area_ / static_cast<double>(length), 0.0, 1.0);
  return {.window_ns = length,
          .utilization = mean,
          .worst = worst_ == 0 || mean >= 1 || length == 0
                       ? std::vector<model::TraceGc::Window>()
                       : std::vector<model::TraceGc::Window>{{.begin_ns = left_ns_, .utilization = mean}}};
}

}  // namespace gopsy::analyze
