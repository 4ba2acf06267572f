#include "app/race_baseline.h"

#include <algorithm>

#include "base/format.h"
#include "base/text.h"

namespace gopsy::app {
namespace {

std::string function_of(const analyze::RaceSide& side, const model::Symbols& symbols) {
  const auto* frame = side.nearest();
  if (frame != nullptr) return printable(model::canonical_function(symbols.text(frame->function)));
  return side.access->main ? "main goroutine" : "?";
}

}  // namespace

std::expected<RaceBaseline, std::string> RaceBaseline::parse(std::string_view text) {
  RaceBaseline baseline;
  LineReader lines(text);
  while (lines.next()) {
    const std::string_view line = trim(lines.line());
    if (line.empty() || line.starts_with('#')) continue;
    const std::string_view word = line.substr(0, line.find_first_of(" \t"));
    const auto fingerprint = word.starts_with("0x") ? std::nullopt : parse_hex(word);
    if (word.size() != 16 || !fingerprint)
      return std::unexpected(
          fmt::format("line {}: {} is no fingerprint; `gopsy race LOG --write-baseline FILE` writes such a file",
                      lines.number(), shorten(printable(word), 40)));
    baseline.known_.insert(*fingerprint);
  }
  return baseline;
}

std::string baseline_text(const std::vector<analyze::Race>& races, const model::Symbols& symbols) {
  std::vector<std::string> rows;
  for (const auto& race : races) {
    const auto& sides = race.front().sides;
    std::vector<std::string> functions{function_of(sides[0], symbols), function_of(sides[1], symbols)};
    std::ranges::sort(functions);
    rows.push_back(fmt::format("{}  race.{:<16}  {} ~ {}\n", analyze::fingerprint_text(race.fingerprint),
                               analyze::name_of(race.kind), functions[0], functions[1]));
  }
  std::ranges::sort(rows, {}, [](const std::string& row) { return std::string_view(row).substr(16); });
  std::string out =
      "# Known data races, for `gopsy race LOG --baseline`. One a line; the first word is what counts.\n"
      "# Delete a line when its race is fixed.\n";
  for (const std::string& row : rows) out += row;
  return out;
}

}  // namespace gopsy::app
