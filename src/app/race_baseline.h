#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "analyze/races.h"

namespace gopsy::app {

/// The races that are known: those in it do not fail a build.
///
/// Shape   a line a race: fingerprint, rule, the two functions; `#` starts a comment. Only the fingerprint counts, so a
///         line may be edited, moved or deleted. It holds neither lines nor addresses: it stays when code moves.
class RaceBaseline {
 public:
  /// Errors  the sentence for the user, with the number of the first line that is no race.
  static std::expected<RaceBaseline, std::string> parse(std::string_view text);

  [[nodiscard]] bool knows(const analyze::Race& race) const { return known_.contains(race.fingerprint); }
  [[nodiscard]] std::size_t size() const { return known_.size(); }

 private:
  std::unordered_set<std::uint64_t> known_;
};

/// The file for these races, in the order of their rules and functions.
std::string baseline_text(const std::vector<analyze::Race>& races, const model::Symbols& symbols);

}  // namespace gopsy::app
