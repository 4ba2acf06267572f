#include "cli/pprof/shell.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>

#include "analyze/pprof/labels.h"
#include "app/pprof/settings.h"
#include "base/format.h"
#include "base/text.h"
#include "cli/line_editor.h"
#include "cli/pprof/completion.h"
#include "cli/pprof/output.h"
#include "cli/terminal.h"

namespace gopsy::pprof {
namespace {

constexpr std::string_view kComment = "//:";

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t begin = line.find_first_not_of(" \t\r\v\f", at);
    if (begin == std::string_view::npos) break;
    at = std::min(line.find_first_of(" \t\r\v\f", begin), line.size());
    words.emplace_back(line.substr(begin, at - begin));
  }
  return words;
}

std::optional<int> number_of(std::string_view text) {
  int number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

void add_alternative(std::string& expression, std::string_view more) {
  if (!expression.empty() && !more.empty()) expression += '|';
  expression += more;
}

class Shell {
 public:
  Shell(Session& session, Config config, const Notice& notice)
      : session_(session), config_(std::move(config)), notice_(notice) {
    config_.compact_labels = true;
    shortcuts_[":"] = {"focus=", "ignore=", "hide=", "tagfocus=", "tagignore="};
    for (const std::string& type : session.sample_types()) {
      const std::string choose = "sample_index=" + type;
      shortcuts_[type] = {choose};
      shortcuts_["total_" + type] = {"mean=0", choose};
      shortcuts_["mean_" + type] = {"mean=1", choose};
    }
  }

  void greet() {
    for (const std::string& line : session_.labels(config_)) cli::print(line + "\n");
    cli::print("Entering interactive mode (type \"help\" for commands, \"o\" for options)\n");
  }

  // False once the user wants to leave.
  bool line(std::string_view text) {
    const auto shortcut = shortcuts_.find(trim(text));
    if (shortcut == shortcuts_.end()) return one(trim(text));
    for (const std::string& part : shortcut->second) one(part);
    return true;
  }

 private:
  bool one(std::string_view text) {
    if (assignment(text)) return true;
    const std::vector<std::string> words = words_of(text);
    if (words.empty()) return true;
    const std::string& first = words[0];
    if (first == "exit" || first == "quit" || first == "q") return false;
    if (first == "o" || first == "options") {
      list_settings();
    } else if (first == "help") {
      help(text.substr(4));
    } else {
      command(words);
    }
    return true;
  }

  bool assignment(std::string_view text) {
    const auto equals = text.find('=');
    const std::string_view name = trim(text.substr(0, equals));
    const bool has_value = equals != std::string_view::npos;
    std::string_view value = has_value ? text.substr(equals + 1) : std::string_view();
    if (const auto comment = value.rfind(kComment); comment != std::string_view::npos) value = value.substr(0, comment);
    value = trim(value);
    if (const Setting* choice = setting_with_choice(name)) {
      // "cum=1", "lines=true": the name is the value.
      constexpr std::array<std::string_view, 6> kTrue{"1", "t", "T", "true", "TRUE", "True"};
      if (std::ranges::find(kTrue, value) == kTrue.end()) {
        notice_(fmt::format("unknown config field \"{}\"", name));
      } else {
        set(config_, *choice, name);
      }
      return true;
    }
    const Setting* setting = find_setting(name);
    if (setting == nullptr) return false;
    if (!has_value && !is_switch(*setting)) {
      notice_(fmt::format("please specify a value, e.g. {}=<val>", name));
      return true;
    }
    std::string error;
    if (name == "sample_index") {
      const auto type = session_.sample_type(std::string(value));
      error = type ? set(config_, *setting, *type) : type.error();
    } else {
      error = set(config_, *setting, value);
    }
    if (!error.empty()) notice_(error);
    return true;
  }

  void list_settings() {
    std::vector<std::string> lines;
    for (const Setting& setting : settings()) {
      if (setting.name == "source_path") continue;
      std::string value = setting_text(config_, setting);
      std::string comment;
      if (!setting.choices.empty()) {
        std::vector<std::string> choices;
        for (const auto word : split(setting.choices, '|')) choices.emplace_back(word);
        std::ranges::sort(choices);
        comment = fmt::format("[{}]", join(choices, " | "));
        if (setting.name == "granularity" && value.empty()) value = "(default)";
      } else if (setting.name == "sample_index") {
        const auto types = session_.sample_types();
        if (value.empty() && !types.empty()) value = types.back();
        comment = fmt::format("[{}]", join(types, " | "));
      } else if (setting.name == "nodecount" && value == "-1") {
        comment = "default";
      } else if (value.empty()) {
        value = "\"\"";
      }
      if (!comment.empty()) comment = fmt::format("{} {}", kComment, comment);
      lines.push_back(fmt::format("  {:<25} = {:<20} {}", setting.name, value, comment));
    }
    std::ranges::sort(lines);
    cli::print(join(lines, "\n") + "\n");
  }

  void help(std::string_view what) {
    what = trim(what);
    if (what.empty()) {
      std::string out = "  Commands:\n";
      for (const ReportName& report : report_names()) out += fmt::format("    {:<16} {}\n", report.name, report.help);
      out += "    o/options        the settings and their values\n    q/quit/exit/^D   leave\n\n  Options:\n";
      for (const Setting& setting : settings()) out += fmt::format("    {:<16} {}\n", setting.name, setting.help);
      out +=
          "\n  :   Clear focus/ignore/hide/tagfocus/tagignore\n\n  type \"help <cmd|option>\" for more information\n";
      cli::print(out);
    } else if (const ReportName* report = find_report(what)) {
      const std::string_view argument = report->takes_expression ? " func_regex" : "";
      cli::print(
          fmt::format("{}{} [n] [focus_regex]* [-ignore_regex]* [-cum] [>file]\n{}\n", what, argument, report->help));
    } else if (const Setting* setting = find_setting(what)) {
      cli::print(fmt::format("{}\n", setting->help));
    } else {
      notice_(fmt::format("Unknown command: {}", what));
    }
  }

  void command(std::vector<std::string> words) {
    std::string name = words[0];
    const ReportName* report = find_report(name);
    if (report == nullptr) {
      // "top10"
      const std::size_t letters = name.find_last_not_of("0123456789") + 1;
      if (letters != 0 && letters != name.size() && (report = find_report(name.substr(0, letters))) != nullptr) {
        words.insert(words.begin() + 1, name.substr(letters));
        name.resize(letters);
      }
    }
    if (report == nullptr) {
      if (find_setting(name) != nullptr) {
        notice_(fmt::format("did you mean: {}={}", name, words.size() > 1 ? words[1] : "<val>"));
      } else {
        notice_(fmt::format("unrecognized command: \"{}\"", name));
      }
      return;
    }
    std::vector<std::string> command{name};
    std::size_t at = 1;
    if (report->takes_expression) {
      if (words.size() < 2) return notice_(fmt::format("command {} requires an argument", name));
      command.push_back(words[at++]);
    }
    Config config = config_;
    if (!options(words, at, name, config)) return;
    auto bytes = session_.report(command, config, notice_);
    if (!bytes) return notice_(bytes.error());
    if (const auto done = deliver(*report, *std::move(bytes), config, notice_); !done) notice_(done.error());
  }

  bool options(const std::vector<std::string>& words, std::size_t at, std::string_view name, Config& config) {
    std::string focus;
    std::string ignore;
    for (; at < words.size(); ++at) {
      const std::string& word = words[at];
      if (const auto number = number_of(word)) {
        config.nodecount = *number;
      } else if (word.starts_with('>')) {
        config.output = word.substr(1);
        if (!config.output.empty()) continue;
        if (++at == words.size()) {
          notice_("unexpected end of line after >");
          return false;
        }
        config.output = words[at];
      } else if (word == "-cum" || word == "--cum") {
        config.sort = "cum";
      } else if (word.starts_with('-')) {
        add_alternative(ignore, std::string_view(word).substr(1));
      } else {
        add_alternative(focus, word);
      }
    }
    const bool tags = name == "tags";
    if (!focus.empty()) (tags ? config.tagfocus : config.focus) = focus;
    if (!ignore.empty()) (tags ? config.tagignore : config.ignore) = ignore;
    if (config.nodecount == -1 && (name == "text" || name == "top")) config.nodecount = 10;
    return true;
  }

  Session& session_;
  Config config_;
  const Notice& notice_;
  std::map<std::string, std::vector<std::string>, std::less<>> shortcuts_;
};

}  // namespace

void run_shell(Session& session, Config config, const Notice& notice) {
  Shell shell(session, std::move(config), notice);
  shell.greet();
  const auto types = session.sample_types();
  const auto functions = [&](std::string_view part) { return session.functions_with(part); };
  cli::LineEditor editor("pprof", "(pprof) ", [&](std::string_view line) { return complete(line, types, functions); });
  while (const auto line = editor.read())
    if (!shell.line(*line)) return;
}

}  // namespace gopsy::pprof
