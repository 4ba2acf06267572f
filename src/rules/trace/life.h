#pragma once

#include <string>
#include <vector>

#include "rules/trace/traces.h"

namespace gopsy::rules {

/// What a goroutine did in one interval, for people: "waited 61.2 ms to receive from a channel in main.f at f.go:7,
/// until goroutine 1 woke it in main.main at f.go:40".
std::string words_of(const Trace& trace, const model::TracePast& past);

/// Its last wait or system call; null if it had none that is remembered.
const model::TracePast* last_block(const Trace& trace, const model::TraceEnding::Goroutine& g);

/// How it came to be, its last intervals, and what it does at the end, oldest first.
std::vector<Exhibit> life_of(const Trace& trace, const model::TraceEnding::Goroutine& g);

/// What the other goroutines of the program do at the end, by place.
std::vector<Exhibit> neighbours_of(const Trace& trace, const model::TraceEnding::Goroutine& g);

}  // namespace gopsy::rules
