#include "analyze/trace/goroutine_rows.h"

#include <re2/re2.h>

#include <algorithm>
#include <memory>
#include <tuple>
#include <utility>

namespace gopsy::analyze {

std::int64_t order_key(GoroutineQuestion::Order order, const model::TraceStates& states,
                       const model::TraceSpent& spent) {
  switch (order) {
    case GoroutineQuestion::Order::Runnable: return states.runnable_ns;
    case GoroutineQuestion::Order::Blocked: return states.waiting_ns;
    case GoroutineQuestion::Order::Syscall: return states.syscall_ns;
    case GoroutineQuestion::Order::Assist: return spent.assist_ns;
    case GoroutineQuestion::Order::Life: return states.sum_ns();
    case GoroutineQuestion::Order::Running: break;
  }
  return states.running_ns;
}

std::expected<std::function<bool(std::string_view)>, std::string> function_filter(std::string_view expression) {
  const auto regex = std::make_shared<const re2::RE2>(expression, re2::RE2::Quiet);
  if (!regex->ok()) return std::unexpected(regex->error());
  return [regex](std::string_view function) { return re2::RE2::PartialMatch(function, *regex); };
}

bool GoroutineRows::before(const Row& a, const Row& b) {
  return std::tuple(-a.key, a.goroutine.goid, a.goroutine.first_ns) <
         std::tuple(-b.key, b.goroutine.goid, b.goroutine.first_ns);
}

bool GoroutineRows::wants(std::int64_t key, std::uint64_t goid) const {
  if (heap_.size() < question_.limit) return true;
  return !heap_.empty() && std::pair(-key, goid) < std::pair(-heap_.front().key, heap_.front().goroutine.goid);
}

void GoroutineRows::add(std::int64_t key, model::TraceGoroutine row) {
  heap_.push_back({.key = key, .goroutine = std::move(row)});
  std::ranges::push_heap(heap_, before);
  if (heap_.size() <= question_.limit) return;
  std::ranges::pop_heap(heap_, before);
  heap_.pop_back();
}

std::vector<model::TraceGoroutine> GoroutineRows::take() {
  std::ranges::sort_heap(heap_, before);
  std::vector<model::TraceGoroutine> rows;
  rows.reserve(heap_.size());
  for (Row& row : heap_) rows.push_back(std::move(row.goroutine));
  heap_.clear();
  return rows;
}

}  // namespace gopsy::analyze
