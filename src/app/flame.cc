#include "app/flame.h"

#include <algorithm>
#include <optional>

#include "analyze/diff.h"
#include "analyze/pprof/labels.h"
#include "base/format.h"
#include "base/text.h"
#include "base/units.h"

namespace gopsy::app {
namespace {

using analyze::WeightedStacks;

struct Candidate {
  const model::Evidence* evidence;
  WeightedStacks stacks;
};

const model::Traceback* traceback_to_draw(const model::Log& log) {
  const model::Traceback* chosen = nullptr;
  for (const auto& traceback : log.tracebacks) {
    if (traceback.goroutines.empty()) continue;
    if (chosen == nullptr || !chosen->fatal_end() || traceback.fatal_end()) chosen = &traceback;
  }
  return chosen;
}

// A filter looks at every frame and a reversed graph begins with the leaves, so both need all of them.
std::size_t nodes_to_draw(const FlameRequest& request) {
  const auto& filter = request.options.filter;
  const bool filtered = !(filter.focus.empty() && filter.ignore.empty() && filter.hide.empty() && filter.show.empty());
  return filtered || request.options.reverse ? 0 : request.most_nodes;
}

// What goroutines of a trace do with their time says little until running and waiting stand apart.
bool wants_states(const model::Evidence& evidence, const FlameRequest& request, const model::Symbols& symbols) {
  if (!evidence.trace || request.grouped) return false;
  const auto& types = evidence.profile->types;
  const std::size_t column = analyze::find_column(*evidence.profile, request.sample_index, symbols);
  const std::string_view type = column < types.size() ? symbols.text(types[column].type) : std::string_view();
  return type == "time" || type == "blocked";
}

// Null: this evidence has no stacks at all.
Result<std::optional<WeightedStacks>> stacks_in(const model::Evidence& evidence, const FlameRequest& request,
                                                model::Symbols& symbols) {
  if (evidence.profile) {
    const auto nodes = nodes_to_draw(request);
    if (!wants_states(evidence, request, symbols))
      return TRY(analyze::stacks_of(*evidence.profile, request.sample_index, nodes, symbols));
    model::Profile grouped = *evidence.profile;
    pprof::group_by_labels(grouped, {"state"}, symbols);
    return TRY(analyze::stacks_of(grouped, request.sample_index, nodes, symbols));
  }
  const auto* traceback = evidence.log ? traceback_to_draw(*evidence.log) : nullptr;
  if (traceback == nullptr) return std::nullopt;
  return analyze::stacks_of(*traceback, symbols);
}

// What people come for first when they hand over a folder.
int rank(const Candidate& candidate, const model::Symbols& symbols) {
  const std::string_view type = symbols.text(candidate.stacks.type);
  if (type == "cpu") return 0;
  return candidate.evidence->profile ? 1 : 2;
}

void append(WeightedStacks& to, const WeightedStacks& from) {
  const auto shift = static_cast<std::uint32_t>(to.nodes.size() - 1);
  const auto moved = [shift](std::uint32_t node) { return node == 0 ? 0 : node + shift; };
  for (std::size_t n = 1; n < from.nodes.size(); ++n) to.push(moved(from.nodes[n].parent), from.nodes[n].frame);
  for (const std::uint32_t stack : from.stacks) to.stacks.push_back(moved(stack));
  to.weights.insert(to.weights.end(), from.weights.begin(), from.weights.end());
  to.truncated += from.truncated;
}

// What the picture itself does not say: where it comes from, and what is not in it.
std::string subtitle_of(const analyze::FlameGraph& graph, const std::vector<std::string>& drawn) {
  std::string text = shorten(join(drawn, ", "), 120);
  if (graph.truncated != 0)
    text += fmt::format("; {} cut at the root by the collector", counted(graph.truncated, "stack"));
  if (graph.filtered != 0) text += fmt::format("; {} left out by filters", counted(graph.filtered, "stack"));
  if (graph.negative != 0)
    text += fmt::format("; {} without a positive weight left out", counted(graph.negative, "stack"));
  if (graph.saturated) text += "; a sum met the limit of 64 bits";
  return text;
}

}  // namespace

Result<Flame> flame_of(model::Incident& incident, const FlameRequest& request, Stats& stats) {
  Stats::Timer timer(stats, "flame graph");
  std::vector<Candidate> candidates;
  Flame flame;
  std::optional<Error> refused;
  for (const auto& evidence : incident.evidence) {
    auto stacks = stacks_in(evidence, request, incident.symbols);
    if (!stacks) {
      refused = stacks.error();
      flame.left_out.push_back(fmt::format("{}: {}", evidence.path, message(stacks.error())));
    } else if (*stacks) {
      candidates.push_back({.evidence = &evidence, .stacks = **std::move(stacks)});
    } else {
      flame.left_out.push_back(fmt::format("{}: has no stacks", evidence.path));
    }
  }
  if (candidates.empty())
    return std::unexpected(
        refused.value_or(Error{.code = Errc::Usage, .what = "nothing in the input has stacks to draw"}));
  std::ranges::stable_sort(candidates, {}, [&](const Candidate& c) { return rank(c, incident.symbols); });
  WeightedStacks all = std::move(candidates.front().stacks);
  std::vector<std::string> drawn{candidates.front().evidence->path};
  for (std::size_t i = 1; i < candidates.size(); ++i) {
    const auto& candidate = candidates[i];
    if (candidate.stacks.type == all.type && candidate.stacks.unit == all.unit) {
      append(all, candidate.stacks);
      drawn.push_back(candidate.evidence->path);
    } else {
      flame.left_out.push_back(fmt::format("{}: measures {}, not {}", candidate.evidence->path,
                                           incident.symbols.text(candidate.stacks.type),
                                           incident.symbols.text(all.type)));
    }
  }
  flame.graph = TRY(analyze::flame_graph(all, request.options, incident.symbols));
  const auto* first = candidates.front().evidence;
  flame.title = !request.title.empty()   ? request.title
                : first->process.empty() ? first->kind
                                         : fmt::format("{}: {}", first->process, first->kind);
  flame.subtitle = subtitle_of(flame.graph, drawn);
  return flame;
}

}  // namespace gopsy::app
