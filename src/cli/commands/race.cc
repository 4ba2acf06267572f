#include <algorithm>
#include <array>
#include <filesystem>

#include "app/race_baseline.h"
#include "app/race_sources.h"
#include "base/format.h"
#include "base/text.h"
#include "base/units.h"
#include "cli/catalog.h"
#include "cli/inputs.h"
#include "cli/terminal.h"
#include "cli/version.h"
#include "io/file.h"
#include "render/race/race_report.h"

namespace gopsy::cli {
namespace {

constexpr std::uint32_t kLinesAround = 2;
constexpr std::uint64_t kMostBaselineBytes = std::uint64_t{64} << 20;

constexpr std::array kFlags{
    Flag{"--source", "DIR", "where the sources are, if not at the paths of the report or below the current folder"},
    Flag{"--baseline", "FILE", "the races that are known; exit with 1 if there is another"},
    Flag{"--write-baseline", "FILE", "write the races that are there as such a file"},
    Flag{"--json", "", "print one JSON object (docs/race.md)"},
    Flag{"--sarif", "FILE", "also write SARIF 2.1.0 for code scanning, - is stdout"},
    Flag{"--output,-o", "FILE", "write the report there; .json implies --json, .sarif writes SARIF. Default: stdout"},
    GOPSY_INPUT_FLAGS,
};

constexpr std::array kExamples{
    Example{"go test -race ./... 2>&1 | gopsy race -", "the races of a test run, with their fixes"},
    Example{"gopsy race race.log --source ~/src/shop", "with the racing lines of a tree elsewhere"},
    Example{"gopsy race race.log --write-baseline races.txt", "remember what is known"},
    Example{"gopsy race race.log --baseline races.txt --sarif races.sarif", "a gate for CI: 1 on a new race"},
};

render::RaceExcerpt excerpt_of(const analyze::RaceSide& side, app::RaceSourceFiles& files,
                               const model::Symbols& symbols) {
  const auto* frame = side.nearest();
  const auto* text = frame == nullptr ? nullptr : files.find(*frame, symbols);
  if (text == nullptr) return {};
  render::RaceExcerpt excerpt{.path = text->path, .racing = frame->line};
  excerpt.first = excerpt.racing > kLinesAround ? excerpt.racing - kLinesAround : 1;
  const auto last = std::min<std::size_t>(excerpt.racing + kLinesAround, text->lines.size());
  excerpt.lines.assign(text->lines.begin() + excerpt.first - 1,
                       text->lines.begin() + static_cast<std::ptrdiff_t>(last));
  return excerpt;
}

// The known races, nothing without --baseline; an error is printed.
std::expected<std::optional<app::RaceBaseline>, int> baseline_of(const Invocation& invocation) {
  if (!invocation.has("baseline")) return std::nullopt;
  const std::string path = invocation.get("baseline");
  const auto bytes = io::read_whole(path, kMostBaselineBytes);
  if (!bytes) {
    const Error& error = bytes.error();
    print_error(fmt::format("--baseline {}: {}; --write-baseline makes one", path,
                            error.code == Errc::Io ? errno_text(static_cast<int>(error.a)) : message(error)));
    return std::unexpected(int{kUsage});
  }
  auto baseline = app::RaceBaseline::parse(bytes->view());
  if (baseline) return *std::move(baseline);
  print_error(fmt::format("--baseline {}: {}", path, baseline.error()));
  return std::unexpected(int{kUsage});
}

std::string absolute_root(const Invocation& invocation) {
  std::error_code error;
  const std::string folder = invocation.get("source");
  std::string root = std::filesystem::absolute(folder.empty() ? "." : folder, error).lexically_normal().string();
  while (root.size() > 1 && root.ends_with('/')) root.pop_back();
  if (root.size() > 2 && root.ends_with("/.")) root.resize(root.size() - 2);
  return root;
}

std::string form_of(const Invocation& invocation, const render::RaceDocument& document) {
  const std::string output = invocation.get("output");
  if (output.ends_with(".sarif")) return render::race_sarif(document);
  if (invocation.has("json") || output.ends_with(".json")) return render::race_json(document);
  const bool to_stdout = output.empty() || output == "-";
  return render::race_text(document, {.color = to_stdout && wants_color(), .width = terminal_width()});
}

bool write_forms(const Invocation& invocation, const render::RaceDocument& document,
                 const std::vector<analyze::Race>& races) {
  const std::string output = invocation.has("output") ? invocation.get("output") : "-";
  if (!(invocation.get("sarif") == "-" && output == "-") && !write_output(output, form_of(invocation, document)))
    return false;
  if (invocation.has("sarif") && !write_output(invocation.get("sarif"), render::race_sarif(document))) return false;
  return !invocation.has("write-baseline") ||
         write_output(invocation.get("write-baseline"), app::baseline_text(races, document.incident.symbols));
}

// Says on stderr what decides the exit code. True if a race is new.
bool new_races(const render::RaceDocument& document) {
  const auto fresh =
      std::ranges::count_if(document.races, [](const auto& shown) { return shown.is_new.value_or(false); });
  if (fresh != 0)
    print_error(
        fmt::format("{} not in the baseline", counted(static_cast<std::uint64_t>(fresh), "race is", "races are")));
  return fresh != 0;
}

int run(const Invocation& invocation) {
  const auto baseline = baseline_of(invocation);
  if (!baseline) return baseline.error();
  Stats stats;
  model::Incident incident;
  if (!load_inputs(invocation, incident, stats)) return kUsage;
  for (const auto& row : incident.unreadable) print_error(fmt::format("{}: {}", row.path, row.message));
  std::vector<analyze::Race> races;
  {
    Stats::Timer timer(stats, "races");
    races = analyze::races_of(incident);
  }
  const std::string root = absolute_root(invocation);
  app::RaceSourceFiles files(root);
  app::read_sources(races, files, incident.symbols);
  render::RaceDocument document{.races = {}, .incident = incident, .root = root, .version = std::string(kVersion)};
  for (const auto& race : races) {
    render::ShownRace shown{.race = &race, .is_new = {}, .source = {}};
    if (*baseline) shown.is_new = !(*baseline)->knows(race);
    for (std::size_t i = 0; i < shown.source.size(); ++i)
      shown.source[i] = excerpt_of(race.front().sides[i], files, incident.symbols);
    document.reports += race.times;
    document.races.push_back(std::move(shown));
  }
  if (!write_forms(invocation, document, races)) return kUsage;
  print_stats(invocation, stats);
  const bool failed = new_races(document);
  const int inputs = exit_for_inputs(incident);
  return inputs == kDone && failed ? int{kFindings} : inputs;
}

}  // namespace

constinit const Command kRace{
    .name = "race",
    .summary = "tell the distinct data races of a log, what is shared, and the fixes compared",
    .operands = "LOG...",
    .description =
        "Reads the reports of Go's race detector in logs, in the output of go test and in the files of "
        "GORACE=log_path. "
        "Reports whose two stacks are the same functions are one race, whatever the lines, and whichever side came "
        "first. Each is shown with both sides, who started the goroutines, the racing lines where the sources are at "
        "hand, and the fixes that apply. With --baseline it is a gate: known races pass, a new one exits with 1.",
    .flags = kFlags,
    .examples = kExamples,
    .needs_operand = true,
    .run = run,
};

}  // namespace gopsy::cli
