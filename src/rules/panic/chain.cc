#include "rules/panic/chain.h"

#include <algorithm>
#include <span>

namespace gopsy::rules {

std::string chain_text(const Crash& crash) {
  std::vector<std::string> parts;
  const auto& panics = crash.traceback->panics;
  for (const auto& panic : std::span(panics).first(std::min(panics.size(), kLinksShown)))
    parts.push_back(fmt::format("\"{}\"", one_line(crash.name(panic.text), 80)));
  if (parts.size() < panics.size()) parts.push_back(fmt::format("{} more", panics.size() - parts.size()));
  return join(parts, " → ");
}

}  // namespace gopsy::rules
