#include "cli/parse.h"

// The one place that pays for CLI11's 5 seconds of compile time.
#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/text.h"

namespace gopsy::cli {
namespace {

const std::string kBetweenSides = "\x01--";  // no file is called so

// "--output,-o" as CLI11 wants it ("-o,--output" in any order), and the key the values are kept under.
std::string key_of(std::string_view name) {
  const std::string_view first = name.substr(0, name.find(','));
  return std::string(first.substr(first.find_first_not_of('-')));
}

// "-d=parsed", as Go's own tools have it, is "-d parsed".
std::vector<std::string> split_short_flags(const Command& command, const std::vector<std::string>& words) {
  std::vector<std::string> out;
  for (const std::string& word : words) {
    const std::string flag = word.substr(0, 2);
    const bool is_short = std::ranges::any_of(
        command.flags, [&flag](const Flag& row) { return !row.value.empty() && row.name.ends_with("," + flag); });
    if (is_short && word.size() > 2 && word[2] == '=') {
      out.push_back(flag);
      out.push_back(word.substr(3));
    } else {
      out.push_back(word);
    }
  }
  return out;
}

std::vector<std::string> choices_of(std::string_view choices) {
  std::vector<std::string> words;
  for (const auto word : split(choices, '|')) words.emplace_back(word);
  return words;
}

}  // namespace

std::expected<Invocation, std::string> parse(const Command& command, const std::vector<std::string>& words) {
  CLI::App app{std::string(command.summary), std::string(command.name)};
  app.set_help_flag();
  Invocation invocation;
  std::map<std::string, std::string> values;
  for (const Flag& flag : command.flags) {
    std::string& target = values[key_of(flag.name)];
    auto* option = flag.value.empty() ? app.add_flag(std::string(flag.name), target)
                                      : app.add_option(std::string(flag.name), target);
    if (!flag.value.empty()) option->take_last();
    if (!flag.choices.empty()) option->check(CLI::IsMember(choices_of(flag.choices)));
  }
  app.add_option("operands", invocation.operands);
  // CLI11 takes "--" for the end of the flags and drops it; for a command with two sides it stands between them.
  const bool has_sides = command.operands.contains(" -- ");
  try {
    std::vector<std::string> reversed = split_short_flags(command, words);
    std::ranges::reverse(reversed);
    if (has_sides) std::ranges::replace(reversed, std::string("--"), kBetweenSides);
    app.parse(reversed);
  } catch (const CLI::ParseError& error) {
    return std::unexpected(std::string(error.what()));
  }
  std::ranges::replace(invocation.operands, kBetweenSides, std::string("--"));
  for (const Flag& flag : command.flags) {
    const std::string long_name(flag.name.substr(0, flag.name.find(',')));
    if (app.get_option(long_name)->count() > 0) invocation.values[key_of(flag.name)] = values[key_of(flag.name)];
  }
  if (command.needs_operand && invocation.operands.empty() && !invocation.has("pid"))
    return std::unexpected("it needs " + std::string(command.operands) + ": a file, a folder, or - for standard input");
  return invocation;
}

}  // namespace gopsy::cli
