#include <algorithm>

#include "base/format.h"
#include "base/units.h"
#include "render/trace/goroutine_views.h"
#include "render/trace/overview.h"
#include "render/trace/trace_json.h"
#include "render/trace/trace_words.h"

namespace gopsy::render {

using model::TraceGc;

std::string trace_mmu_text(const model::Evidence& evidence) {
  const model::TraceFacts& facts = *evidence.trace_facts;
  const TraceGc& gc = facts.gc;
  std::string out = trace_head_text(evidence);
  out += fmt::format("\nWhat the garbage collector leaves of the processors, at the least ({})\n", gc.curve_flags);
  if (gc.curve.empty()) return out + "  the trace does not say how many processors there are\n";
  out += fmt::format("  {:>10} {:>7}\n", "window", "left");
  // Every fifth of a hundred windows, and the last.
  for (std::size_t i = 0; i < gc.curve.size();
       i += i + 5 < gc.curve.size() ? 5 : std::max<std::size_t>(gc.curve.size() - 1 - i, 1)) {
    const TraceGc::Mmu& row = gc.curve[i];
    const auto blocks = std::min<std::size_t>(static_cast<std::size_t>(row.utilization * 40), 40);
    std::string bar;
    for (std::size_t block = 0; block < blocks; ++block) bar += "█";
    out += fmt::format("  {:>10} {:>7}  {}\n", human_duration(row.window_ns), percent(row.utilization), bar);
  }
  for (const TraceGc::Mmu& row : gc.curve_windows) {
    out += fmt::format("\nWorst {}:{}\n", human_duration(row.window_ns),
                       row.worst.empty() ? " none, all of it was left" : "");
    for (const TraceGc::Window& window : row.worst)
      out += fmt::format("  {:>7} left at {}\n", percent(window.utilization), moment(facts.times, window.begin_ns));
  }
  return out;
}

std::string trace_mmu_json(const model::Evidence& evidence) {
  const TraceGc& gc = evidence.trace_facts->gc;
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.member("path", evidence.path);
  add_json_range(json, evidence.trace_facts->times);
  json.member("flags", gc.curve_flags);
  json.key("curve");
  json.begin_array();
  for (const TraceGc::Mmu& row : gc.curve) {
    json.begin_array();
    json.value(row.window_ns);
    json.value(row.utilization);
    json.end_array();
  }
  json.end_array();
  add_json_mmu(json, "windows", gc.curve_windows);
  json.end_object();
  return out + "\n";
}

}  // namespace gopsy::render
