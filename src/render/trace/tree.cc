#include "base/format.h"
#include "base/units.h"
#include "render/trace/goroutine_views.h"
#include "render/trace/overview.h"
#include "render/trace/trace_words.h"

namespace gopsy::render {

using model::TraceTreeNode;

std::string trace_tree_text(const model::Evidence& evidence, const model::Symbols& symbols, std::size_t most) {
  const model::TraceFacts& facts = *evidence.trace_facts;
  std::string out = trace_head_text(evidence);
  out += fmt::format("\nWho created whom: {}\n  {:>10} {:>10} {:>10} {:>10}\n",
                     counted(facts.tree.created, "goroutine"), "created", "found", "alive", "half lived");
  std::size_t shown = 0;
  for (const TraceTreeNode& node : facts.tree.nodes) {
    if (most != 0 && shown++ == most) {
      out += fmt::format("  and {} more (--limit 0)\n", counted(facts.tree.nodes.size() - most, "row"));
      break;
    }
    const std::string place = place_words(facts, symbols, node.creation_stack);
    out +=
        fmt::format("  {:>10} {:>10} {:>10} {:>10}  {:{}}{}{}{}\n", node.created == 0 ? "" : with_commas(node.created),
                    node.found == 0 ? "" : with_commas(node.found), node.alive == 0 ? "" : with_commas(node.alive),
                    node.median_life_ns == 0 ? "" : human_duration(node.median_life_ns), "", node.depth * 2,
                    function_words(symbols, node.function), place.empty() ? "" : "  by " + place,
                    node.again ? ", and by each other" : "");
  }
  if (facts.tree.full) out += "  There are more kinds than that: the rest is counted with those that created them.\n";
  return out;
}

std::string trace_tree_json(const model::Evidence& evidence, const model::Symbols& symbols) {
  const model::TraceFacts& facts = *evidence.trace_facts;
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.member("path", evidence.path);
  add_json_range(json, facts.times);
  json.member("created", facts.tree.created);
  json.member("full", facts.tree.full);
  json.key("nodes");
  json.begin_array();
  for (const TraceTreeNode& node : facts.tree.nodes) {
    json.begin_object();
    json.member("depth", node.depth);
    json.member("function", symbols.text(node.function));
    json.member("created", node.created);
    json.member("found", node.found);
    json.member("ended", node.ended);
    json.member("alive", node.alive);
    json.member("descendants", node.descendants);
    json.member("children", node.children);
    json.member("median_life_ns", node.median_life_ns);
    json.member("longest_life_ns", node.longest_life_ns);
    json.member("creates_itself", node.again);
    add_json_stack(json, "creation_stack", facts, symbols, node.creation_stack);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return out + "\n";
}

}  // namespace gopsy::render
