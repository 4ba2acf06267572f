#include <array>
#include <cstdio>

#include "app/trace.h"
#include "base/format.h"
#include "cli/catalog.h"
#include "cli/terminal.h"

namespace gopsy::cli {
namespace {

constexpr std::array kFlags{
    Flag{"--debug,-d", "MODE", "print what `go tool trace -d` prints", "parsed|wire|footprint"},
    Flag{"--salvage", "", "with -d parsed: go on where the trace is damaged instead of stopping there"},
};

constexpr std::array kExamples{
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
        "Reads the execution traces of runtime/trace, go test -trace and /debug/pprof/trace, of Go 1.11 and later. The "
        "three modes of -d print what go tool trace of Go 1.26 prints, byte for byte, and stop where it stops; "
        "--salvage goes on.",
    .flags = kFlags,
    .examples = kExamples,
    .needs_operand = true,
    .run = run,
};

}  // namespace gopsy::cli
