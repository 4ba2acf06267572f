#include <array>

#include "app/heap.h"
#include "base/format.h"
#include "base/text.h"
#include "cli/catalog.h"
#include "cli/terminal.h"

namespace gopsy::cli {
namespace {

constexpr std::array kFlags{
    Flag{"--exe", "FILE", "the program's executable, if it is not where the process had it"},
    Flag{"--limit,-n", "N", "rows of each table (default: 15; 0: all)"},
    Flag{"--json", "", "all figures as one object"},
};

constexpr std::array kExamples{
    Example{"gopsy heap core.4242", "what was on the heap of a process that died"},
    Example{"gopsy heap 4242", "the same of one that runs; it is not stopped"},
    Example{"gopsy snapshot -p 4242 -o a.core; sleep 600; gopsy heap a.core 4242", "what grew in ten minutes"},
    Example{"gopsy heap 4242 --json | jq '.types[0]'", "for scripts"},
};

constexpr std::size_t kRows = 15;
constexpr std::size_t kLargest = 100;

int run(const Invocation& invocation) {
  render::HeapReport report{.process = {}, .before = {}, .growth = {}, .rows = kRows};
  if (invocation.operands.size() > 2) {
    print_error("it needs one core or process, or two of one program: the earlier first");
    return kUsage;
  }
  if (invocation.has("limit")) {
    const auto rows = parse_decimal(invocation.get("limit"));
    if (!rows) {
      print_error(fmt::format("--limit {}: write a number", invocation.get("limit")));
      return kUsage;
    }
    report.rows = *rows;
  }
  for (const std::string& name : invocation.operands) {
    auto heap = app::read_heap(name, invocation.get("exe"), kLargest);
    if (!heap) {
      print_error(fmt::format("{}: {}", name, heap.error()));
      return kUsage;
    }
    if (&name != &invocation.operands.front()) report.before = std::move(report.process);
    report.process = *std::move(heap);
  }
  if (report.before) report.growth = analyze::census_growth(report.before->census, report.process.census);
  print(invocation.has("json") ? render::heap_json(report) : render::heap_text(report));
  return kDone;
}

}  // namespace

constinit const Command kHeap{
    .name = "heap",
    .summary = "count what is on the heap of a core or a living process",
    .operands = "CORE|PID [CORE|PID]",
    .description =
        "Counts the objects on a Go heap by size, by type (of those that the runtime keeps a type for) and one by one "
        "if "
        "they are large, from the runtime's own books: no symbols, no stop, no change to the program. Of two, says "
        "what "
        "grew from the first to the second. See docs/heap.md.",
    .flags = kFlags,
    .examples = kExamples,
    .needs_operand = true,
    .run = run,
};

}  // namespace gopsy::cli
