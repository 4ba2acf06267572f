#include "app/heap.h"

#include "app/process_image.h"
#include "base/format.h"
#include "process/heap/census.h"

namespace gopsy::app {

std::expected<render::HeapReport::Process, std::string> read_heap(const std::string& name,
                                                                  const std::string& executable, std::size_t largest) {
  const auto opened = open_process(name, executable);
  if (!opened) return std::unexpected(opened.error());
  const GoProcess& process = **opened;
  auto census = process::heap_census(process.runtime, largest);
  if (!census) return std::unexpected(message(census.error()));
  render::HeapReport::Process heap{.name = name,
                                   .program = process.image.program,
                                   .version = process.runtime.version,
                                   .notes = process.image.notices,
                                   .census = *std::move(census)};
  if (heap.program.empty()) heap.program = "a Go program";
  if (process.image.pid != 0) heap.program += fmt::format(", process {}", process.image.pid);
  heap.notes.insert(heap.notes.end(), process.runtime.warnings.begin(), process.runtime.warnings.end());
  return heap;
}

}  // namespace gopsy::app
