#include <array>
#include <cstdio>

#include "app/trace.h"
#include "base/format.h"
#include "cli/catalog.h"
#include "cli/commands/trace_paths.h"
#include "cli/commands/trace_views.h"
#include "cli/inputs.h"
#include "cli/terminal.h"

namespace gopsy::cli {
namespace {

constexpr std::array kFlags{
    Flag{"--debug,-d", "MODE", "print what `go tool trace -d` prints instead of an overview", "parsed|wire|footprint"},
    Flag{"--salvage", "", "with -d parsed: go on where the trace is damaged instead of stopping there"},
    Flag{"--json", "", "what is shown as a JSON object"},
    GOPSY_THRESHOLD_FLAG,
    GOPSY_TRACE_TIME_FLAGS,
    Flag{"--tasks", "", "tasks of runtime/trace by type: how long, and what those who worked for them did"},
    Flag{"--regions", "", "the same for regions"},
    Flag{"--wakers", "", "who ended blocks, by where both stood"},
    Flag{"--blocks", "", "why long blocks took long: what their wakers did meanwhile, back along the chain"},
    Flag{"--locks", "", "where goroutines queue for locks, and what those who hold them do"},
};

constexpr std::array kExamples{
    Example{"gopsy trace trace.out", "what it is, where the time went, and what of it is damaged"},
    Example{"gopsy trace trace.out --from 1.5s --to 2s", "the same of half a second of it"},
    Example{"gopsy trace trace.out --goroutines --sort runnable", "which goroutines waited longest for a processor"},
    Example{"gopsy trace trace.out --goroutine 18", "what became of one goroutine, and who woke it"},
    Example{"gopsy trace trace.out --mmu", "how much the garbage collector left of the processors"},
    Example{"gopsy trace trace.out -d parsed", "every event in order, as go tool trace prints it"},
    Example{"gopsy trace killed.trace -d parsed --salvage", "what a killed process left, too"},
    Example{"gopsy trace trace.out -d footprint", "what the bytes of the file are spent on"},
};

app::TraceView view_of(std::string_view mode) {
  if (mode == "wire") return app::TraceView::Wire;
  return mode == "footprint" ? app::TraceView::Footprint : app::TraceView::Parsed;
}

int run(const Invocation& invocation) {
  if (invocation.operands.size() != 1) {
    print_error("it needs one trace");
    return kUsage;
  }
  if (wants_trace_paths(invocation)) return run_trace_paths(invocation);
  if (!invocation.has("debug")) return run_trace_times(invocation);
  const app::TraceOptions options{.salvage = invocation.has("salvage"), .limits = {}};
  const auto out = [](std::string_view text) {
    return std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  };
  const auto outcome = app::print_trace(invocation.operands[0], view_of(invocation.get("debug")), options, out);
  if (outcome.failure.empty()) return kDone;
  print_error(outcome.failure);
  return kUsage;
}

}  // namespace

constinit const Command kTrace{
    .name = "trace",
    .summary = "read an execution trace, even a torn one",
    .operands = "FILE",
    .description =
        "Says where the time of a trace's goroutines went, and what of it is damaged: whole or torn, of runtime/trace, "
        "go "
        "test -trace and /debug/pprof/trace, of Go 1.11 and later. The three modes of -d print what go tool trace of "
        "Go 1.26 prints, byte for byte, and stop where it stops; --salvage goes on. See docs/trace.md.",
    .flags = kFlags,
    .examples = kExamples,
    .needs_operand = true,
    .run = run,
};

}  // namespace gopsy::cli
