#include "analyze/trace/wakes.h"

#include <algorithm>
#include <utility>

#include "analyze/trace/time_sums.h"

namespace gopsy::analyze {

using model::TraceWaker;

bool is_runtime_goroutine(const TraceContext& context, std::uint32_t g) {
  if (g >= context.lives.size()) return false;
  const StringId function = context.lives[g].function;
  const model::Symbols& symbols = context.whole.symbols();
  return (symbols.origin(function) & model::Origin::Runtime) != 0 && symbols.text(function) != "runtime.main";
}

TraceWaker waker_of(std::uint32_t waker, std::string_view reason) {
  if (waker != 0) return TraceWaker::Goroutine;
  if (reason == "network") return TraceWaker::Network;
  if (reason.starts_with("GC ")) return TraceWaker::Collector;
  // Nothing else of a program goes on without a goroutine: sleeps, and channels that a timer sends to.
  if (reason == "sleep" || reason == "select" || reason.starts_with("chan ")) return TraceWaker::Timer;
  return TraceWaker::Runtime;
}

void Wakes::add(const TraceContext& context, const StateInterval& block, std::uint32_t waker) {
  const std::uint32_t waker_stack = waker == 0 ? 0 : block.end_stack;
  // Blocks that no goroutine ended are told apart by their reason, too: they may have no stack.
  const std::uint32_t key = waker == 0 ? block.reason.value | 1U << 31 : waker_stack;
  std::uint32_t number = pairs_.size() < kMost ? pairs_.number(key, block.stack).number : pairs_.find(key, block.stack);
  if (number == 0) {
    ++other_;
    return;
  }
  const std::int64_t waited = block.length_ns();
  if (number > wakes_.size()) {
    wakes_.push_back({.waker_stack = waker_stack,
                      .blocked_stack = block.stack,
                      .reason = block.reason,
                      .waker = waker_of(waker, context.whole.symbols().text(block.reason)),
                      .count = 0,
                      .total_ns = 0,
                      .longest_ns = -1,
                      .longest_goid = 0,
                      .longest_waker = 0,
                      .longest_end_ns = 0});
  }
  model::TraceWake& wake = wakes_[--number];
  ++wake.count;
  add_ns(wake.total_ns, waited);
  if (waited <= wake.longest_ns) return;
  wake.longest_ns = waited;
  wake.longest_goid = context.goid(block.g);
  wake.longest_waker = waker == 0 ? 0 : context.goid(waker);
  wake.longest_end_ns = block.end_ns;
}

void Wakes::finish(model::TraceChains& chains) {
  std::stable_sort(wakes_.begin(), wakes_.end(), [](const auto& a, const auto& b) { return a.total_ns > b.total_ns; });
  chains.wakes = std::move(wakes_);
  chains.other_wakes = other_;
}

}  // namespace gopsy::analyze
