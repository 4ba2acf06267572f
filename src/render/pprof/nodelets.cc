#include "render/pprof/nodelets.h"

#include <cmath>

#include "analyze/pprof/measurement.h"
#include "base/format.h"

namespace gopsy::pprof {
namespace {

double distance(const Tag& a, const Tag& b) {
  return std::abs(static_cast<double>(a.value) - scale(b.value, b.unit, a.unit).value);
}

// Several values as one range: "64B..256B".
Tag range_of(const std::vector<const Tag*>& group) {
  if (group.size() == 1) {
    const Tag& tag = *group[0];
    return {.name = label(tag.value, tag.unit), .flat = tag.flat_value(), .cum = tag.cum_value()};
  }
  const Tag* least = group[0];
  const Tag* most = group[0];
  Tag sum{.flat = least->flat, .flat_div = least->flat_div, .cum = least->cum, .cum_div = least->cum_div};
  for (std::size_t i = 1; i < group.size(); ++i) {
    const Tag& tag = *group[i];
    if (truncated(scale(tag.value, tag.unit, least->unit).value) < least->value) least = &tag;
    if (truncated(scale(tag.value, tag.unit, most->unit).value) > most->value) most = &tag;
    sum.flat = wrapping_add(sum.flat, tag.flat);
    sum.flat_div = wrapping_add(sum.flat_div, tag.flat_div);
    sum.cum = wrapping_add(sum.cum, tag.cum);
    sum.cum_div = wrapping_add(sum.cum_div, tag.cum_div);
  }
  return {.name = label(least->value, least->unit) + ".." + label(most->value, most->unit),
          .flat = sum.flat_value(),
          .cum = sum.cum_value()};
}

// Each value beyond the heaviest few joins the one nearest to it.
std::vector<Tag> collapsed(std::vector<const Tag*> tags, bool flat) {
  tags = sorted_tags(std::move(tags), flat);
  std::vector<Tag> out;
  if (tags.size() <= kMostNodelets) {
    for (const Tag* tag : tags) out.push_back(*tag);
    return out;
  }
  std::vector<std::vector<const Tag*>> groups;
  for (std::size_t i = 0; i < kMostNodelets; ++i) groups.push_back({tags[i]});
  for (std::size_t i = kMostNodelets; i < tags.size(); ++i) {
    std::size_t nearest = 0;
    for (std::size_t g = 1; g < groups.size(); ++g)
      if (distance(*tags[i], *groups[g][0]) < distance(*tags[i], *groups[nearest][0])) nearest = g;
    groups[nearest].push_back(tags[i]);
  }
  for (const auto& group : groups) out.push_back(range_of(group));
  std::vector<const Tag*> order;
  for (const Tag& tag : out) order.push_back(&tag);
  std::vector<Tag> sorted;
  for (const Tag* tag : sorted_tags(std::move(order), flat)) sorted.push_back(*tag);
  return sorted;
}

std::string numeric_nodelets(const Report& report, std::vector<const Tag*> tags, bool flat, const std::string& source) {
  std::string out;
  std::size_t number = 0;
  for (const Tag& tag : collapsed(std::move(tags), flat)) {
    const std::size_t id = number++;
    const bool whole = flat || tag.flat_value() == tag.cum_value();
    const std::int64_t value = whole ? tag.flat_value() : tag.cum_value();
    if (value == 0) continue;
    const std::string weight = report.value(value);
    out += fmt::format("N{0}_{1} [label = \"{2}\" id=\"N{0}_{1}\" fontsize=8 shape=box3d tooltip=\"{3}\"]\n", source,
                       id, tag.name, weight);
    out += fmt::format("{0} -> N{0}_{1} [label=\" {2}\" weight=100 tooltip=\"{2}\" labeltooltip=\"{2}\"{3}]\n", source,
                       id, weight, whole ? "" : " style=\"dotted\"");
  }
  return out;
}

std::vector<const Tag*> pointers(const Tags& tags) {
  std::vector<const Tag*> out;
  for (const auto& [name, tag] : tags) out.push_back(&tag);
  return out;
}

}  // namespace

std::string nodelets(const Report& report, const Graph& graph, NodeIndex node, std::size_t id) {
  if (graph.tags.empty()) return {};
  const NodeTags& tags = graph.tags[node];
  // A leaf of the drawing shows what its cut callees had, too.
  const bool flat = !graph.nodes[node].out.empty();
  std::vector<const Tag*> labels = sorted_tags(pointers(tags.labels), flat);
  if (labels.size() > kMostNodelets) labels.resize(kMostNodelets);
  std::string out;
  const auto add_numbers = [&](const std::string& key, const std::string& source) {
    const auto numbers = tags.numbers.find(key);
    if (numbers != tags.numbers.end()) out += numeric_nodelets(report, pointers(numbers->second), flat, source);
  };
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const std::int64_t value = flat ? labels[i]->flat_value() : labels[i]->cum_value();
    if (value == 0) continue;
    const std::string weight = report.value(value);
    out += fmt::format("N{0}_{1} [label = \"{2}\" id=\"N{0}_{1}\" fontsize=8 shape=box3d tooltip=\"{3}\"]\n", id, i,
                       labels[i]->name, weight);
    out += fmt::format("N{0} -> N{0}_{1} [label=\" {2}\" weight=100 tooltip=\"{2}\" labeltooltip=\"{2}\"]\n", id, i,
                       weight);
    add_numbers(labels[i]->name, fmt::format("N{}_{}", id, i));
  }
  add_numbers("", fmt::format("N{}", id));
  return out;
}

}  // namespace gopsy::pprof
