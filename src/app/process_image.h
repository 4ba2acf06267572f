#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "model/evidence.h"
#include "process/image.h"
#include "process/runtime/go_runtime.h"

namespace gopsy::app {

/// CLOCK_MONOTONIC, which is what the Go runtime's nanotime() reads.
std::int64_t monotonic_ns();

/// By its first bytes: an ELF file of type ET_CORE.
bool is_core(std::string_view head);

/// The number of a process: digits only, or "pid:" before them, and no file of that name.
std::optional<std::uint32_t> process_number(const std::string& name);

/// How evidence of a process is called: "pid:4711", which is taken for an operand too.
std::string process_name(std::uint32_t pid);

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

/// A process whose Go runtime was found, for questions of its own.
///
/// Shape   the runtime refers to the target, and that to the image: they stay where they are.
struct GoProcess {
  process::Image image;
  process::Target target;
  process::GoRuntime runtime;
};

/// Opens a core (by its path, compressed or not) or a living process (by its number).
/// Errors  a sentence with the remedy, as above.
std::expected<std::unique_ptr<GoProcess>, std::string> open_process(const std::string& name,
                                                                    const std::string& executable);
std::expected<std::unique_ptr<GoProcess>, std::string> open_process(std::uint32_t pid, const std::string& executable);

}  // namespace gopsy::app
