#include "model/wait_kind.h"

#include <algorithm>
#include <array>

namespace gopsy::model {

WaitKind wait_kind(std::string_view state) {
  using enum WaitKind;
  struct Row {
    std::string_view text;
    WaitKind kind;
  };
  // runtime/runtime2.go waitReasonStrings and runtime/traceback.go gStatusStrings, Go 1.10 to 1.27.
  constexpr std::array kRows{
      Row{"running", Running},
      Row{"runnable", Runnable},
      Row{"syscall", Syscall},
      Row{"chan receive", ChanReceive},
      Row{"chan send", ChanSend},
      Row{"chan receive (nil chan)", ChanReceiveNil},
      Row{"chan send (nil chan)", ChanSendNil},
      Row{"chan receive (synctest)", ChanReceive},
      Row{"chan send (synctest)", ChanSend},
      Row{"select (synctest)", Select},
      Row{"select", Select},
      Row{"select (no cases)", SelectNoCases},
      Row{"sync.Mutex.Lock", MutexLock},
      Row{"sync.RWMutex.RLock", RWMutexRLock},
      Row{"sync.RWMutex.Lock", RWMutexLock},
      Row{"sync.WaitGroup.Wait", WaitGroupWait},
      Row{"sync.Cond.Wait", CondWait},
      Row{"semacquire", Semacquire},
      Row{"sleep", Sleep},
      Row{"IO wait", IoWait},
      Row{"idle", RuntimeIdle},
      Row{"finalizer wait", RuntimeIdle},
      Row{"cleanup wait", RuntimeIdle},
      Row{"force gc (idle)", RuntimeIdle},
      Row{"GC sweep wait", RuntimeIdle},
      Row{"GC scavenge wait", RuntimeIdle},
      Row{"GC worker (idle)", RuntimeIdle},
      Row{"GC worker (active)", RuntimeIdle},
      Row{"timer goroutine (idle)", RuntimeIdle},
      Row{"trace reader (blocked)", RuntimeIdle},
      Row{"GOMAXPROCS updater (idle)", RuntimeIdle},
      // The program's own goroutines, held up by the runtime, or in a state that says little.
      Row{"GC assist wait", None},
      Row{"GC assist marking", None},
      Row{"GC mark termination", None},
      Row{"GC weak to strong wait", None},
      Row{"garbage collection", None},
      Row{"garbage collection scan", None},
      Row{"wait for GC cycle", None},
      Row{"stopping the world", None},
      Row{"dumping heap", None},
      Row{"panicwait", None},
      Row{"coroutine", None},
      Row{"flushing proc caches", None},
      Row{"trace goroutine status", None},
      Row{"trace proc status", None},
      Row{"page trace flush", None},
      Row{"synctest.Run", None},
      Row{"synctest.Wait", None},
      Row{"debug call", None},
      Row{"waiting for cgo callback", None},
      Row{"waiting", None},
      Row{"leaked", None},
      Row{"dead", None},
      Row{"copystack", None},
      Row{"???", None},
      Row{"preempted", Running},
  };
  const auto found = std::ranges::find(kRows, state, &Row::text);
  return found == kRows.end() ? None : found->kind;
}

}  // namespace gopsy::model
