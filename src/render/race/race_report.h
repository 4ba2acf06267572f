#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analyze/races.h"
#include "render/renderer.h"

namespace gopsy::render {

/// The lines of source around one side.
struct RaceExcerpt {
  std::string path;  ///< where it was found; empty: it was not
  std::uint32_t first = 0;
  std::uint32_t racing = 0;
  std::vector<std::string> lines;
};

struct ShownRace {
  const analyze::Race* race = nullptr;
  std::optional<bool> is_new;  ///< nothing without a baseline
  std::array<RaceExcerpt, 2> source;
};

/// Everything `gopsy race` says.
struct RaceDocument {
  std::vector<ShownRace> races;  ///< all that races_of() found, in its order
  const model::Incident& incident;
  std::uint64_t reports = 0;  ///< in all logs, repeats counted
  std::string root;           ///< the folder that SARIF's paths are relative to
  std::string version;        ///< of gopsy
};

/// For people: each race with both sides beside one another (above one another where that is too narrow), who created
/// the goroutines, the racing lines, why, and the fixes compared.
std::string race_text(const RaceDocument& document, const Style& style);

/// One object, see docs/race.md.
std::string race_json(const RaceDocument& document);

/// SARIF 2.1.0: a result a race, a code flow with one thread for each side.
/// Source  docs.oasis-open.org/sarif/sarif/v2.1.0
std::string race_sarif(const RaceDocument& document);

/// "race.map"
std::string rule_of(const analyze::Race& race);

}  // namespace gopsy::render
