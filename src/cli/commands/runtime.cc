#include <algorithm>
#include <array>
#include <optional>

#include "base/format.h"
#include "base/text.h"
#include "base/units.h"
#include "cli/catalog.h"
#include "cli/inputs.h"
#include "cli/terminal.h"
#include "render/runtime/runtime_report.h"

namespace gopsy::cli {
namespace {

constexpr std::array kFlags{
    Flag{"--json", "", "all figures as one object"},
    Flag{"--output,-o", "FILE", "where to (default: stdout); .json implies --json, .svg draws a chart over time"},
    Flag{"--run", "N",
         "of a log in which the process started again: only that run (default: all; a chart: the longest)"},
    Flag{"--memory-limit", "SIZE", "GOMEMLIMIT as the process had it (512MiB), if the log does not spell it out"},
    GOPSY_INPUT_FLAGS,
};

constexpr std::array kExamples{
    Example{"GODEBUG=gctrace=1,schedtrace=1000 ./server 2>&1 | gopsy runtime -", "a process that runs"},
    Example{"gopsy runtime app.log -o gc.svg", "heap, CPU share, pauses and run queues over time"},
    Example{"gopsy runtime app.log --memory-limit 512MiB", "how near the heap has come to its limit"},
    Example{"gopsy runtime app.log --json | jq '.runs[0].gc.pauses.p99_ns'", "for scripts"},
};

constexpr std::size_t kMostRuns = 8;

using Documents = std::vector<render::RuntimeDocument>;

std::size_t rows_of(const analyze::RuntimeRun& run) {
  return run.cycles.size() + run.samples.size() + run.scavenges.size() + run.inits.size();
}

// False, and a message on stderr, for a flag that makes no sense.
bool number_flag(const Invocation& invocation, std::string_view flag, std::string_view form,
                 std::optional<std::uint64_t> (*parse)(std::string_view), std::optional<std::uint64_t>& value) {
  if (!invocation.has(flag)) return true;
  value = parse(invocation.get(flag));
  if (value) return true;
  print_error(fmt::format("--{} {}: write {}", flag, invocation.get(flag), form));
  return false;
}

// What would have to be set for the lines that are not there.
std::string settings_missing(const Documents& documents) {
  const auto lacks = [&](const auto& has) { return std::ranges::none_of(documents, has); };
  std::vector<std::string> settings;
  if (lacks([](const auto& d) { return d.gc.has_value(); })) settings.emplace_back("gctrace=1 (collector)");
  if (lacks([](const auto& d) { return d.scheduler.has_value(); }))
    settings.emplace_back("schedtrace=1000 (scheduler)");
  if (lacks([](const auto& d) { return d.scavenges.has_value(); })) settings.emplace_back("scavtrace=1 (scavenger)");
  if (lacks([](const auto& d) { return d.inits.has_value(); })) settings.emplace_back("inittrace=1 (start)");
  return join(settings, ", ");
}

std::string text_of(const Documents& documents, const model::Symbols& symbols, bool bars) {
  std::string out;
  // Of a process that starts again and again, the last runs say most.
  const std::size_t hidden = documents.size() - std::min(kMostRuns, documents.size());
  if (hidden != 0) out += fmt::format("{} before these are left out; --run N shows one\n\n", counted(hidden, "run"));
  for (std::size_t i = hidden; i < documents.size(); ++i) {
    if (i != hidden) out += '\n';
    out += render::runtime_text(documents[i], symbols, {.bars = bars});
  }
  if (const std::string missing = settings_missing(documents); !missing.empty())
    out += fmt::format("\nNot in this evidence; GODEBUG makes it: {}\n", missing);
  return out;
}

Documents documents_of(const model::Incident& incident, std::optional<std::uint64_t> run,
                       std::optional<std::uint64_t> limit) {
  Documents documents;
  for (auto& each : analyze::runtime_runs(incident))
    if (rows_of(each) != 0 && (!run || each.number + 1 == *run))
      documents.push_back(render::runtime_document(std::move(each), incident.symbols, limit.value_or(0)));
  return documents;
}

int nothing_there(const model::Incident& incident, std::optional<std::uint64_t> run) {
  const int inputs = exit_for_inputs(incident);
  if (inputs == kUsage) return inputs;
  if (run && !documents_of(incident, std::nullopt, std::nullopt).empty()) {
    print_error(fmt::format("--run {}: there is no such run", *run));
    return kUsage;
  }
  print_error(
      "no line of GODEBUG in it. Start the process with GODEBUG=gctrace=1,schedtrace=1000 (a line a collection, a "
      "line a second; scheddetail=1, scavtrace=1 and inittrace=1 add to them) and keep its stderr");
  return kInconclusive;
}

int run(const Invocation& invocation) {
  std::optional<std::uint64_t> limit;
  std::optional<std::uint64_t> number;
  if (!number_flag(invocation, "memory-limit", "it as GOMEMLIMIT is written: 512MiB, 2GiB, or bytes",
                   analyze::parse_memory_limit, limit) ||
      !number_flag(invocation, "run", "the number of a run, from 1", parse_decimal, number))
    return kUsage;
  Stats stats;
  model::Incident incident;
  if (!load_inputs(invocation, incident, stats)) return kUsage;
  for (const auto& row : incident.unreadable) print_error(fmt::format("{}: {}", row.path, row.message));
  const Documents documents = documents_of(incident, number, limit);
  if (documents.empty()) return nothing_there(incident, number);
  const std::string output = invocation.has("output") ? invocation.get("output") : "-";
  std::string out;
  {
    Stats::Timer timer(stats, "render");
    if (invocation.has("json") || output.ends_with(".json")) {
      out = render::runtime_json(documents, incident.symbols);
    } else if (output.ends_with(".svg")) {
      const auto most =
          std::ranges::max_element(documents, {}, [](const auto& document) { return rows_of(document.run); });
      if (!most->gc && !most->scheduler) {
        print_error("a chart needs lines of gctrace=1 or schedtrace=1000; this evidence has others only");
        return kInconclusive;
      }
      out = render::runtime_svg(*most);
    } else {
      out = text_of(documents, incident.symbols, output == "-" && stdout_is_terminal());
    }
  }
  if (!write_output(output, out)) return kUsage;
  print_stats(invocation, stats);
  return exit_for_inputs(incident);
}

}  // namespace

constinit const Command kRuntime{
    .name = "runtime",
    .summary = "say what the lines of GODEBUG=gctrace, schedtrace, scavtrace and inittrace mean",
    .operands = "WHAT...",
    .description =
        "Finds the lines that the Go runtime writes under GODEBUG between those of a log (Go 1.10 to 1.27) and adds "
        "them up for each run of the process: the collector's share of the CPUs, pauses, allocation, the trend of the "
        "live heap and its distance from GOMEMLIMIT; run queues, idle CPUs and starvation; memory returned to the "
        "system; the packages that took longest to initialise.",
    .flags = kFlags,
    .examples = kExamples,
    .needs_operand = true,
    .run = run,
};

}  // namespace gopsy::cli
