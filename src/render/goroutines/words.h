#pragma once

#include <string>

#include "render/goroutines/goroutines.h"

namespace gopsy::render {

/// "a Mutex at 0xc000012340", "the network: read", "nothing: a nil channel is never ready": what the state's words do
/// not say themselves. Empty where there is nothing to add.
std::string waits_on(const analyze::Snapshot& snapshot, std::uint32_t row, const model::Symbols& symbols);

/// "store.go:42", empty without a line.
std::string short_place(std::string_view file, std::uint32_t line);

/// "quote.(*Desk).Ask.func1 quote.go:45".
std::string frame_words(const model::TracebackFrame& frame, const model::Symbols& symbols);

/// The same of the `go` statement that started a goroutine; empty for main.
std::string creator_words(const model::Goroutine& goroutine, const model::Symbols& symbols);

/// "Mutex 0xc000012340", "RWMutex in main.(*cache) 0xc0000a0000", "channel 0xc00010a000".
std::string group_words(const analyze::WaitGroupOf& group, const model::Symbols& symbols);

/// " of string, 2 of 3 queued, closed": what memory says of a channel.
std::string channel_words(const model::WaitObject& object, const model::Symbols& symbols);

/// Why a goroutine is taken for a lock's holder.
std::string_view proof_words(analyze::HolderProof proof);

/// "they want different locks": the kind of a deadlock that the runtime reported.
std::string_view deadlock_words(analyze::DeadlockKind kind);

/// "goroutine 7"; "a goroutine" where there are no numbers.
std::string goroutine_words(const model::Goroutine& goroutine);

}  // namespace gopsy::render
