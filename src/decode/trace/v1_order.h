#pragma once

#include <cstdint>
#include <vector>

#include "base/error.h"
#include "decode/trace/id_table.h"
#include "decode/trace/v1_file.h"

namespace gopsy::decode::trace {

/// An event of a v1 trace in its place. What else it says is read again where it stands.
struct V1Event {
  /// Whose event it is made of, where not that of the P that wrote it.
  enum Place : std::uint8_t { kOwn, kTimer, kNetpoll, kSyscall, kGc };

  std::uint64_t ticks = 0;
  std::uint64_t at : 40 = 0;    ///< offset of the record; of a sample, its number
  std::uint64_t proc : 24 = 0;  ///< row of V1File::procs
  std::uint32_t g = 0;          ///< row of the goroutine that it happens on
  V1Type type = V1Type::None;
  std::uint8_t place = kOwn;
  bool blocks = false;  ///< of a system call: the P was taken away
  bool forced = false;
};
static_assert(sizeof(V1Event) == 24, "there are tens of millions of them");

/// Puts the events of all Ps in one order.
///
/// Yields  events by time, those of one time as the official reader has them; goroutine ids in `goroutines`.
/// Errors  as the official reader; a lenient Damage takes the earliest event where none fits.
/// Cost    a pass over all events, and a second that moves the ends of system calls.
/// Source  internal/trace/internal/tracev1/order.go and parser.go, parseEventBatches.
Result<std::vector<V1Event>> order_v1(V1File& file, IdTable& goroutines, Damage& damage);

}  // namespace gopsy::decode::trace
