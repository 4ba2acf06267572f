#include "decode/traceback/version_marks.h"

namespace gopsy::decode::traceback {

void note_header(const GoroutineHeader& header, model::GoVersion& version) {
  if (header.labels_in_brackets) version.at_least(26, "labels inside the goroutine header");
  if (!header.labels.empty() && !header.labels_in_brackets) version.at_least(27, "labels after the goroutine state");
  if (header.leaked) version.at_least(26, "\"(leaked)\" in a goroutine header");
  if (header.durable) version.at_least(25, "\"(durable)\" in a goroutine header");
  if (header.has_gp) version.at_least(22, "gp= in a goroutine header");
  if (header.state == "sync.WaitGroup.Wait") version.at_least(24, "the state sync.WaitGroup.Wait");
  if (header.state.starts_with("sync.Mutex") || header.state.starts_with("sync.RWMutex"))
    version.at_least(20, "a state named after the lock");
}

void note_function(std::string_view function, std::string_view args, model::GoVersion& version) {
  if (args.contains('?')) version.at_least(18, "a question mark behind arguments");
  if (args.contains('{')) version.at_least(17, "braces around aggregate arguments");
  if (function.contains(".gowrap") || function.contains(".deferwrap"))
    version.at_least(22, "a gowrap or deferwrap frame");
  if (function.contains("-range")) version.at_least(23, "a range-over-func frame");
  // gopanic's one interface argument: two flat words up to 1.16, an aggregate since.
  if (function == "panic" && args.starts_with("0x")) version.at_most(16, "flat arguments of panic");
}

// Locks got wait reasons of their own in 1.20, WaitGroups in 1.24; before, all said "semacquire".
void note_wait(std::string_view state, std::string_view function, model::GoVersion& version) {
  if (state != "semacquire") return;
  if (function == "sync.(*WaitGroup).Wait") version.at_most(23, "a WaitGroup waited for as \"semacquire\"");
  if (function == "sync.(*Mutex).lockSlow" || function == "sync.(*RWMutex).RLock" || function == "sync.(*RWMutex).Lock")
    version.at_most(19, "a lock waited for as \"semacquire\"");
}

void note_created_by(const CreatedBy& created, model::GoVersion& version) {
  if (created.goroutine != 0) {
    version.at_least(21, "\"in goroutine N\" behind the creator");
  } else if (!created.function.starts_with("time.") && !created.function.starts_with("runtime.") &&
             !created.function.starts_with("os/signal.")) {
    // Runtime-made goroutines have no known parent in any version; all others are named since 1.21.
    version.at_most(20, "no \"in goroutine N\" behind the creator");
  }
}

void note_panic(const PanicLine& panic, model::GoVersion& version) {
  if (panic.repanicked) version.at_least(25, "\"[recovered, repanicked]\"");
  if (panic.text.starts_with("main.") && panic.text.contains("(+"))
    version.at_most(25, "floats printed with a sign and exponent");
}

void note_signal_header(const SignalHeader& header, std::string_view name, model::GoVersion& version) {
  if (!name.starts_with("SIGSEGV") && !name.starts_with("SIGBUS")) return;
  if (header.address) {
    version.at_least(22, "addr= in the signal header");
  } else {
    version.at_most(21, "no addr= in the signal header");
  }
}

}  // namespace gopsy::decode::traceback
