#include "analyze/flame_graph.h"
#include "base/format.h"
#include "base/text.h"
#include "base/units.h"
#include "render/pprof/report.h"
#include "render/renderer.h"

namespace gopsy::pprof {
namespace {

// The picture that users of pprof ask for as a file (google/pprof#401): what filters and label frames left, in one
// type of value. Negative values of a difference have no place in it, and its subtitle counts them.
std::expected<std::string, std::string> write_flamegraph(Report& report) {
  const auto* renderer = render::find_renderer("svg");
  const auto stacks =
      analyze::stacks_of(report.profile, std::to_string(report.column), renderer->most_nodes, report.symbols);
  if (!stacks) return std::unexpected(message(stacks.error()));
  const auto graph = analyze::flame_graph(*stacks, {}, report.symbols);
  if (!graph) return std::unexpected(message(graph.error()));
  std::string subtitle = join(report.filters, ", ");
  if (graph->negative != 0)
    subtitle += fmt::format("{}{} without a positive weight left out", subtitle.empty() ? "" : "; ",
                            counted(graph->negative, "stack"));
  std::string out;
  renderer->flame({.graph = *graph,
                   .symbols = report.symbols,
                   .title = report.title.empty() ? report.sample_type : report.title + ": " + report.sample_type,
                   .subtitle = subtitle},
                  {}, out);
  return out;
}

}  // namespace

constinit const Format kFlamegraph{.name = "flamegraph", .write = write_flamegraph};

}  // namespace gopsy::pprof
