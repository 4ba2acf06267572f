#include <algorithm>
#include <array>

#include "base/format.h"
#include "cli/catalog.h"
#include "cli/drawing.h"
#include "cli/inputs.h"
#include "cli/terminal.h"
#include "render/renderer.h"
#include "rules/rule.h"

namespace gopsy::cli {
namespace {

constexpr std::array kFlags{
    Flag{"--output,-o", "FILE", "write the report there; the ending decides the form (.md, .json, .txt), - is stdout"},
    Flag{"--json", "", "print the report as one JSON object (docs/report.schema.json)"},
    Flag{"--flame", "FILE", "also draw the evidence as a flame graph (.svg, .html, .folded)"},
    Flag{"--fail-on", "SEVERITY", "exit with 1 if a finding is at least that severe", "info|warning|critical"},
    GOPSY_THRESHOLD_FLAG,
    GOPSY_INPUT_FLAGS,
};

constexpr std::array kExamples{
    Example{"gopsy diagnose examples/incident", "everything in a folder, joined"},
    Example{"kubectl logs --previous pod/shop | gopsy diagnose -", "the last words of a pod"},
    Example{"gopsy diagnose core.4711 app.log", "a core and the log beside it"},
    Example{"gopsy diagnose app.log heap.pb.gz --json | jq '.findings[0].title'", "for scripts"},
    Example{"gopsy diagnose crash.log trace.out --threshold 50ms", "a panic and the trace that led to it"},
    Example{"gopsy diagnose dump.txt --fail-on warning -o report.md", "as a gate, with a report for the ticket"},
};

rules::Severity severity_of(std::string_view name) {
  for (const auto severity : {rules::Severity::Info, rules::Severity::Warning})
    if (rules::name_of(severity) == name) return severity;
  return rules::Severity::Critical;
}

// The form that --json or the ending of --output asks for; null, with a message, if there is none.
const render::Renderer* renderer_for(const Invocation& invocation) {
  const std::string output = invocation.get("output");
  if (invocation.has("json")) return render::find_renderer("json");
  if (output.empty() || output == "-") return render::find_renderer("text");
  const auto* renderer = render::renderer_for_path(output);
  if (renderer != nullptr && renderer->report != nullptr) return renderer;
  print_error(
      fmt::format("{}: a report is written as .txt, .md or .json; draw a flame graph with --flame FILE.svg", output));
  return nullptr;
}

bool draw(const std::string& path, model::Incident& incident, Stats& stats) {
  const auto* renderer = render::renderer_for_path(path);
  if (renderer != nullptr && renderer->flame != nullptr) return draw_flame(*renderer, {}, path, incident, stats, false);
  print_error(fmt::format("{}: a flame graph is written as .svg, .html or .folded", path));
  return false;
}

int run(const Invocation& invocation) {
  const auto* renderer = renderer_for(invocation);
  if (renderer == nullptr) return kUsage;
  Stats stats;
  model::Incident incident;
  if (!load_for_findings(invocation, incident, stats)) return kUsage;
  render::Report report{.incident = incident, .findings = {}};
  {
    Stats::Timer timer(stats, "rules");
    report.findings = rules::diagnose(incident);
  }
  const std::string output = invocation.get("output");
  const bool to_stdout = output.empty() || output == "-";
  std::string out;
  {
    Stats::Timer timer(stats, "render");
    renderer->report(report, {.color = to_stdout && wants_color(), .width = terminal_width()}, out);
  }
  if (!write_output(to_stdout ? "-" : output, out)) return kUsage;
  if (invocation.has("flame") && !draw(invocation.get("flame"), incident, stats)) return kUsage;
  print_stats(invocation, stats);
  const bool failed = invocation.has("fail-on") && std::ranges::any_of(report.findings, [&](const auto& f) {
                        return f.severity >= severity_of(invocation.get("fail-on"));
                      });
  const int inputs = exit_for_inputs(incident);
  return inputs == kDone && failed ? int{kFindings} : inputs;
}

}  // namespace

constinit const Command kDiagnose{
    .name = "diagnose",
    .summary = "say what each piece of evidence is, what is wrong, why, and what to do",
    .operands = "WHAT...",
    .description =
        "Reads logs, goroutine dumps, profiles, execution traces and folded stacks, alone or together, plain or in "
        "gzip, zstd, tar, zip "
        "and folders; finds out what each is; and prints ranked findings with the evidence behind them, what would "
        "confirm them, the fix, and the next command.",
    .flags = kFlags,
    .examples = kExamples,
    .needs_operand = true,
    .run = run,
};

}  // namespace gopsy::cli
