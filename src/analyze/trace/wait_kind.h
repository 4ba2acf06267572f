#pragma once

#include <cstdint>
#include <string_view>

#include "model/symbols.h"
#include "model/trace_stacks.h"

namespace gopsy::analyze {

/// What a goroutine of a trace waits for: the runtime's reason, told finer by the stack, and by the stack alone where
/// the trace has no reason (a goroutine that was found waiting).
enum class TraceWait : std::uint8_t {
  Unknown,
  Receive,  ///< from a channel
  Send,     ///< to a channel
  Select,
  Lock,  ///< Mutex, RWMutex
  WaitGroup,
  Cond,
  Sync,     ///< "sync", neither of the three
  Forever,  ///< nil channel, select{} without cases
  Sleep,
  Network,
  Assist,   ///< an allocation waits for the collector
  Runtime,  ///< the runtime's own business
};

/// Source  runtime/traceruntime.go traceBlockReasonStrings; the frames are those that park: runtime/chan.go,
///         runtime/select.go, sync/*.go, internal/poll.
TraceWait wait_kind(StringId reason, std::uint32_t stack, const model::TraceStacks& stacks,
                    const model::Symbols& symbols);

/// Can only another goroutine of the program end it? Not so of Sleep, Network, Assist, Runtime and Unknown.
bool needs_a_goroutine(TraceWait wait);

/// "a lock", "to receive from a channel", ...
std::string_view words_of(TraceWait wait);

/// Is it one of the runtime's goroutines, or the reader of the trace? runtime.main is not: it is the program's.
bool of_runtime(std::string_view start_function);

/// The first frame of the stack that is not of the standard library, else the first that is not of the runtime, else
/// the first. The none frame for an empty stack.
model::FrameId user_frame(std::uint32_t stack, const model::TraceStacks& stacks, const model::Symbols& symbols);

/// Is a function whose full name is `name` in the stack?
bool has_function(std::uint32_t stack, std::string_view name, const model::TraceStacks& stacks,
                  const model::Symbols& symbols);

}  // namespace gopsy::analyze
