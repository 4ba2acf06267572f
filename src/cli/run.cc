#include <algorithm>
#include <array>
#include <cstdio>

#include "base/format.h"
#include "cli/catalog.h"
#include "cli/help.h"
#include "cli/parse.h"
#include "cli/terminal.h"
#include "cli/version.h"

namespace gopsy::cli {
namespace {

#define GOPSY_COMMAND_ADDRESS(name) &name,
constexpr std::array kCommands{GOPSY_COMMANDS(GOPSY_COMMAND_ADDRESS)};
#undef GOPSY_COMMAND_ADDRESS

bool asks_for_help(const std::vector<std::string>& words) {
  const auto end = std::ranges::find(words, "--");
  return std::any_of(words.begin(), end, [](const std::string& word) { return word == "--help" || word == "-h"; });
}

int run_command(const Command& command, const std::vector<std::string>& words) {
  if (asks_for_help(words)) {
    print(help_of(command));
    return kDone;
  }
  if (command.run_raw != nullptr) return command.run_raw(words);
  const auto invocation = parse(command, words);
  if (!invocation) {
    print_error(fmt::format("{}: {}; `gopsy help {}` explains", command.name, invocation.error(), command.name));
    return kUsage;
  }
  return command.run(*invocation);
}

}  // namespace

std::span<const Command* const> commands() { return kCommands; }

const Command* find_command(std::string_view name) {
  const auto found = std::ranges::find(kCommands, name, [](const Command* command) { return command->name; });
  return found == kCommands.end() ? nullptr : *found;
}

int run(const std::vector<std::string>& args) {
  int code = kUsage;
  if (args.empty()) {
    std::fputs(overview().c_str(), stderr);
  } else if (args[0] == "--version" || args[0] == "version") {
    print(fmt::format("gopsy {}\n", kVersion));
    code = kDone;
  } else if (args[0] == "--help" || args[0] == "-h") {
    print(overview());
    code = kDone;
  } else if (const auto* command = find_command(args[0])) {
    code = run_command(*command, {args.begin() + 1, args.end()});
  } else {
    print_error(unknown_command(args[0]));
  }
  // A full disk or a closed pipe shows only when the buffer is flushed.
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    print_error("standard output: cannot be written");
    return kUsage;
  }
  return code;
}

}  // namespace gopsy::cli
