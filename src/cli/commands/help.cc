#include "cli/help.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "cli/catalog.h"
#include "cli/terminal.h"
#include "cli/version.h"

namespace gopsy::cli {
namespace {

constexpr std::array kExamples{Example{"gopsy help diagnose", "flags and examples of a command"}};

// Breaks `text` at blanks so that no line passes 90 columns.
std::string paragraph(std::string_view text) {
  std::string out;
  std::size_t column = 0;
  for (const auto word : split(text, ' ')) {
    if (column != 0 && column + 1 + word.size() > 90) {
      out += '\n';
      column = 0;
    } else if (column != 0) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  return out + "\n";
}

int run(const Invocation& invocation) {
  if (invocation.operands.empty()) {
    print(overview());
    return kDone;
  }
  const auto* command = find_command(invocation.operands.front());
  if (command == nullptr) {
    print_error(unknown_command(invocation.operands.front()));
    return kUsage;
  }
  print(help_of(*command));
  return kDone;
}

}  // namespace

std::string overview() {
  std::string out = fmt::format(
      "gopsy {}: an autopsy and a biopsy for Go services, from panic to flame graph\n\nUsage: gopsy COMMAND [flags] "
      "WHAT...\n\nCommands:\n",
      kVersion);
  for (const auto* command : commands()) out += fmt::format("  {:<12} {}\n", command->name, command->summary);
  out += "\nExamples:\n";
  for (const auto* command : commands()) {
    if (command->needs_operand) out += fmt::format("  {}\n", command->examples.front().line);
  }
  out +=
      "\n`gopsy help COMMAND` has flags and examples. Exit codes: 0 done, 1 findings at or above\n--fail-on, 2 usage "
      "or unreadable input, 3 nothing left to read.\n";
  return out;
}

std::string help_of(const Command& command) {
  std::string out = fmt::format("gopsy {}: {}\n\nUsage: gopsy {}{}{}{}\n\n{}", command.name, command.summary,
                                command.name, command.flags.empty() ? "" : " [flags]",
                                command.operands.empty() ? "" : " ", command.operands, paragraph(command.description));
  if (!command.flags.empty()) out += "\nFlags:\n";
  for (const Flag& flag : command.flags) {
    const auto comma = flag.name.find(',');
    std::string left(flag.name.substr(0, comma));
    if (comma != std::string_view::npos) left = fmt::format("{}, {}", flag.name.substr(comma + 1), left);
    if (!flag.value.empty()) left += fmt::format(" {}", flag.value);
    out += fmt::format("  {:<24} {}{}\n", left, flag.help,
                       flag.choices.empty() ? std::string() : fmt::format(" ({})", flag.choices));
  }
  if (command.details != nullptr) out += "\n" + command.details();
  out += "\nExamples:\n";
  for (const Example& example : command.examples) out += fmt::format("  # {}\n  {}\n", example.what, example.line);
  return out;
}

std::string unknown_command(std::string_view name) {
  const Command* closest = nullptr;
  std::size_t best = 3;
  for (const auto* command : commands()) {
    const std::size_t distance = edit_distance(name, command->name);
    if (distance < best) best = distance, closest = command;
  }
  const std::string guess = closest == nullptr ? std::string("`gopsy --help` lists the commands")
                                               : fmt::format("did you mean {}?", closest->name);
  return fmt::format("{}: no such command; {}", name, guess);
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({substituted, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

constinit const Command kHelp{
    .name = "help",
    .summary = "explain a command",
    .operands = "[COMMAND]",
    .description = "Without a command: the overview.",
    .flags = {},
    .examples = kExamples,
    .run = run,
};

}  // namespace gopsy::cli
