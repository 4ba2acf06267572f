#pragma once

#include <string>
#include <vector>

namespace gopsy::cli {

/// What the tab key makes of a line: its new text, and what it could go on with where that is not settled.
struct Completion {
  std::string line;
  std::vector<std::string> choices;
};

}  // namespace gopsy::cli
