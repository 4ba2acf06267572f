#include <array>

#include "base/format.h"
#include "base/text.h"
#include "cli/catalog.h"
#include "cli/terminal.h"

namespace gopsy::cli {
namespace {

constexpr std::array kExamples{
    Example{"source <(gopsy completion bash)", "bash, for this shell"},
    Example{"gopsy completion zsh > \"${fpath[1]}/_gopsy\"", "zsh, for good"},
    Example{"gopsy completion fish > ~/.config/fish/completions/gopsy.fish", "fish, for good"},
};

std::string long_name(const Flag& flag) { return std::string(flag.name.substr(0, flag.name.find(','))); }

std::string command_names() {
  std::vector<std::string> names;
  for (const auto* command : commands()) names.emplace_back(command->name);
  return join(names, " ");
}

std::string flag_names(const Command& command) {
  std::vector<std::string> names;
  for (const Flag& flag : command.flags) names.push_back(long_name(flag));
  return join(names, " ");
}

std::string words_of(std::string_view choices) {
  std::string words(choices);
  for (char& c : words)
    if (c == '|') c = ' ';
  return words;
}

std::string bash() {
  std::string out = fmt::format(
      "_gopsy() {{\n  local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}}\n  if [ \"$COMP_CWORD\" "
      "-eq 1 ]; then\n    mapfile -t COMPREPLY < <(compgen -W '{}' -- \"$cur\")\n    return\n  fi\n  case "
      "\"${{COMP_WORDS[1]}} $prev\" in\n",
      command_names());
  for (const auto* command : commands())
    for (const Flag& flag : command->flags)
      if (!flag.choices.empty())
        out += fmt::format("    '{} {}') mapfile -t COMPREPLY < <(compgen -W '{}' -- \"$cur\"); return ;;\n",
                           command->name, long_name(flag), words_of(flag.choices));
  out += "  esac\n  if [[ $cur == -* ]]; then\n    case \"${COMP_WORDS[1]}\" in\n";
  for (const auto* command : commands())
    out += fmt::format("      {}) mapfile -t COMPREPLY < <(compgen -W '{}' -- \"$cur\") ;;\n", command->name,
                       flag_names(*command));
  return out +
         "    esac\n  else\n    mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n  fi\n}\ncomplete -o filenames -F "
         "_gopsy gopsy\n";
}

// Inside zsh's single-quoted '[…]' explanations, brackets, colons and quotes end something.
std::string zsh_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
      continue;
    }
    if (c == '[' || c == ']' || c == ':') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh() {
  std::string out = "#compdef gopsy\n_gopsy() {\n  local -a commands=(\n";
  for (const auto* command : commands()) out += fmt::format("    '{}:{}'\n", command->name, zsh_text(command->summary));
  out += "  )\n  if (( CURRENT == 2 )); then\n    _describe command commands\n    return\n  fi\n  case $words[2] in\n";
  for (const auto* command : commands()) {
    out += fmt::format("    {}) _arguments", command->name);
    for (const Flag& flag : command->flags) {
      const std::string value = flag.value.empty()     ? std::string()
                                : flag.choices.empty() ? fmt::format(":{}:_files", flag.value)
                                                       : fmt::format(":{}:({})", flag.value, words_of(flag.choices));
      out += fmt::format(" '{}[{}]{}'", long_name(flag), zsh_text(flag.help), value);
    }
    out += " '*:file:_files' ;;\n";
  }
  return out + "  esac\n}\ncompdef _gopsy gopsy\n";
}

std::string fish_text(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '\'' || c == '\\' ? std::string{'\\', c} : std::string(1, c);
  return out;
}

std::string fish() {
  std::string out;
  for (const auto* command : commands())
    out += fmt::format("complete -c gopsy -n __fish_use_subcommand -f -a {} -d '{}'\n", command->name,
                       fish_text(command->summary));
  for (const auto* command : commands()) {
    for (const Flag& flag : command->flags) {
      std::string row = fmt::format("complete -c gopsy -n '__fish_seen_subcommand_from {}' -l {}", command->name,
                                    long_name(flag).substr(2));
      if (!flag.value.empty()) row += " -r";
      if (!flag.choices.empty()) row += fmt::format(" -f -a '{}'", words_of(flag.choices));
      out += fmt::format("{} -d '{}'\n", row, fish_text(flag.help));
    }
  }
  return out;
}

int run(const Invocation& invocation) {
  const std::string shell = invocation.operands.empty() ? std::string() : invocation.operands.front();
  if (shell == "bash") {
    print(bash());
  } else if (shell == "zsh") {
    print(zsh());
  } else if (shell == "fish") {
    print(fish());
  } else {
    print_error(fmt::format("completion {}: the shells are bash, zsh and fish", shell));
    return kUsage;
  }
  return kDone;
}

}  // namespace

constinit const Command kCompletion{
    .name = "completion",
    .summary = "print the completion script for a shell",
    .operands = "bash|zsh|fish",
    .description = "Made from the same table as this help, so it knows every command and flag.",
    .flags = {},
    .examples = kExamples,
    .needs_operand = true,
    .run = run,
};

}  // namespace gopsy::cli
