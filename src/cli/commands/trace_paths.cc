#include "cli/commands/trace_paths.h"

#include <algorithm>
#include <array>

#include "app/trace.h"
#include "app/trace_paths.h"
#include "base/format.h"
#include "base/text.h"
#include "cli/commands/trace_views.h"
#include "cli/terminal.h"
#include "render/trace/chains.h"
#include "render/trace/critical_path.h"
#include "render/trace/tasks.h"
#include "render/words.h"

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

int show(const Invocation& invocation, const app::TracePathReport& report) {
  if (!report.failure.empty()) {
    print_error(report.failure);
    return kUsage;
  }
  const render::TraceStackWords words(report.symbols, report.stacks);
  std::string out;
  if (invocation.has("folded")) {
    if (report.path) out = render::critical_path_folded(*report.path, words);
  } else if (invocation.has("json")) {
    JsonWriter json(out);
    json.begin_object();
    json.member("path", report.path_name);
    if (report.story) render::add_task_story_json(json, *report.story, words);
    if (report.path) render::add_critical_path_json(json, *report.path, words);
    json.end_object();
    out += '\n';
  } else {
    out = render::printable_line(report.path_name) + '\n';
    if (report.story) out += render::task_story_text(*report.story, report.path ? report.path->first_ns : 0, words);
    if (report.path) out += render::critical_path_text(*report.path, words);
  }
  print(out);
  return kDone;
}

}  // namespace

bool wants_trace_paths(const Invocation& invocation) {
  if (invocation.has("task") || invocation.has("critical-path")) return true;
  return std::ranges::any_of(kViews, [&](const View& view) { return invocation.has(view.flag); });
}

int run_trace_paths(const Invocation& invocation) {
  const auto inquiry = trace_inquiry(invocation);
  if (!inquiry) {
    print_error(inquiry.error());
    return kUsage;
  }
  if (invocation.has("critical-path"))
    return show(invocation, app::critical_path_of_trace(invocation.operands[0], {}, invocation.get("critical-path")));
  if (invocation.has("task")) {
    const auto id = parse_decimal(invocation.get("task"));
    if (id) return show(invocation, app::task_of_trace(invocation.operands[0], {}, *id));
    print_error("--task takes the number of a task; --tasks lists the longest of each name");
    return kUsage;
  }
  const auto overview = app::overview_of_trace(invocation.operands[0], {}, *inquiry);
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
