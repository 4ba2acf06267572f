#include "cli/commands/trace_profile.h"

#include <optional>

#include "analyze/trace/trace_profile.h"
#include "app/trace.h"
#include "base/format.h"
#include "base/text.h"
#include "cli/commands/trace_views.h"
#include "cli/terminal.h"
#include "io/deflate.h"
#include "render/profile/pprof_writer.h"

namespace gopsy::cli {
namespace {

std::string unknown_kind(const std::string& kind, const app::TraceOverview& overview) {
  std::string text = fmt::format("--pprof {}: no such profile; there are:\n", kind);
  for (const auto& row : analyze::trace_profile_kinds()) text += fmt::format("  {:<9}{}\n", row.name, row.summary);
  const auto reasons = analyze::trace_profile_reasons(*overview.evidence.trace_facts, overview.symbols);
  return text + (reasons.empty() ? "and in this trace nothing is blocked with a reason"
                                 : "and what this trace's goroutines are blocked on: " + join(reasons, ", "));
}

}  // namespace

int write_trace_profile(const Invocation& invocation) {
  const std::string output = invocation.has("output") ? invocation.get("output") : "-";
  if (output == "-" && stdout_is_terminal()) {
    print_error("a profile is no text for a terminal; write it to a file with -o, or draw it with gopsy flame");
    return kUsage;
  }
  auto inquiry = trace_inquiry(invocation);
  if (!inquiry) {
    print_error(inquiry.error());
    return kUsage;
  }
  inquiry->question.profiles_only = true;
  auto overview = app::overview_of_trace(invocation.operands[0], {}, *inquiry);
  if (!overview.failure.empty()) {
    print_error(overview.failure);
    return kUsage;
  }
  const std::string kind = invocation.get("pprof");
  const auto profile = analyze::trace_profile_of(kind, *overview.evidence.trace_facts, overview.symbols);
  if (!profile) {
    print_error(unknown_kind(kind, overview));
    return kUsage;
  }
  if (!overview.evidence.cut.empty()) print_error(fmt::format("{}: {}", overview.evidence.path, overview.evidence.cut));
  std::string bytes = render::pprof_bytes(*profile, overview.symbols);
  if (!output.ends_with(".pb")) {
    auto packed = io::gzip(bytes);
    if (!packed) {
      print_error(message(packed.error()));
      return kUsage;
    }
    bytes = *std::move(packed);
  }
  return write_output(output, bytes) ? kDone : kUsage;
}

}  // namespace gopsy::cli
