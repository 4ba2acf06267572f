#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/evidence.h"

namespace gopsy::rules {

class Inquiry;

enum class Severity : std::uint8_t { Info, Warning, Critical };

std::string_view name_of(Severity severity);

/// One thing that can be looked up: a line of a log, a goroutine, a value of a profile.
struct Exhibit {
  std::string text;
  std::string path;             ///< of the input it stands in
  std::uint32_t line = 0;       ///< 0 where lines mean nothing
  std::uint64_t goroutine = 0;  ///< 0 where there is none
};

/// What is wrong, and all that a reader needs to believe it and to act.
struct Finding {
  std::string_view id;
  Severity severity = Severity::Critical;  ///< the rule's own, or less where its `run` says so
  double confidence = 0;                   ///< 0 to 1
  std::string title;                       ///< one line
  std::string why;                         ///< how it follows from the evidence
  std::vector<Exhibit> evidence;
  std::string confirm;  ///< what would confirm or refute it
  std::string fix;
  std::string next;  ///< the command to type now
};

/// One diagnosis: a row of the registry. Its page is docs/rules/ID.md.
struct Rule {
  std::string_view id;
  Severity severity;
  std::string_view summary;  ///< what it says, as in `gopsy rules`

  /// Appends its findings, in the order of the evidence.
  void (*run)(Inquiry& inquiry, std::vector<Finding>& findings);
};

/// All rules, in the order `gopsy rules` lists them.
std::span<const Rule* const> rules();

const Rule* find_rule(std::string_view id);

/// Runs every rule; ranked by severity, then confidence, then the order of the evidence.
std::vector<Finding> diagnose(model::Incident& incident);

}  // namespace gopsy::rules
