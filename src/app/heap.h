#pragma once

#include <expected>
#include <string>

#include "render/heap/heap_report.h"

namespace gopsy::app {

/// Counts the heap of a core (by its path) or a living process (by its number), which is not stopped.
///
/// Errors  a sentence with the remedy: it cannot be opened, its executable is not there, no Go runtime is in it.
std::expected<render::HeapReport::Process, std::string> read_heap(const std::string& name,
                                                                  const std::string& executable, std::size_t largest);

}  // namespace gopsy::app
