#include "rules/race/race_rule.h"

#include <algorithm>

#include "rules/race/words.h"

namespace gopsy::rules {
namespace {

constexpr std::size_t kFramesShown = 6;
constexpr std::size_t kVariantsShown = 4;

Exhibit side_exhibit(const analyze::RaceVariant& variant, const analyze::RaceSide& side,
                     const model::Symbols& symbols) {
  std::string text = fmt::format("{} by {}", operation_of(side, symbols), goroutine_of(side));
  if (side.access->address) text += fmt::format(" at {:#x}", *side.access->address);
  if (side.access->stack.lost) text += ": its stack was not restored";
  std::vector<std::string> places;
  for (const auto& frame : side.frames.first(std::min(side.frames.size(), kFramesShown)))
    places.push_back(at(symbols, frame));
  if (!places.empty()) text += ": " + join(places, " ← ");
  if (side.frames.size() > kFramesShown) text += " ← …";
  return {.text = std::move(text),
          .path = variant.evidence->path,
          .line = side.access->log_line,
          .goroutine = side.access->goroutine};
}

void add_creator(const analyze::RaceVariant& variant, const analyze::RaceSide& side, const model::Symbols& symbols,
                 Finding& finding) {
  if (side.go_statement == nullptr) return;
  finding.evidence.push_back(
      {.text = fmt::format("goroutine {} was created by {}{}", side.access->goroutine, at(symbols, *side.go_statement),
                           side.access->finished ? ", and had finished" : ""),
       .path = variant.evidence->path,
       .line = side.go_statement->log_line,
       .goroutine = side.access->goroutine});
}

void add_other_reports(const analyze::Race& race, Finding& finding) {
  std::size_t shown = 0;
  for (const auto& variant : race.variants) {
    if (&variant == &race.front() || ++shown > kVariantsShown) continue;
    finding.evidence.push_back({.text = "the same two functions, at other lines or the other way round",
                                .path = variant.evidence->path,
                                .line = variant.report->first_line});
  }
}

}  // namespace

Finding about(const analyze::Race& race, const model::Symbols& symbols) {
  Finding finding{.confidence = race.confidence};
  finding.title = title_of(race, symbols);
  finding.why = why_of(race, symbols);
  const auto& variant = race.front();
  for (const auto& side : variant.sides)
    if (side.access->log_line != 0) finding.evidence.push_back(side_exhibit(variant, side, symbols));
  for (const auto& side : variant.sides) add_creator(variant, side, symbols, finding);
  if (!variant.report->test.none())
    finding.evidence.push_back({.text = fmt::format("it failed the test {}", symbols.text(variant.report->test)),
                                .path = variant.evidence->path,
                                .line = variant.report->last_line});
  if (race.times > 1)
    finding.evidence.push_back({.text = fmt::format("reported {}", counted(race.times, "time")),
                                .path = variant.evidence->path,
                                .line = variant.report->first_line});
  add_other_reports(race, finding);
  finding.confirm = confirm_of(race);
  for (const RaceFix& fix : fixes_of(race, symbols)) {
    if (!finding.fix.empty()) finding.fix += " Or ";
    finding.fix += fmt::format("{} ({}): {}.", fix.what, fix.safe, fix.how);
    if (finding.fix.size() > 300) break;
  }
  finding.next = fmt::format("gopsy race {}", shell_word(variant.evidence->path));
  return finding;
}

}  // namespace gopsy::rules
