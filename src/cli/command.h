#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gopsy::cli {

/// Exit codes of every command (design, section 4).
enum Exit : int { kDone = 0, kFindings = 1, kUsage = 2, kInconclusive = 3 };

/// A flag as data: parser, help and completion read the same row.
struct Flag {
  std::string_view name;   ///< "--fail-on"; short form after a comma: "--output,-o"
  std::string_view value;  ///< what stands for the value in help, "SEVERITY"; empty for a switch
  std::string_view help;
  std::string_view choices = {};  ///< "info|warning|critical": checked, and offered by completion
};

/// What the user typed after the command's name, checked against its flags.
class Invocation {
 public:
  std::vector<std::string> operands;
  std::map<std::string, std::string, std::less<>> values;  ///< by long name without dashes; switches have "true"

  [[nodiscard]] bool has(std::string_view flag) const { return values.contains(flag); }
  [[nodiscard]] std::string get(std::string_view flag) const {
    const auto found = values.find(flag);
    return found == values.end() ? std::string() : found->second;
  }
};

struct Example {
  std::string_view line;
  std::string_view what;
};

/// One command: a row of the table.
struct Command {
  std::string_view name;
  std::string_view summary;      ///< one line, for `gopsy --help`
  std::string_view operands;     ///< "WHAT..."
  std::string_view description;  ///< a paragraph or two
  std::span<const Flag> flags;
  std::span<const Example> examples;
  bool needs_operand = false;
  int (*run)(const Invocation& invocation) = nullptr;
  /// Instead of `run`, for a command whose flags follow rules of their own; `details` then lists them for the help.
  int (*run_raw)(const std::vector<std::string>& words) = nullptr;
  std::string (*details)() = nullptr;
};

/// All commands, in the order the help lists them.
std::span<const Command* const> commands();

const Command* find_command(std::string_view name);

/// Runs `gopsy ARGS...` and returns its exit code. Data goes to stdout, everything else to stderr.
int run(const std::vector<std::string>& args);

}  // namespace gopsy::cli
