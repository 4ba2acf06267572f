#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "process/image.h"

namespace gopsy::process {

/// Holds all threads of a process still while it lives, and lets them go on when it ends, whatever happens in between:
/// if we are killed, the kernel lets them go.
///
/// Shape   belongs to the thread of ours that made it: the kernel takes commands from no other. Signals that arrive are
///         handed on. System calls that sleep are begun again by the kernel; a few (epoll_wait) return EINTR, which Go
///         expects of all of them.
/// Errors  as open_live; a debugger holds the process already (named); it has ended. A thread that does not stop within
/// a
///         second (uninterruptible: a dead disk) is left running and counted.
/// Cost    two calls a thread before anything stands still, then a stop of about 0.1 ms a thread.
/// Source  man 2 ptrace: PTRACE_SEIZE, PTRACE_INTERRUPT, "group-stop".
class Pause {
 public:
  static Opened<std::unique_ptr<Pause>> of(std::uint32_t pid, const RegisterLayout& layout);
  Pause(const Pause&) = delete;
  Pause& operator=(const Pause&) = delete;
  ~Pause() { release(); }

  /// One thread as it stands, with all its registers.
  struct Held {
    Thread thread;
    std::string floating;  ///< NT_PRFPREG; empty if it could not be had
    std::string extended;  ///< NT_X86_XSTATE; empty where there is none
  };
  /// The one that the process began with first, if it is there yet.
  [[nodiscard]] std::vector<Held> held() const;
  /// The same without what only a debugger wants.
  [[nodiscard]] std::vector<Thread> threads() const;

  [[nodiscard]] std::size_t running() const { return running_; }

  /// Lets them go. More than once is once.
  void release();

  /// From the first thread that stopped to the last that went on, or until now.
  [[nodiscard]] std::chrono::nanoseconds stood_still() const;

 private:
  struct Tracee {
    std::uint32_t tid = 0;
    int signal = 0;  ///< that arrived and has to be handed on
    bool stopped = false;
  };

  Pause(std::uint32_t pid, const RegisterLayout& layout) : pid_(pid), layout_(&layout) {}
  int seize_new(std::vector<Tracee>& fresh) const;
  static bool poll(Tracee& tracee);
  void wait_for(Tracee& tracee) const;

  std::uint32_t pid_;
  const RegisterLayout* layout_;
  std::vector<Tracee> tracees_;
  std::size_t running_ = 0;
  std::chrono::steady_clock::time_point since_;
  std::chrono::nanoseconds stood_{0};
};

}  // namespace gopsy::process
