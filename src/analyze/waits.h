#pragma once

#include <cstdint>
#include <optional>

#include "model/evidence.h"

namespace gopsy::analyze {

/// What a goroutine waits for, after its frames were asked where its state is vague: "semacquire" is a
/// Mutex before Go 1.20 and a WaitGroup before 1.24.
struct Wait {
  model::WaitKind kind = model::WaitKind::None;
  /// Of the lock or channel. Only where the traceback prints it without a "?": lockSlow's receiver at
  /// every level, chansend's and chanrecv's channel at GOTRACEBACK=system (text-evidence.md fact 9).
  std::optional<std::uint64_t> address;
  bool in_once = false;                          ///< the lock is a sync.Once's own
  const model::TracebackFrame* place = nullptr;  ///< the innermost frame outside runtime and sync
};

Wait wait_of(const model::Traceback& traceback, const model::Goroutine& goroutine, const model::Symbols& symbols);

/// Is it one that only another goroutine of the program can end (not I/O, time, or the runtime)?
bool needs_a_peer(model::WaitKind kind);

}  // namespace gopsy::analyze
