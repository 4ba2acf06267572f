#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace gopsy::app {

/// What the process of a core had recorded of an execution trace and not yet written, as a trace of its own.
///
/// Shape   the newest generation only: the file has the others. Its tables of stacks and strings are not among it,
/// because
///         the runtime writes them when the generation ends; goroutines, states and times are.
/// Errors  a sentence: it is no core; the process recorded no trace.
std::expected<std::string, std::string> unwritten_trace_of_core(std::string_view bytes, const std::string& path);

/// The same of a process that runs, without stopping it.
std::expected<std::string, std::string> unwritten_trace_of_process(std::uint32_t pid);

}  // namespace gopsy::app
