#include <array>

#include "base/format.h"
#include "base/json_writer.h"
#include "cli/catalog.h"
#include "cli/terminal.h"
#include "rules/rule.h"

namespace gopsy::cli {
namespace {

constexpr std::array kFlags{Flag{"--json", "", "as a JSON array"}};
constexpr std::array kExamples{
    Example{"gopsy rules", "every diagnosis"},
    Example{"gopsy rules leak", "those whose id starts so"},
};

int run(const Invocation& invocation) {
  const std::string prefix = invocation.operands.empty() ? std::string() : invocation.operands.front();
  std::string out;
  JsonWriter json(out);
  const bool as_json = invocation.has("json");
  if (as_json) json.begin_array();
  bool any = false;
  for (const auto* rule : rules::rules()) {
    if (!rule->id.starts_with(prefix)) continue;
    any = true;
    if (!as_json) {
      out += fmt::format("{:<28} {:<9} {}\n", rule->id, rules::name_of(rule->severity), rule->summary);
      continue;
    }
    json.begin_object();
    json.member("id", rule->id);
    json.member("severity", rules::name_of(rule->severity));
    json.member("summary", rule->summary);
    json.end_object();
  }
  if (as_json) json.end_array(), out += '\n';
  print(out);
  if (any) return kDone;
  print_error(fmt::format("no rule's id starts with {}", prefix));
  return kUsage;
}

}  // namespace

constinit const Command kRules{
    .name = "rules",
    .summary = "list the diagnoses, their severity and what they say",
    .operands = "[PREFIX]",
    .description =
        "One row a rule. Each has a page under docs/rules: what it means, how it follows, known false alarms.",
    .flags = kFlags,
    .examples = kExamples,
    .run = run,
};

}  // namespace gopsy::cli
