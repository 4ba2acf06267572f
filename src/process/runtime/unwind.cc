#include "process/runtime/unwind.h"

#include <algorithm>

namespace gopsy::process {
namespace {

using Unwind = binary::Pclntab::Unwind;

// Of the smallest size, this many frames are a stack of 2 GiB: twice what the runtime allows.
constexpr std::uint64_t kMostFrames = std::uint64_t{1} << 28;
constexpr unsigned kMostCrossings = 64;

// What the kernel left above the handler, from SP on, and where in it things stand.
struct SignalFrame {
  std::uint64_t pc = 0;
  std::uint64_t sp = 0;
  std::uint64_t lr = 0;  // 0: the machine has none
  std::uint64_t info = 0;
};
// ucontext: flags 8, link 8, stack 24, then 23 registers from r8 on: rsp is the 16th, rip the 17th; siginfo behind 304.
constexpr SignalFrame kAmd64{.pc = 40 + 16 * 8, .sp = 40 + 15 * 8, .lr = 0, .info = 304};
// siginfo 128, then ucontext whose sigcontext stands at 176: fault address, x0 to x30, sp, pc.
constexpr SignalFrame kArm64{
    .pc = 128 + 176 + 8 + 32 * 8, .sp = 128 + 176 + 8 + 31 * 8, .lr = 128 + 176 + 8 + 30 * 8, .info = 0};

constexpr int kRaisedByItself = -6;  // SI_TKILL

}  // namespace

bool StackWalker::stop(WalkedStack::End end) {
  result_.end = end;
  return false;
}

void StackWalker::restart() {
  result_.frames.clear();
  result_.left_out = 0;
  kept_ = 0;
}

void StackWalker::keep(const StackFrame& frame) {
  if (result_.frames.size() < kMostKept) {
    result_.frames.push_back(frame);
  } else {
    StackFrame& oldest = result_.frames[kInner + static_cast<std::size_t>((kept_ - kInner) % kOuter)];
    result_.left_out += oldest.code->frame_count;
    oldest = frame;
  }
  ++kept_;
}

void StackWalker::put_outer_in_order() {
  result_.inner = std::min(result_.frames.size(), kInner);
  if (kept_ <= kMostKept) return;
  const auto first = result_.frames.begin() + static_cast<std::ptrdiff_t>(kInner);
  std::rotate(first, first + static_cast<std::ptrdiff_t>((kept_ - kInner) % kOuter), result_.frames.end());
}

// Goes on where the goroutine was when its thread moved to another stack. On a stack that belongs to no goroutine, the
// scheduler's, nothing called what moved there.
bool StackWalker::leave(Here& here) {
  if (!left_) {
    keep(here.frame);
    return stop(WalkedStack::End::Bottom);
  }
  here = {.frame = {.pc = left_->pc, .sp = left_->sp}, .lr = left_->lr};
  left_.reset();
  restart();
  return true;
}

bool StackWalker::cross_signal(Here& here, StackMemory& stack) {
  const SignalFrame& layout = runtime_.link_register ? kArm64 : kAmd64;
  const std::uint64_t base = here.frame.fp;
  const auto pc = stack.word(base + layout.pc);
  const auto sp = stack.word(base + layout.sp);
  const auto info = stack.word(base + layout.info);
  const auto code = stack.word(base + layout.info + 8);
  if (!pc || !sp || !info || !code) return stop(WalkedStack::End::Missing);
  HandledSignal signal{.number = static_cast<int>(*info & UINT32_MAX),
                       .code = static_cast<int>(*code & UINT32_MAX),
                       .address = stack.word(base + layout.info + 16).value_or(0),
                       .pc = *pc};
  if (signal.code != kRaisedByItself) result_.signal = signal;
  here = {.frame = {.pc = *pc, .sp = *sp}, .exact = true};
  if (layout.lr != 0) here.lr = stack.word(base + layout.lr).value_or(0);
  result_.crossed_signal = true;
  restart();
  return true;
}

// From a frame whose pc and sp are known to its caller's.
bool StackWalker::step(Here& here, StackMemory& stack) {
  StackFrame& frame = here.frame;
  Code& code = *frame.code;
  std::uint8_t flags = code.flags;
  if (code.role == CodeRole::DiesOfPanic) result_.death = WalkedStack::Death::Panic;
  if (code.role == CodeRole::DiesOfThrow && result_.death == WalkedStack::Death::None)
    result_.death = WalkedStack::Death::Throw;
  if (code.role == CodeRole::CgoCallback || here.system_call) flags &= static_cast<std::uint8_t>(~Unwind::kWritesSp);
  if (code.role == CodeRole::LeftStack) return leave(here);
  if (code.frame_bytes < 0) {
    keep(frame);
    return stop(WalkedStack::End::NoFrame);
  }
  if (code.role == CodeRole::SystemStack && left_ && !(runtime_.link_register && code.frame_bytes == 0)) {
    frame.sp = left_->sp;
    left_.reset();
    flags &= static_cast<std::uint8_t>(~Unwind::kWritesSp);
  }
  const std::uint64_t return_bytes = runtime_.link_register ? 0 : 8;
  frame.fp = frame.sp + static_cast<std::uint64_t>(code.frame_bytes) + return_bytes;
  // Before the flags are asked: it carries TopFrame, though the kernel keeps what it interrupted.
  if (code.role == CodeRole::Signal) return cross_signal(here, stack);
  keep(frame);
  if ((flags & Unwind::kTopFrame) != 0) return stop(WalkedStack::End::Bottom);
  if ((flags & Unwind::kWritesSp) != 0) return stop(WalkedStack::End::MovesStack);
  std::uint64_t lr = here.lr;
  if (!runtime_.link_register) {
    const auto word = stack.word(frame.fp - 8);
    if (!word) return stop(WalkedStack::End::Missing);
    lr = *word;
  } else if ((here.innermost && frame.sp < frame.fp) || lr == 0) {
    const auto word = stack.word(frame.sp);
    if (!word) return stop(WalkedStack::End::Missing);
    lr = *word;
  }
  if (frame.pc == lr && frame.sp == frame.fp) return stop(WalkedStack::End::Stuck);
  Here next{.frame = {.pc = lr, .sp = frame.fp}, .exact = code.role == CodeRole::Injected, .innermost = false};
  // Where a call was injected, the signal handler saved LR on the stack first.
  if (runtime_.link_register && next.exact) {
    const auto saved = stack.word(next.frame.sp);
    next.frame.sp += 16;
    const Code* const stopped = code_.at(lr, true);
    if (saved && stopped == nullptr) next.frame.pc = *saved;
    if (saved && stopped != nullptr && stopped->frame_bytes == 0) next.lr = *saved;
  }
  if (lr == 0) return stop(WalkedStack::End::Unknown);
  here = next;
  return true;
}

const WalkedStack& StackWalker::walk(const StackStart& start, const std::optional<LeftAt>& left, StackMemory& stack) {
  restart();
  result_.end = WalkedStack::End::Bottom;
  result_.crossed_signal = false;
  result_.signal.reset();
  result_.death = WalkedStack::Death::None;
  left_ = left;
  Here here{.frame = {.pc = start.pc, .sp = start.sp},
            .lr = start.lr,
            .exact = start.exact,
            .system_call = start.system_call};
  // A call of a nil function: it goes on in the caller.
  if (here.frame.pc == 0) {
    here.frame.pc = stack.word(here.frame.sp).value_or(0);
    if (!runtime_.link_register) here.frame.sp += 8;
    here.exact = false;
  }
  unsigned crossings = 0;
  for (std::uint64_t steps = 0;; ++steps) {
    here.frame.code = code_.at(here.frame.pc, here.exact);
    if (here.frame.code == nullptr) {
      result_.end = WalkedStack::End::Unknown;
      break;
    }
    const std::uint64_t sp = here.frame.sp;
    const bool had_left = left_.has_value();
    const bool had_signal = here.frame.code->role == CodeRole::Signal;
    if (!step(here, stack)) break;
    const bool crossed = had_signal || had_left != left_.has_value();
    if (steps > kMostFrames || (crossed && ++crossings > kMostCrossings) || (!crossed && here.frame.sp < sp)) {
      result_.end = WalkedStack::End::Stuck;
      break;
    }
  }
  put_outer_in_order();
  return result_;
}

}  // namespace gopsy::process
