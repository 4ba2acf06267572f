#include "process/permission.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/format.h"
#include "base/text.h"
#include "io/file.h"
#include "process/proc.h"

namespace gopsy::process {
namespace {

constexpr std::uint64_t kCapSysPtrace = std::uint64_t{1} << 19;
constexpr std::uint64_t kKernelThread = 0x00200000;  // PF_KTHREAD
constexpr std::size_t kStatFlags = 9;

constexpr std::string_view kContainer =
    "give it the capability SYS_PTRACE: docker run --cap-add=SYS_PTRACE, in Kubernetes "
    "securityContext.capabilities.add: [SYS_PTRACE], or run gopsy on the host, where the process has another number";

std::string_view yama_text(int scope) {
  switch (scope) {
    case 1:
      return "kernel.yama.ptrace_scope is 1: only its ancestors may read a process. Run gopsy with sudo, or set it to "
             "0 "
             "(sysctl kernel.yama.ptrace_scope=0)";
    case 2: return "kernel.yama.ptrace_scope is 2: only root may read processes. Run gopsy with sudo";
    case 3:
      return "kernel.yama.ptrace_scope is 3: no process may be read, and only a reboot changes that. What is left: a "
             "core (GOTRACEBACK=crash, SIGABRT), or /debug/pprof";
    default: return {};
  }
}

}  // namespace

Access look_at_access(std::uint32_t pid) {
  Access access{.pid = pid};
  const std::string text = read_proc(pid, "status");
  access.exists = !text.empty();
  const ProcStatus status = parse_status(text);
  access.name = printable(status.name);
  access.zombie = status.state == 'Z' || status.state == 'X';
  access.uid = status.uid;
  access.tracer = status.tracer;
  access.kernel_thread = (stat_field(read_proc(pid, "stat"), kStatFlags).value_or(0) & kKernelThread) != 0;
  const ProcStatus own = parse_status(read_proc(static_cast<std::uint32_t>(::getpid()), "status"));
  access.own_uid = ::geteuid();
  access.own_ptrace_capability = (own.capabilities & kCapSysPtrace) != 0;
  access.in_container = own.namespaces > 1 || ::access("/.dockerenv", F_OK) == 0;
  struct stat owner{};
  if (::stat(fmt::format("/proc/{}", pid).c_str(), &owner) == 0) access.dumpable = owner.st_uid == status.euid;
  if (const auto scope = io::read_whole("/proc/sys/kernel/yama/ptrace_scope", 64))
    access.yama_scope = static_cast<int>(parse_decimal(trim(scope->view())).value_or(0));
  return access;
}

std::string refusal_text(const Access& access, int error_number) {
  const std::string who = fmt::format("process {}{}", access.pid, access.name.empty() ? "" : " (" + access.name + ")");
  if (!access.exists) {
    return fmt::format("there is no process {}: it has ended, or runs under another number{}", access.pid,
                       access.in_container ? " outside of this container" : " in a container");
  }
  if (access.kernel_thread) return who + " is a thread of the kernel: it has no memory of its own";
  if (access.zombie) return who + " has ended, and its parent has not yet asked how (a zombie): its memory is gone";
  if (error_number == 0) return {};
  if (error_number == ESRCH) return who + " has ended meanwhile";
  if (error_number != EPERM && error_number != EACCES)
    return fmt::format("{} cannot be read: {}", who, errno_text(error_number));
  if (access.tracer != 0)
    return fmt::format(
        "{} is held by a debugger, process {}, and only one may stop it: end that, or go without --pause", who,
        access.tracer);
  if (!access.own_ptrace_capability) {
    if (access.own_uid == 0)
      return fmt::format("{} may not be read: root is here without CAP_SYS_PTRACE; {}", who, kContainer);
    if (access.uid != access.own_uid) {
      return fmt::format("{} runs as user {}, gopsy as user {}: run gopsy as that user or with sudo", who, access.uid,
                         access.own_uid);
    }
    if (!access.dumpable) {
      return fmt::format(
          "{} hides its memory from its own user: its file is set-user-id or has capabilities, or it called "
          "prctl(PR_SET_DUMPABLE, 0). Run gopsy with sudo",
          who);
    }
  }
  if (access.yama_scope == 3 || (access.yama_scope > 0 && !access.own_ptrace_capability))
    return fmt::format("{} may not be read: {}", who, yama_text(access.yama_scope));
  if (!access.own_ptrace_capability && access.in_container)
    return fmt::format("{} may not be read; {}", who, kContainer);
  return fmt::format(
      "{} may not be read, though {}: a security module (AppArmor, SELinux's deny_ptrace) or the seccomp filter of a "
      "container forbids it (docker run --security-opt seccomp=unconfined), or it lives in a user namespace that is "
      "not ours",
      who, access.own_ptrace_capability ? "gopsy has CAP_SYS_PTRACE" : "it runs as our user");
}

}  // namespace gopsy::process
