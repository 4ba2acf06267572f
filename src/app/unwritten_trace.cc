#include "app/unwritten_trace.h"

#include "base/format.h"
#include "binary/buildinfo.h"
#include "decode/trace/format.h"
#include "process/core.h"
#include "process/live.h"
#include "process/trace_buffers.h"

namespace gopsy::app {
namespace {

// The format that a version of Go writes; the newest if the version is not known.
unsigned format_of_go(const process::Image& image) {
  constexpr unsigned kNewest = 26;
  const unsigned minor = image.object() == nullptr ? 0 : binary::build_info(image.object()->elf()).minor();
  if (minor == 0 || minor > kNewest) return kNewest;
  return minor == 24 ? 23 : minor;  // 1.24 has that of 1.23
}

std::expected<std::string, std::string> unwritten(const process::Opened<process::Image>& image) {
  if (!image) return std::unexpected(image.error().message);
  const auto buffers = process::find_trace_buffers(*image->memory);
  if (buffers.empty()) {
    return std::unexpected(
        "its memory has no buffer of an execution trace: none was being recorded, or Go is older than 1.22");
  }
  std::string file = fmt::format("go 1.{} trace", format_of_go(*image));
  file.resize(decode::trace::kHeaderBytes, '\0');
  for (const auto& buffer : buffers)
    if (buffer.generation == buffers.back().generation) file += buffer.bytes;
  return file;
}

}  // namespace

std::expected<std::string, std::string> unwritten_trace_of_core(std::string_view bytes, const std::string& path) {
  return unwritten(process::read_core(bytes, {.executable = {.given = {}, .beside = path}}));
}

std::expected<std::string, std::string> unwritten_trace_of_process(std::uint32_t pid) {
  return unwritten(process::open_live(pid, {}));
}

}  // namespace gopsy::app
