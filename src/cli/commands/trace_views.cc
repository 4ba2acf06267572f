#include "cli/commands/trace_views.h"

#include <algorithm>
#include <array>
#include <expected>

#include "analyze/trace/goroutine_rows.h"
#include "app/trace.h"
#include "app/trace_findings.h"
#include "base/format.h"
#include "base/text.h"
#include "cli/inputs.h"
#include "cli/terminal.h"
#include "model/trace_facts.h"
#include "render/trace/findings.h"
#include "render/trace/goroutine_views.h"
#include "render/trace/overview.h"

namespace gopsy::cli {
namespace {

using analyze::GoroutineQuestion;
using Mistake = std::unexpected<std::string>;

constexpr std::array<std::string_view, 4> kViews{"goroutines", "goroutine", "mmu", "tree"};

std::expected<std::size_t, std::string> limit_of(const Invocation& invocation, std::size_t usual) {
  if (!invocation.has("limit")) return usual;
  const auto limit = parse_decimal(invocation.get("limit"));
  if (!limit) return Mistake(fmt::format("--limit {}: it is a number of rows", invocation.get("limit")));
  return static_cast<std::size_t>(*limit);
}

GoroutineQuestion::Order order_of(std::string_view name) {
  constexpr std::array kOrders{
      std::pair{"runnable", GoroutineQuestion::Order::Runnable},
      std::pair{"blocked", GoroutineQuestion::Order::Blocked}, std::pair{"syscall", GoroutineQuestion::Order::Syscall},
      std::pair{"assist", GoroutineQuestion::Order::Assist}, std::pair{"life", GoroutineQuestion::Order::Life}};
  const auto* found = std::ranges::find(kOrders, name, [](const auto& order) { return std::string_view(order.first); });
  return found == kOrders.end() ? GoroutineQuestion::Order::Running : found->second;
}

std::expected<std::optional<app::TraceMoment>, std::string> moment_of(const Invocation& invocation,
                                                                      std::string_view flag) {
  if (!invocation.has(flag)) return std::nullopt;
  const auto moment = app::parse_moment(invocation.get(flag));
  if (!moment)
    return Mistake(fmt::format("--{} {}: it is a time such as 1.5s, 200ms, -1s (before the end) or 25%", flag,
                               invocation.get(flag)));
  return moment;
}

std::expected<analyze::MutatorQuestion, std::string> mutator_of(const Invocation& invocation) {
  if (!invocation.has("mmu-flags")) return analyze::MutatorQuestion{};
  analyze::MutatorQuestion question{
      .stops = false, .background = false, .assists = false, .sweeps = false, .per_proc = false};
  const std::string flags = invocation.get("mmu-flags");
  for (const std::string_view flag : split(flags, '|')) {
    if (flag == "stw")
      question.stops = true;
    else if (flag == "background")
      question.background = true;
    else if (flag == "assist")
      question.assists = true;
    else if (flag == "sweep")
      question.sweeps = true;
    else if (flag == "perProc")
      question.per_proc = true;
    else
      return Mistake(
          fmt::format("--mmu-flags: no {}; it is stw|background|assist|sweep|perProc, or some of them", flag));
  }
  return question;
}

std::expected<void, std::string> add_goroutines(const Invocation& invocation, analyze::TraceQuestion& question) {
  const auto limit = limit_of(invocation, 20);
  if (!limit) return Mistake(limit.error());
  question.goroutines.limit = *limit == 0 ? SIZE_MAX : *limit;
  question.goroutines.order = order_of(invocation.get("sort"));
  return {};
}

std::expected<void, std::string> add_function(const Invocation& invocation, analyze::TraceQuestion& question) {
  if (!invocation.has("function")) return {};
  auto filter = analyze::function_filter(invocation.get("function"));
  if (!filter) return Mistake(fmt::format("--function {}: {}", invocation.get("function"), filter.error()));
  question.goroutines.function = std::move(*filter);
  return {};
}

// A flag that would do nothing is a mistake.
std::string out_of_place(const Invocation& invocation) {
  std::size_t views = 0;
  for (const std::string_view view : kViews) views += invocation.has(view) ? std::size_t{1} : 0;
  if (views > 1) return "--goroutines, --goroutine, --mmu and --tree are one view each: name one of them";
  if (invocation.has("sort") && !invocation.has("goroutines")) return "--sort goes with --goroutines";
  if (invocation.has("function") && !invocation.has("goroutines") && !invocation.has("pprof"))
    return "--function goes with --goroutines and --pprof";
  if (invocation.has("limit") && !invocation.has("goroutines") && !invocation.has("tree"))
    return "--limit goes with --goroutines and --tree";
  if (invocation.has("mmu-flags") && !invocation.has("mmu")) return "--mmu-flags goes with --mmu";
  return {};
}

std::string shown(const Invocation& invocation, app::TraceOverview& overview, std::size_t tree_rows) {
  const model::Evidence& evidence = overview.evidence;
  const model::Symbols& symbols = overview.symbols;
  const bool json = invocation.has("json");
  if (invocation.has("goroutines"))
    return json ? render::trace_goroutines_json(evidence, symbols) : render::trace_goroutines_text(evidence, symbols);
  if (invocation.has("goroutine"))
    return json ? render::trace_life_json(evidence, symbols) : render::trace_life_text(evidence, symbols);
  if (invocation.has("mmu")) return json ? render::trace_mmu_json(evidence) : render::trace_mmu_text(evidence);
  if (invocation.has("tree"))
    return json ? render::trace_tree_json(evidence, symbols) : render::trace_tree_text(evidence, symbols, tree_rows);
  const auto findings = app::findings_of(overview);
  return json ? render::trace_overview_json(evidence, symbols, findings)
              : render::trace_overview_text(evidence, symbols) + render::trace_findings_text(evidence, findings);
}

}  // namespace

std::expected<app::TraceInquiry, std::string> trace_inquiry(const Invocation& invocation) {
  if (std::string mistake = out_of_place(invocation); !mistake.empty()) return Mistake(mistake);
  app::TraceInquiry inquiry;
  if (std::string mistake = threshold_of(invocation, inquiry.question.threshold_ns); !mistake.empty())
    return Mistake(mistake);
  const auto from = moment_of(invocation, "from");
  const auto to = moment_of(invocation, "to");
  if (!from) return Mistake(from.error());
  if (!to) return Mistake(to.error());
  inquiry.from = *from;
  inquiry.to = *to;
  if (invocation.has("goroutines"))
    if (const auto added = add_goroutines(invocation, inquiry.question); !added) return Mistake(added.error());
  if (const auto added = add_function(invocation, inquiry.question); !added) return Mistake(added.error());
  if (invocation.has("goroutine")) {
    const auto goid = parse_decimal(invocation.get("goroutine"));
    if (!goid || *goid == 0)
      return Mistake(fmt::format("--goroutine {}: it is the number of a goroutine", invocation.get("goroutine")));
    inquiry.question.goid = inquiry.question.goroutines.goid = *goid;
    inquiry.question.goroutines.limit = 1;
  }
  if (invocation.has("mmu")) {
    const auto mutator = mutator_of(invocation);
    if (!mutator) return Mistake(mutator.error());
    inquiry.question.mutator = *mutator;
  }
  return inquiry;
}

int run_trace_times(const Invocation& invocation) {
  const auto inquiry = trace_inquiry(invocation);
  const auto tree_rows = limit_of(invocation, 40);
  if (!inquiry || !tree_rows) {
    print_error(!inquiry ? inquiry.error() : tree_rows.error());
    return kUsage;
  }
  auto overview = app::overview_of_trace(invocation.operands[0], {}, *inquiry);
  if (!overview.failure.empty()) {
    print_error(overview.failure);
    return kUsage;
  }
  print(shown(invocation, overview, *tree_rows));
  if (invocation.has("goroutine") && overview.evidence.trace_facts->times.goroutine_rows.empty()) return kInconclusive;
  return kDone;
}

}  // namespace gopsy::cli
