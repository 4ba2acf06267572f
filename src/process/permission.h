#pragma once

#include <cstdint>
#include <string>

#include "process/image.h"

namespace gopsy::process {

/// What decides whether one process may read the memory of another.
///
/// Source  linux: kernel/ptrace.c (__ptrace_may_access), security/yama/yama_lsm.c; man 2 ptrace, "Ptrace access mode
///         checking".
struct Access {
  std::uint32_t pid = 0;
  std::string name;
  bool exists = false;
  bool zombie = false;
  bool kernel_thread = false;
  std::uint32_t uid = 0;               ///< real, of the process
  std::uint32_t own_uid = 0;           ///< effective, ours
  bool own_ptrace_capability = false;  ///< CAP_SYS_PTRACE
  bool dumpable = true;                ///< /proc/PID belongs to its user
  std::uint32_t tracer = 0;            ///< that holds it already: only one may stop a process, any may read it
  int yama_scope = -1;                 ///< kernel.yama.ptrace_scope; -1: the kernel has no Yama
  bool in_container = false;           ///< we run in a PID namespace of our own
};

/// Collects it from /proc.
Access look_at_access(std::uint32_t pid);

/// Why reading was refused, and what helps. `error_number` is what the kernel said; 0: only what the facts rule out.
/// Empty if nothing speaks against it.
std::string refusal_text(const Access& access, int error_number);

}  // namespace gopsy::process
