#include "rules/panic/chain.h"

namespace gopsy::rules {

std::string chain_text(const Crash& crash) {
  std::vector<std::string> parts;
  for (const auto& panic : crash.traceback->panics)
    parts.push_back(fmt::format("\"{}\"", one_line(crash.name(panic.text), 80)));
  return join(parts, " → ");
}

}  // namespace gopsy::rules
