#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "model/evidence.h"

namespace gopsy::app {

/// By its first bytes: an ELF file of type ET_CORE.
bool is_core(std::string_view head);

/// The number of a process: digits only, and no file of that name.
std::optional<std::uint32_t> process_number(const std::string& name);

/// Goroutines, stacks and the crash of a core: what a log of the process would have, in the same form.
///
/// Shape   `path` is the core's own, near which its executable is looked for; `executable`: --exe, empty: it is looked
/// for. Errors  a sentence with the remedy: no core of a Go program, executable not found or of another build, cut off.
/// Cost    process/runtime: 10,000 goroutines with stacks in some 30 ms.
std::expected<model::Evidence, std::string> read_core(std::string_view bytes, const std::string& path,
                                                      const std::string& executable, model::Symbols& symbols);

/// The same of a process that runs and is not stopped.
std::expected<model::Evidence, std::string> read_process(std::uint32_t pid, const std::string& executable,
                                                         model::Symbols& symbols);

}  // namespace gopsy::app
