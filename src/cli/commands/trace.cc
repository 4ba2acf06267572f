#include <array>
#include <cstdio>

#include "app/trace.h"
#include "base/format.h"
#include "base/text.h"
#include "cli/catalog.h"
#include "cli/commands/trace_export.h"
#include "cli/commands/trace_paths.h"
#include "cli/commands/trace_profile.h"
#include "cli/commands/trace_views.h"
#include "cli/inputs.h"
#include "cli/terminal.h"

namespace gopsy::cli {
namespace {

constexpr std::array kFlags{
    Flag{"--debug,-d", "MODE",
         "print what `go tool trace -d` prints instead of an overview; counts: how many events there are of each type",
         "parsed|wire|footprint|counts"},
    Flag{"--salvage", "", "with -d parsed or counts: go on where the trace is damaged instead of stopping there"},
    Flag{"--dialect", "GO", "with -d parsed: as go tool trace of that Go prints it (default go1.26)",
         "go1.22|go1.23|go1.24|go1.25|go1.26"},
    Flag{"--pid,-p", "PID", "of a process that records one: what it has not yet written"},
    Flag{"--tasks", "", "tasks of runtime/trace by type: how long, and what those who worked for them did"},
    Flag{"--regions", "", "the same for regions"},
    Flag{"--task", "ID", "one task: its regions and messages, what its goroutines did, its critical path"},
    Flag{
        "--critical-path", "SUBJECT",
        "what took the time of goroutine:ID, task:ID, task:NAME or region:NAME, whoever did it; of a name the longest"},
    Flag{"--folded", "", "with --critical-path: as folded stacks, for gopsy flame"},
    Flag{"--wakers", "", "who ended blocks, by where both stood"},
    Flag{"--blocks", "", "why long blocks took long: what their wakers did meanwhile, back along the chain"},
    Flag{"--locks", "", "where goroutines queue for locks, and what those who hold them do"},
    Flag{"--pprof", "KIND",
         "write a profile instead: sched, sync, syscall or net as go tool trace does; block; a reason of blocking "
         "(\"chan receive\"); cpu; states"},
    Flag{"--output,-o", "FILE", "with --pprof, --perfetto, --svg: where to"},
    Flag{"--json", "", "what is shown as a JSON object"},
    GOPSY_THRESHOLD_FLAG,
    GOPSY_TRACE_TIME_FLAGS,
    GOPSY_TRACE_EXPORT_FLAGS,
};

constexpr std::array kExamples{
    Example{"gopsy trace trace.out", "what it is, where the time went, and what of it is damaged"},
    Example{"gopsy trace trace.out --from 1.5s --to 2s", "the same of half a second of it"},
    Example{"gopsy trace trace.out --goroutines --sort runnable", "which goroutines waited longest for a processor"},
    Example{"gopsy trace trace.out --goroutine 18", "what became of one goroutine, and who woke it"},
    Example{"gopsy trace trace.out --mmu", "how much the garbage collector left of the processors"},
    Example{"gopsy trace trace.out -d parsed", "every event in order, as go tool trace prints it"},
    Example{"gopsy trace killed.trace -d parsed --salvage", "what a killed process left, too"},
    Example{"gopsy trace trace.out --pprof=sched -o sched.pb.gz", "who waited for a processor, and who woke them"},
    Example{"gopsy trace core.4242", "what the process of a core had recorded and not yet written"},
    Example{"gopsy trace trace.out --blocks", "why goroutines waited long, back to the cause"},
    Example{"gopsy trace trace.out --critical-path task:request", "what took the time of the longest request"},
    Example{"gopsy trace trace.out --perfetto -o trace.pftrace", "for ui.perfetto.dev"},
    Example{"gopsy trace trace.out --svg --from 2s --to 2.1s -o timeline.svg", "who ran when and who waited for whom"},
    Example{"gopsy trace trace.out -d footprint", "what the bytes of the file are spent on"},
};

app::TraceView view_of(std::string_view mode) {
  if (mode == "wire") return app::TraceView::Wire;
  if (mode == "counts") return app::TraceView::Counts;
  return mode == "footprint" ? app::TraceView::Footprint : app::TraceView::Parsed;
}

int run(const Invocation& given) {
  Invocation invocation = given;
  if (invocation.has("pid")) invocation.operands.push_back("pid:" + invocation.get("pid"));
  if (invocation.operands.size() != 1) {
    print_error("it needs one trace");
    return kUsage;
  }
  if (invocation.has("perfetto") || invocation.has("svg")) return run_trace_export(invocation);
  if (invocation.has("pprof")) return write_trace_profile(invocation);
  if (wants_trace_paths(invocation)) return run_trace_paths(invocation);
  if (!invocation.has("debug")) return run_trace_times(invocation);
  app::TraceOptions options{.salvage = invocation.has("salvage"), .limits = {}};
  if (invocation.has("dialect"))
    options.dialect = static_cast<unsigned>(parse_decimal(invocation.get("dialect").substr(4)).value_or(26));
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
    .operands = "[FILE]",
    .description =
        "Says where the time of a trace's goroutines went, and what of it is damaged: whole or torn, of runtime/trace, "
        "go "
        "test -trace and /debug/pprof/trace, of Go 1.11 and later. The three modes of -d print what go tool trace of "
        "Go 1.26 prints, byte for byte, and stop where it stops; --salvage goes on. --pprof writes the profiles of its "
        "-pprof. flame, pprof, diff and convert take traces as they are. See docs/trace.md.",
    .flags = kFlags,
    .examples = kExamples,
    .run = run,
};

}  // namespace gopsy::cli
