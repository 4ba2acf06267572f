#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "cli/command.h"

namespace gopsy::cli {

std::string overview();
std::string help_of(const Command& command);

/// The sentence for a command that does not exist, with the nearest that does.
std::string unknown_command(std::string_view name);

/// Single-character edits between two words (Levenshtein).
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace gopsy::cli
