#include "model/trace_ending.h"

#include <algorithm>

namespace gopsy::model {

const TraceEnding::Goroutine* TraceEnding::find(std::uint64_t id) const {
  const auto at = std::ranges::lower_bound(goroutines, id, {}, &Goroutine::id);
  return at == goroutines.end() || at->id != id ? nullptr : &*at;
}

}  // namespace gopsy::model
