#include <array>

#include "base/format.h"
#include "cli/catalog.h"
#include "cli/drawing.h"
#include "cli/inputs.h"
#include "cli/terminal.h"
#include "render/renderer.h"

namespace gopsy::cli {
namespace {

constexpr std::array kFlags{
    Flag{"--output,-o", "FILE", "where to; the ending decides the form (.svg, .html, .folded). Default: SVG to stdout"},
    Flag{"--to", "FORM", "the form, whatever the file is called", "svg|html|folded"},
    Flag{"--sample-index", "TYPE", "which value of a profile: a name (inuse_space, cpu) or a number from 0"},
    Flag{"--focus", "REGEX", "keep only stacks with a matching function or file"},
    Flag{"--ignore", "REGEX", "leave out stacks with a matching function or file"},
    Flag{"--hide", "REGEX", "leave out matching frames"},
    Flag{"--show", "REGEX", "leave out all other frames"},
    GOPSY_GROUP_FLAG,
    Flag{"--reverse", "", "leaf functions at the root: who calls the hot ones"},
    Flag{"--no-fold-cycles", "", "draw each round of a recursion"},
    Flag{"--title", "TEXT", "the heading"},
    GOPSY_SAMPLING_FLAGS,
    GOPSY_INPUT_FLAGS,
};

constexpr std::array kExamples{
    Example{"gopsy flame cpu.pb.gz -o cpu.svg", "a CPU profile"},
    Example{"gopsy flame crash.log -o crash.svg", "the goroutines of a crash, the recursion folded to one round"},
    Example{"gopsy flame --pid 4711 -o now.svg", "where all goroutines of a living process stand"},
    Example{"gopsy flame heap.pb.gz --sample-index alloc_space --focus 'json' -o json.svg",
            "who allocates through encoding/json"},
    Example{"gopsy flame trace.out --sample-index sched -o sched.svg", "who kept goroutines of a trace from running"},
    Example{"gopsy flame cpu.pb.gz --by tenant -o tenants.svg", "whose requests take the time"},
    Example{"gopsy flame --pid 4242 --seconds 10 --by state -o wall.svg",
            "what the goroutines of a living process do for ten seconds, and what they wait for"},
    Example{"gopsy flame cpu.pb.gz --to folded | sort | head", "folded stacks for another tool"},
};

const render::Renderer* renderer_for(const Invocation& invocation) {
  const std::string output = invocation.get("output");
  if (invocation.has("to")) return render::find_renderer(invocation.get("to"));
  if (output.empty() || output == "-") return render::find_renderer("svg");
  const auto* renderer = render::renderer_for_path(output);
  if (renderer != nullptr && renderer->flame != nullptr) return renderer;
  print_error(
      fmt::format("{}: a flame graph is written as .svg, .html or .folded; --to FORM decides for other names", output));
  return nullptr;
}

int run(const Invocation& invocation) {
  const auto* renderer = renderer_for(invocation);
  if (renderer == nullptr) return kUsage;
  Stats stats;
  model::Incident incident;
  if (!load_inputs(invocation, incident, stats)) return kUsage;
  for (const auto& row : incident.unreadable) print_error(fmt::format("{}: {}", row.path, row.message));
  app::FlameRequest request{
      .sample_index = invocation.get("sample-index"), .options = {}, .title = invocation.get("title")};
  request.options.filter = {.focus = invocation.get("focus"),
                            .ignore = invocation.get("ignore"),
                            .hide = invocation.get("hide"),
                            .show = invocation.get("show")};
  request.grouped = invocation.has("by");
  request.options.reverse = invocation.has("reverse");
  request.options.fold_cycles = !invocation.has("no-fold-cycles");
  if (incident.evidence.empty()) return exit_for_inputs(incident);
  const std::string output = invocation.get("output");
  if (!draw_flame(*renderer, request, output.empty() ? "-" : output, incident, stats, true)) return kUsage;
  print_stats(invocation, stats);
  return exit_for_inputs(incident);
}

}  // namespace

constinit const Command kFlame{
    .name = "flame",
    .summary = "draw any evidence with stacks as an interactive flame graph",
    .operands = "WHAT...",
    .description =
        "Draws profiles, goroutine dumps, crash logs, execution traces and folded stacks as one SVG file that reads "
        "without scripts and, "
        "with them, zooms, searches and walks by keyboard. Several inputs that measure the same thing are added up. "
        "The same input gives the same bytes.",
    .flags = kFlags,
    .examples = kExamples,
    .needs_operand = true,
    .run = run,
};

}  // namespace gopsy::cli
