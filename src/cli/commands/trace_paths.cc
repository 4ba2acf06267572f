#include "cli/commands/trace_paths.h"

#include <algorithm>
#include <array>

#include "app/trace.h"
#include "base/format.h"
#include "cli/inputs.h"
#include "cli/terminal.h"
#include "render/trace/chains.h"
#include "render/trace/tasks.h"

namespace gopsy::cli {
namespace {

using Show = std::string (*)(const model::Evidence&, const model::Symbols&);

struct View {
  std::string_view flag;
  Show text;
  Show json;
};

constexpr std::array kViews{
    View{"tasks", render::trace_tasks_text, render::trace_tasks_json},
    View{"regions", render::trace_regions_text, render::trace_regions_json},
    View{"wakers", render::trace_wakers_text, render::trace_wakers_json},
    View{"blocks", render::trace_blocks_text, render::trace_blocks_json},
    View{"locks", render::trace_locks_text, render::trace_locks_json},
};

}  // namespace

bool wants_trace_paths(const Invocation& invocation) {
  return std::ranges::any_of(kViews, [&](const View& view) { return invocation.has(view.flag); });
}

int run_trace_paths(const Invocation& invocation) {
  app::TraceInquiry inquiry;
  if (const std::string mistake = threshold_of(invocation, inquiry.question.threshold_ns); !mistake.empty()) {
    print_error(mistake);
    return kUsage;
  }
  const auto overview = app::overview_of_trace(invocation.operands[0], {}, inquiry);
  if (!overview.failure.empty()) {
    print_error(overview.failure);
    return kUsage;
  }
  for (const View& view : kViews)
    if (invocation.has(view.flag))
      print((invocation.has("json") ? view.json : view.text)(overview.evidence, overview.symbols));
  return kDone;
}

}  // namespace gopsy::cli
