#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "analyze/diff.h"
#include "analyze/flame_graph.h"
#include "base/format.h"
#include "base/text.h"
#include "base/units.h"
#include "cli/catalog.h"
#include "cli/inputs.h"
#include "cli/profiles.h"
#include "cli/terminal.h"
#include "render/profile/diff_report.h"
#include "render/renderer.h"

namespace gopsy::cli {
namespace {

constexpr std::array kFlags{
    Flag{"--sample-index", "TYPE", "which value: a type's name, or its number from 0"},
    Flag{"--normalize", "", "scale the later side to the total of the earlier one: compare shares, not amounts"},
    GOPSY_GROUP_FLAG,
    Flag{"--rows", "N", "rows of each table (default 20); the line below sums up the rest"},
    Flag{"--json", "", "one object with every function and stack"},
    Flag{"--output,-o", "FILE",
         "where to (default: stdout); .json implies --json; .svg, .html and .folded draw a flame graph of both sides"},
    Flag{"--fail-on-growth", "PERCENT",
         "exit 1 if the total or a function with its callees grew by more than so much of the total before"},
    GOPSY_INPUT_FLAGS,
};

constexpr std::array kExamples{
    Example{"gopsy diff before.pb.gz after.pb.gz", "two profiles"},
    Example{"gopsy diff old/*.pb.gz -- new/*.pb.gz --normalize", "many on either side, shares compared"},
    Example{"gopsy diff before.pb.gz after.pb.gz -o diff.svg", "a flame graph coloured by the change"},
    Example{"gopsy diff base.pb.gz head.pb.gz --fail-on-growth 5", "a gate for CI"},
};

struct Sides {
  std::vector<std::string> before;
  std::vector<std::string> after;
};

// `A... -- B...`, or just two.
bool split_sides(const std::vector<std::string>& operands, Sides& sides) {
  const auto dashes = std::ranges::find(operands, "--");
  if (dashes != operands.end()) {
    sides.before.assign(operands.begin(), dashes);
    sides.after.assign(dashes + 1, operands.end());
  } else if (operands.size() == 2) {
    sides.before = {operands[0]};
    sides.after = {operands[1]};
  }
  if (!sides.before.empty() && !sides.after.empty()) return true;
  print_error("it needs two sides: BEFORE AFTER, or BEFORE... -- AFTER...");
  return false;
}

// Of the total before; where that is nothing, anything is growth without bounds.
double growth(std::int64_t before, std::int64_t after, double total) {
  const double change = static_cast<double>(after) - static_cast<double>(before);
  if (change <= 0) return 0;
  return total == 0 ? HUGE_VAL : change / total * 100;
}

bool regressed(const analyze::ProfileDiff& diff, double most_percent, const model::Symbols& symbols) {
  const double total = std::abs(static_cast<double>(diff.before_total));
  if (const double all = growth(diff.before_total, diff.after_total, total); all > most_percent) {
    print_error(fmt::format("the total grew by {:.1f}%", all));
    return true;
  }
  const auto worst = std::ranges::max_element(diff.functions, {},
                                              [&](const auto& f) { return growth(f.before_all, f.after_all, total); });
  if (worst == diff.functions.end()) return false;
  const double most = growth(worst->before_all, worst->after_all, total);
  if (most <= most_percent) return false;
  print_error(fmt::format("{} grew by {:.1f}% of the total", printable(symbols.text(worst->name)), most));
  return true;
}

std::optional<double> parse_percent(std::string_view text) {
  double value = 0;
  if (text.ends_with('%')) text.remove_suffix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value >= 0)) return std::nullopt;
  return value;
}

// What the ending of --output asks for; nothing, with a message, if it cannot be drawn.
std::optional<std::string> document_of(const Invocation& invocation, const render::DiffDocument& document,
                                       model::Symbols& symbols) {
  const std::string output = invocation.get("output");
  if (invocation.has("json") || output.ends_with(".json")) return render::diff_json(document);
  const auto* renderer = render::renderer_for_path(output);
  if (renderer == nullptr || renderer->flame == nullptr) return render::diff_text(document);
  const auto graph = analyze::flame_graph(analyze::stacks_of(document.diff, symbols),
                                          {.fold_cycles = renderer->most_nodes != 0}, symbols);
  if (!graph) {
    print_error(message(graph.error()));
    return std::nullopt;
  }
  std::string out;
  renderer->flame({.graph = *graph,
                   .symbols = symbols,
                   .title = fmt::format("{}: before and after", symbols.text(document.diff.type)),
                   .subtitle = fmt::format("{} → {}", document.before, document.after)},
                  {}, out);
  return out;
}

std::string side_name(const std::vector<std::string>& operands, const Profiles& profiles) {
  return profiles.count == 1 ? operands[0] : fmt::format("{} ({})", operands[0], counted(profiles.count, "profile"));
}

int run(const Invocation& invocation) {
  Sides sides;
  if (!split_sides(invocation.operands, sides)) return kUsage;
  double most_growth = 0;
  if (invocation.has("fail-on-growth")) {
    const auto percent = parse_percent(invocation.get("fail-on-growth"));
    if (!percent) {
      print_error(fmt::format("--fail-on-growth {}: not a percentage", invocation.get("fail-on-growth")));
      return kUsage;
    }
    most_growth = *percent;
  }
  const auto rows = parse_decimal(invocation.has("rows") ? invocation.get("rows") : "20");
  if (!rows) {
    print_error(fmt::format("--rows {}: not a number", invocation.get("rows")));
    return kUsage;
  }
  Stats stats;
  model::Incident incident;
  const auto before = load_profiles(invocation, sides.before, {}, incident, stats);
  if (!before) return kUsage;
  const auto after = load_profiles(invocation, sides.after, {}, incident, stats);
  if (!after) return kUsage;
  if (!before->sum || !after->sum) return std::max(exit_for_profiles(before->sum ? *after : *before, incident), 2);
  const std::string sample_index = invocation.get("sample-index");
  const auto diff =
      analyze::diff(*before->sum, *after->sum, {.sample_index = sample_index, .normalize = invocation.has("normalize")},
                    incident.symbols);
  if (!diff) {
    print_error(message(diff.error()));
    return kUsage;
  }
  const std::string output = invocation.has("output") ? invocation.get("output") : "-";
  const render::DiffDocument document{.diff = *diff,
                                      .symbols = incident.symbols,
                                      .before = side_name(sides.before, *before),
                                      .after = side_name(sides.after, *after),
                                      .most_rows = static_cast<std::size_t>(*rows)};
  const auto out = document_of(invocation, document, incident.symbols);
  if (!out || !write_output(output, *out)) return kUsage;
  print_stats(invocation, stats);
  const int inputs = exit_for_profiles(*after, incident);
  const bool failed = invocation.has("fail-on-growth") && regressed(*diff, most_growth, incident.symbols);
  return inputs == kDone && failed ? int{kFindings} : inputs;
}

}  // namespace

constinit const Command kDiff{
    .name = "diff",
    .summary = "say what changed between two profiles, in both directions",
    .operands = "BEFORE... -- AFTER...",
    .description =
        "Compares two profiles, or two groups of them, function by function and stack by stack. Shares are signed and "
        "of the total before; new and vanished stacks are shown as such; every table sums to the change of the total. "
        "Functions are joined by their canonical names, so that two versions of Go meet.",
    .flags = kFlags,
    .examples = kExamples,
    .needs_operand = true,
    .run = run,
};

}  // namespace gopsy::cli
