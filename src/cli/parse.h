#pragma once

#include <expected>
#include <string>
#include <vector>

#include "cli/command.h"

namespace gopsy::cli {

/// The words after a command's name against its flags. The error is a sentence for the user.
std::expected<Invocation, std::string> parse(const Command& command, const std::vector<std::string>& words);

}  // namespace gopsy::cli
