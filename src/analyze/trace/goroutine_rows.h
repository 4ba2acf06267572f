#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <vector>

#include "analyze/trace/question.h"
#include "model/trace_times.h"

namespace gopsy::analyze {

/// By what goroutines are ordered.
std::int64_t order_key(GoroutineQuestion::Order order, const model::TraceStates& states,
                       const model::TraceSpent& spent);

/// A GoroutineQuestion::function of an RE2 expression that may match anywhere, or what is wrong with it.
std::expected<std::function<bool(std::string_view)>, std::string> function_filter(std::string_view expression);

/// Keeps the first goroutines in an order, and counts the others.
///
/// Shape   `wants` before the row is made, then `add`; `take` in order, ties by goroutine id.
/// Cost    memory for as many as were asked for.
class GoroutineRows {
 public:
  explicit GoroutineRows(GoroutineQuestion question) : question_(std::move(question)) {}

  [[nodiscard]] const GoroutineQuestion& question() const { return question_; }
  [[nodiscard]] bool wants(std::int64_t key, std::uint64_t goid) const;
  void add(std::int64_t key, model::TraceGoroutine row);
  std::vector<model::TraceGoroutine> take();

 private:
  struct Row {
    std::int64_t key;
    model::TraceGoroutine goroutine;
  };
  static bool before(const Row& a, const Row& b);

  GoroutineQuestion question_;
  std::vector<Row> heap_;  // the last of them on top, once there are as many as were asked for
};

}  // namespace gopsy::analyze
