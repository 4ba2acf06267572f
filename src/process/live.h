#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "process/image.h"

namespace gopsy::process {

struct LiveOptions {
  std::string executable;  ///< with --exe; else the one that the kernel has, deleted or in a container
};

/// Opens a process that runs, by its number as we see it or that of one of its threads, and stops nothing.
///
/// Shape   threads that sleep in the kernel have pc and sp (Registers::complete is false); of running ones nothing is
/// known.
///         Thread::tid is the number in the innermost PID namespace, which is what the Go runtime has in m.procid.
/// Errors  each with its remedy: no such process, a kernel thread, a zombie, another user's, Yama, a missing
/// capability, a
///         32-bit process; the executable that was given is another build.
/// Cost    the executable is mapped; three files a thread are read.
Opened<Image> open_live(std::uint32_t pid, const LiveOptions& options);

/// The threads as they are now.
std::vector<Thread> live_threads(std::uint32_t pid, const RegisterLayout& layout);

/// Still the process that was opened: numbers are given to others when a process has ended.
struct Identity {
  std::uint32_t pid = 0;
  std::uint64_t start_time = 0;  ///< in ticks since the machine started

  static Identity of(std::uint32_t pid);
  [[nodiscard]] bool alive() const;
};

}  // namespace gopsy::process
