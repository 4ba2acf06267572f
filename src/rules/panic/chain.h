#pragma once

#include <string>

#include "rules/explain.h"

namespace gopsy::rules {

/// The values of a panic chain in one line, oldest first: "first" → "second".
std::string chain_text(const Crash& crash);

}  // namespace gopsy::rules
