#include "process/live.h"

#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/format.h"
#include "base/text.h"
#include "process/executable.h"
#include "process/live_memory.h"
#include "process/permission.h"
#include "process/proc.h"

namespace gopsy::process {
namespace {

constexpr std::size_t kStatStartTime = 22;

std::unexpected<Refusal> refuse(Errc code, std::string message) {
  return std::unexpected(Refusal{.code = code, .message = std::move(message)});
}

std::unexpected<Refusal> refuse_access(std::uint32_t pid, int error_number) {
  return refuse(Errc::Io, refusal_text(look_at_access(pid), error_number == 0 ? EPERM : error_number));
}

std::vector<std::string> arguments_of(std::uint32_t pid) {
  const std::string text = read_proc(pid, "cmdline");
  std::vector<std::string> arguments;
  std::string_view rest = text;
  while (const auto word = consume_until(rest, std::string_view("\0", 1))) arguments.emplace_back(*word);
  if (!rest.empty()) arguments.emplace_back(rest);
  return arguments;
}

}  // namespace

std::vector<Thread> live_threads(std::uint32_t pid, const RegisterLayout& layout) {
  std::vector<Thread> threads;
  for (const std::uint32_t id : thread_ids(pid)) {
    const ProcStatus status = parse_status(read_proc(pid, fmt::format("task/{}/status", id)));
    if (status.tgid == 0) continue;  // it has ended meanwhile
    Thread thread{.tid = status.inner_pid == 0 ? id : status.inner_pid, .host_tid = id, .name = status.name};
    if (const auto sleeping = parse_syscall(read_proc(pid, fmt::format("task/{}/syscall", id)))) {
      thread.registers.layout = &layout;
      thread.registers.words[layout.pc] = sleeping->pc;
      thread.registers.words[layout.sp] = sleeping->sp;
    }
    threads.push_back(std::move(thread));
  }
  return threads;
}

Identity Identity::of(std::uint32_t pid) {
  return {.pid = pid, .start_time = stat_field(read_proc(pid, "stat"), kStatStartTime).value_or(0)};
}

bool Identity::alive() const {
  const auto now = Identity::of(pid);
  return start_time != 0 && now.start_time == start_time && parse_status(read_proc(pid, "status")).state != 'Z';
}

Opened<Image> open_live(std::uint32_t pid, const LiveOptions& options) {
  const ProcStatus status = parse_status(read_proc(pid, "status"));
  if (status.tgid != 0) pid = status.tgid;
  if (auto text = refusal_text(look_at_access(pid), 0); !text.empty()) return refuse(Errc::Io, std::move(text));

  const std::string exe = fmt::format("/proc/{}/exe", pid);
  const std::string auxv_bytes = read_proc(pid, "auxv");
  if (auxv_bytes.empty()) return refuse_access(pid, errno);
  const AuxiliaryVector auxv = read_auxv(auxv_bytes);
  auto maps = parse_maps(read_proc(pid, "maps"));
  if (maps.empty()) return refuse_access(pid, errno);
  auto memory = LiveMemory::open(pid, std::move(maps), auxv.entry);
  if (!memory) return refuse_access(pid, memory.error());

  const Wanted wanted = wanted_executable(**memory, auxv);
  const RegisterLayout* const layout = register_layout(wanted.machine);
  if (layout == nullptr) {
    return refuse(Errc::Unsupported,
                  fmt::format("process {} ({}) is not a 64-bit program of amd64 or arm64", pid, status.name));
  }
  Image image{.layout = layout};
  auto executable = find_executable(wanted, wanted.machine,
                                    {.given = options.executable.empty() ? exe : options.executable}, image.notices);
  if (!executable) return std::unexpected(executable.error());
  image.executable = std::move(*executable);
  (*memory)->unchanging.lay(read_only_parts(image.executable));
  image.memory = std::move(*memory);
  image.threads = live_threads(pid, *layout);
  image.pid = pid;
  image.program = status.name;
  image.arguments = arguments_of(pid);
  image.entry = auxv.entry;
  image.files_under = fmt::format("/proc/{}/root", pid);
  return image;
}

}  // namespace gopsy::process
