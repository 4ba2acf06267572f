#include "app/process_image.h"

#include <sys/stat.h>

#include <ctime>

#include "base/format.h"
#include "base/text.h"
#include "base/units.h"
#include "binary/reader.h"
#include "process/core.h"
#include "process/live.h"
#include "process/runtime/evidence.h"

namespace gopsy::app {
namespace {

constexpr std::string_view kPidPrefix = "pid:";
constexpr std::uint16_t kCoreType = 4;
constexpr std::uint64_t kTypeOffset = 16;
constexpr std::uint8_t kBigEndian = 2;

process::Target target_of(const process::Image& image) {
  process::Target target{.memory = image.memory.get(), .object = image.object(), .bias = image.executable.bias};
  if (image.is_live()) target.pid = image.pid;
  for (const process::Thread& thread : image.threads) {
    // A living thread sleeps now and runs the next moment: half of its registers are worth nothing.
    if (!thread.registers.known() || (image.is_live() && !thread.registers.complete)) continue;
    target.threads.push_back(
        {.tid = thread.tid, .pc = thread.registers.pc(), .sp = thread.registers.sp(), .lr = thread.registers.lr()});
  }
  if (image.signal)
    target.killed_by = {.number = image.signal->number, .code = image.signal->code, .address = image.signal->address};
  return target;
}

std::string no_executable(const process::Image& image) {
  std::string text = image.executable.name.empty() ? "the executable of the process was not found"
                                                   : "its executable was not found: " + image.executable.name;
  for (const std::string& notice : image.notices) text += "; " + notice;
  return text + "; name it with --exe FILE";
}

std::expected<std::unique_ptr<GoProcess>, std::string> go_process(process::Opened<process::Image> opened) {
  if (!opened) return std::unexpected(opened.error().message);
  auto process = std::make_unique<GoProcess>();
  process->image = *std::move(opened);
  if (process->image.object() == nullptr) return std::unexpected(no_executable(process->image));
  process->target = target_of(process->image);
  auto runtime = process::find_runtime(process->target);
  if (!runtime) return std::unexpected(message(runtime.error()));
  process->runtime = *std::move(runtime);
  return process;
}

std::expected<model::Evidence, std::string> evidence_of(process::Opened<process::Image> opened,
                                                        model::Symbols& symbols) {
  const auto process = go_process(std::move(opened));
  if (!process) return std::unexpected(process.error());
  const process::Image& image = (*process)->image;
  const process::GoRuntime* runtime = &(*process)->runtime;
  model::Evidence evidence = process::read_evidence(*runtime, image.is_live() ? monotonic_ns() : 0, symbols);
  evidence.process = image.program;
  evidence.notes = image.notices;
  evidence.notes.insert(evidence.notes.end(), runtime->warnings.begin(), runtime->warnings.end());
  evidence.notes.push_back(fmt::format("found by {}; {} sure", runtime->how(), percent(runtime->confidence())));
  if (image.coverage && image.coverage->missing_bytes > 0) {
    const std::string missing = fmt::format(
        "{} that its headers promise are missing behind its end (a limit on the size of cores, or a full disk?)",
        human_bytes(image.coverage->missing_bytes));
    evidence.cut = evidence.cut.empty() ? missing : missing + "; " + evidence.cut;
  }
  return evidence;
}

}  // namespace

std::int64_t monotonic_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

bool is_core(std::string_view head) {
  if (!binary::Elf::is_elf(head) || head.size() < kTypeOffset + 2) return false;
  const binary::Reader header(head, static_cast<std::uint8_t>(head[5]) == kBigEndian);
  return header.get<std::uint16_t>(kTypeOffset) == kCoreType;
}

std::optional<std::uint32_t> process_number(const std::string& name) {
  std::string_view digits = name;
  consume(digits, kPidPrefix);
  const auto number = parse_decimal(digits);
  struct stat there{};
  if (!number || *number == 0 || *number > INT32_MAX || stat(name.c_str(), &there) == 0) return std::nullopt;
  return static_cast<std::uint32_t>(*number);
}

std::string process_name(std::uint32_t pid) { return fmt::format("{}{}", kPidPrefix, pid); }

std::expected<model::Evidence, std::string> read_core(std::string_view bytes, const std::string& path,
                                                      const std::string& executable, model::Symbols& symbols) {
  process::CoreOptions options;
  options.executable.given = executable;
  options.executable.beside = path;
  return evidence_of(process::read_core(bytes, options), symbols);
}

std::expected<model::Evidence, std::string> read_process(std::uint32_t pid, const std::string& executable,
                                                         model::Symbols& symbols) {
  return evidence_of(process::open_live(pid, {.executable = executable}), symbols);
}

std::expected<std::unique_ptr<GoProcess>, std::string> open_process(const std::string& name,
                                                                    const std::string& executable) {
  if (const auto pid = process_number(name)) return open_process(*pid, executable);
  process::CoreOptions options;
  options.executable.given = executable;
  options.executable.beside = name;
  return go_process(process::open_core(name, options));
}

std::expected<std::unique_ptr<GoProcess>, std::string> open_process(std::uint32_t pid, const std::string& executable) {
  return go_process(process::open_live(pid, {.executable = executable}));
}

}  // namespace gopsy::app
