#include "process/pause.h"

#include <elf.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <thread>

#include "process/permission.h"
#include "process/proc.h"

namespace gopsy::process {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kPatience = std::chrono::seconds(1);
constexpr auto kNap = std::chrono::microseconds(20);
constexpr std::size_t kMostRounds = 100;   // of a process that makes threads faster than they can be held
constexpr std::size_t kMostState = 16384;  // AMX tiles included
constexpr int kEventStop = 128;            // PTRACE_EVENT_STOP, which glibc's header names only since 2.34

// ptrace takes an address or a number in the same place.
void* number(std::uint64_t value) { return reinterpret_cast<void*>(value); }

std::string register_set(std::uint32_t tid, std::uint64_t kind) {
  std::string bytes(kMostState, '\0');
  iovec into{.iov_base = bytes.data(), .iov_len = bytes.size()};
  if (::ptrace(PTRACE_GETREGSET, static_cast<pid_t>(tid), number(kind), &into) != 0) return {};
  bytes.resize(into.iov_len);
  return bytes;
}

}  // namespace

// Attaches to the threads that are there and not held yet; yields errno of the last that refused.
int Pause::seize_new(std::vector<Tracee>& fresh) const {
  int refused = 0;
  for (const std::uint32_t tid : thread_ids(pid_)) {
    if (std::ranges::find(tracees_, tid, &Tracee::tid) != tracees_.end()) continue;
    if (::ptrace(PTRACE_SEIZE, static_cast<pid_t>(tid), nullptr, nullptr) == 0) {
      fresh.push_back({.tid = tid});
    } else if (errno != ESRCH) {
      refused = errno;
    }
  }
  return refused;
}

// Takes note of what became of a thread, without waiting; yields whether it is settled: stopped or ended.
bool Pause::poll(Tracee& tracee) {
  int status = 0;
  const pid_t got = ::waitpid(static_cast<pid_t>(tracee.tid), &status, __WALL | WNOHANG);
  if (got == 0 || (got < 0 && errno == EINTR)) return false;
  tracee.stopped = got > 0 && WIFSTOPPED(status);
  if (tracee.stopped && status >> 16 != kEventStop) tracee.signal = WSTOPSIG(status);
  return true;
}

void Pause::wait_for(Tracee& tracee) const {
  while (!poll(tracee) && Clock::now() - since_ < kPatience) std::this_thread::sleep_for(kNap);
}

Opened<std::unique_ptr<Pause>> Pause::of(std::uint32_t pid, const RegisterLayout& layout) {
  std::unique_ptr<Pause> pause(new Pause(pid, layout));
  for (std::size_t round = 0; round < kMostRounds; ++round) {
    std::vector<Tracee> fresh;
    const int refused = pause->seize_new(fresh);
    if (fresh.empty() && pause->tracees_.empty()) {
      return std::unexpected(
          Refusal{.code = Errc::Io, .message = refusal_text(look_at_access(pid), refused == 0 ? ESRCH : refused)});
    }
    if (fresh.empty()) break;  // all threads stand still, so none can make another
    if (round == 0) pause->since_ = Clock::now();
    for (const Tracee& each : fresh) ::ptrace(PTRACE_INTERRUPT, static_cast<pid_t>(each.tid), nullptr, nullptr);
    for (Tracee& each : fresh) pause->wait_for(each);
    pause->tracees_.insert(pause->tracees_.end(), fresh.begin(), fresh.end());
  }
  const auto runs = [&](const Tracee& each) {
    return !each.stopped && parse_status(read_proc(pid, "task/" + std::to_string(each.tid) + "/status")).tgid != 0;
  };
  pause->running_ = static_cast<std::size_t>(std::ranges::count_if(pause->tracees_, runs));
  return pause;
}

std::vector<Thread> Pause::threads() const {
  std::vector<Thread> threads;
  for (const Tracee& tracee : tracees_) {
    if (!tracee.stopped) continue;
    const ProcStatus status = parse_status(read_proc(pid_, "task/" + std::to_string(tracee.tid) + "/status"));
    if (status.tgid == 0) continue;
    threads.push_back({.tid = status.inner_pid == 0 ? tracee.tid : status.inner_pid,
                       .host_tid = tracee.tid,
                       .name = status.name,
                       .registers = read_registers(*layout_, register_set(tracee.tid, NT_PRSTATUS))});
  }
  std::ranges::stable_partition(threads, [&](const Thread& each) { return each.host_tid == pid_; });
  return threads;
}

std::vector<Pause::Held> Pause::held() const {
  std::vector<Held> held;
  for (Thread& thread : threads()) {
    const std::uint32_t tid = thread.host_tid;
    held.push_back({.thread = std::move(thread),
                    .floating = register_set(tid, NT_PRFPREG),
                    .extended = layout_->machine == binary::Machine::X86_64 ? register_set(tid, NT_X86_XSTATE) : ""});
  }
  return held;
}

void Pause::release() {
  if (tracees_.empty()) return;
  for (Tracee& tracee : tracees_) {
    // One that did not stop in time may have done so now; the kernel lets go of the others when we end.
    if (!tracee.stopped) poll(tracee);
    const auto signal = static_cast<std::uint64_t>(tracee.signal);
    ::ptrace(PTRACE_DETACH, static_cast<pid_t>(tracee.tid), nullptr, number(signal));
  }
  tracees_.clear();
  stood_ = Clock::now() - since_;
}

std::chrono::nanoseconds Pause::stood_still() const { return tracees_.empty() ? stood_ : Clock::now() - since_; }

}  // namespace gopsy::process
