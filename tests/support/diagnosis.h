#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/evidence.h"
#include "rules/rule.h"

namespace gopsy::test {

struct Diagnosis {
  model::Incident incident;
  std::vector<rules::Finding> findings;

  /// The first finding of that rule, or null.
  [[nodiscard]] const rules::Finding* find(std::string_view id) const;

  /// "crash.nil-dereference, evidence.truncated": all findings in order; "nothing" for none.
  [[nodiscard]] std::string ids() const;
};

/// Loads files or folders as `gopsy diagnose` does, and runs every rule. Paths in the result are relative to
/// `root`, so that goldens are the same on every disk.
Diagnosis diagnose_files(const std::vector<std::string>& paths, std::string_view root);

/// The same for a log that stands in the test.
Diagnosis diagnose_text(std::string_view log);

/// A finding for a reader: all that a user would see of it.
std::string finding_text(const rules::Finding& finding);

/// Every word of a finding in one text, to look for words in.
std::string all_words(const std::vector<rules::Finding>& findings);

}  // namespace gopsy::test
