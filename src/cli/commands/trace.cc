#include <array>
#include <cstdio>

#include "app/trace.h"
#include "base/format.h"
#include "cli/catalog.h"
#include "cli/terminal.h"
#include "cli/trace_profile.h"
#include "render/trace/overview.h"

namespace gopsy::cli {
namespace {

constexpr std::array kFlags{
    Flag{"--debug,-d", "MODE",
         "print what `go tool trace -d` prints instead of an overview; counts: how many events there are of each type",
         "parsed|wire|footprint|counts"},
    Flag{"--salvage", "", "with -d parsed or counts: go on where the trace is damaged instead of stopping there"},
    Flag{"--pprof", "KIND",
         "write a profile instead: sched, sync, syscall or net as go tool trace does; block; a reason of blocking "
         "(\"chan receive\"); cpu; states"},
    Flag{"--function", "REGEX", "with --pprof: only goroutines that began in a function with a matching name"},
    Flag{"--output,-o", "FILE", "with --pprof: where to; - or none is stdout"},
    Flag{"--json", "", "the overview as a JSON object"},
};

constexpr std::array kExamples{
    Example{"gopsy trace trace.out", "what it is, where the time went, and what of it is damaged"},
    Example{"gopsy trace trace.out -d parsed", "every event in order, as go tool trace prints it"},
    Example{"gopsy trace killed.trace -d parsed --salvage", "what a killed process left, too"},
    Example{"gopsy trace trace.out --pprof=sched -o sched.pb.gz", "who waited for a processor, and who woke them"},
    Example{"gopsy trace trace.out -d footprint", "what the bytes of the file are spent on"},
};

app::TraceView view_of(std::string_view mode) {
  if (mode == "wire") return app::TraceView::Wire;
  if (mode == "counts") return app::TraceView::Counts;
  return mode == "footprint" ? app::TraceView::Footprint : app::TraceView::Parsed;
}

int overview(const Invocation& invocation) {
  const auto overview = app::overview_of_trace(invocation.operands[0], {});
  if (!overview.failure.empty()) {
    print_error(overview.failure);
    return kUsage;
  }
  print(invocation.has("json") ? render::trace_overview_json(overview.evidence)
                               : render::trace_overview_text(overview.evidence));
  return kDone;
}

int run(const Invocation& invocation) {
  if (invocation.operands.size() != 1) {
    print_error("it needs one trace");
    return kUsage;
  }
  if (invocation.has("pprof")) return write_trace_profile(invocation);
  if (!invocation.has("debug")) return overview(invocation);
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
        "Go 1.26 prints, byte for byte, and stop where it stops; --salvage goes on. --pprof writes the profiles of its "
        "-pprof. flame, pprof, diff and convert take traces as they are. See docs/trace.md.",
    .flags = kFlags,
    .examples = kExamples,
    .needs_operand = true,
    .run = run,
};

}  // namespace gopsy::cli
