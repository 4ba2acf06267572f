#include "cli/pprof/flags.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <climits>
#include <fstream>
#include <map>
#include <optional>

#include "app/pprof/settings.h"
#include "base/format.h"
#include "base/text.h"

namespace gopsy::pprof {
namespace {

using Failed = std::unexpected<std::string>;

constexpr std::array kOthers{
    OtherFlag{"base", true, "profile to subtract; may be given several times"},
    OtherFlag{"diff_base", true, "the same, with shares of the base's total"},
    OtherFlag{"symbolize", true, "none, local, fastlocal, remote, force, demangle=..."},
    OtherFlag{"buildid", true, "build id of the main binary, where the profile has none"},
    OtherFlag{"timeout", true, "seconds to wait for a server"},
    OtherFlag{"seconds", true, "seconds to profile a live process"},
    OtherFlag{"add_comment", true, "a comment to add to the profile"},
    OtherFlag{"all_frames", false, "ignore the profile's own drop_frames and keep_frames"},
    OtherFlag{"tools", true, "taken for compatibility: no tools are needed"},
    OtherFlag{"tls_cert", true, "client certificate for fetching, in PEM"},
    OtherFlag{"tls_key", true, "its key"},
    OtherFlag{"tls_ca", true, "certificates to trust"},
    OtherFlag{"inuse_space", false, "-sample_index=inuse_space"},
    OtherFlag{"inuse_objects", false, "-sample_index=inuse_objects"},
    OtherFlag{"alloc_space", false, "-sample_index=alloc_space"},
    OtherFlag{"alloc_objects", false, "-sample_index=alloc_objects"},
    OtherFlag{"contentions", false, "-sample_index=contentions"},
    OtherFlag{"total_delay", false, "-sample_index=delay"},
    OtherFlag{"mean_delay", false, "-sample_index=delay -mean"},
    OtherFlag{"http", true, "serve pages on this address: localhost:6061, or :0 for any port"},
    OtherFlag{"no_browser", false, "with -http: do not open a browser"},
};

// Does the flag stand alone, and may it have a value? Go's flag package decides by its type.
enum class Kind : std::uint8_t { Unknown, Switch, Value };

Kind kind_of(std::string_view name) {
  if (const ReportName* report = find_report(name)) return report->takes_expression ? Kind::Value : Kind::Switch;
  if (const Setting* setting = find_setting(name); setting != nullptr && setting->choices.empty())
    return is_switch(*setting) ? Kind::Switch : Kind::Value;
  if (setting_with_choice(name) != nullptr) return Kind::Switch;
  const auto other = std::ranges::find(kOthers, name, &OtherFlag::name);
  if (other != kOthers.end()) return other->takes_value ? Kind::Value : Kind::Switch;
  return Kind::Unknown;
}

std::optional<bool> go_bool(std::string_view text) {
  for (const std::string_view yes : {"1", "t", "T", "true", "TRUE", "True"})
    if (text == yes) return true;
  for (const std::string_view no : {"0", "f", "F", "false", "FALSE", "False"})
    if (text == no) return false;
  return std::nullopt;
}

// strconv.ParseInt(text, 0, 64) without its underscores: 0x, 0b and 0o say the base, and so does a 0 alone. The shell
// reads numbers in another way.
std::optional<int> go_int(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  int base = 10;
  if (text.size() > 1 && text[0] == '0') {
    const char letter = static_cast<char>(text[1] | 0x20);
    base = letter == 'x' ? 16 : letter == 'b' ? 2 : 8;
    text.remove_prefix(letter == 'x' || letter == 'b' || letter == 'o' ? 2 : 1);
  }
  unsigned magnitude = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), magnitude, base);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || magnitude > INT_MAX) return std::nullopt;
  return negative ? -static_cast<int>(magnitude) : static_cast<int>(magnitude);
}

bool is_elf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::array<char, 4> magic{};
  return file.read(magic.data(), magic.size()) && std::string_view(magic.data(), 4) ==
                                                      "\x7f"
                                                      "ELF";
}

class Parser {
 public:
  std::expected<CommandLine, std::string> parse(const std::vector<std::string>& words) {
    std::size_t at = 0;
    while (at < words.size() && words[at].size() > 1 && words[at].starts_with('-')) {
      if (words[at] == "--") {
        ++at;
        break;
      }
      if (std::string error = flag(words, at); !error.empty()) return Failed(error);
    }
    operands(words, at);
    if (line_.source.sources.empty()) return Failed("no profile source specified");
    if (std::string error = finish(); !error.empty()) return Failed(error);
    return std::move(line_);
  }

 private:
  // Reads the flag at words[at] and moves `at` behind it and its value.
  std::string flag(const std::vector<std::string>& words, std::size_t& at) {
    std::string_view name = std::string_view(words[at]).substr(words[at].starts_with("--") ? 2 : 1);
    if (name.empty() || name.starts_with('-') || name.starts_with('='))
      return fmt::format("bad flag syntax: {}", words[at]);
    std::optional<std::string> value;
    if (const auto equals = name.find('='); equals != std::string_view::npos) {
      value = std::string(name.substr(equals + 1));
      name = name.substr(0, equals);
    }
    ++at;
    switch (kind_of(name)) {
      case Kind::Unknown: return fmt::format("flag provided but not defined: -{}", name);
      case Kind::Switch: {
        const auto on = go_bool(value.value_or("true"));
        if (!on) return fmt::format("invalid boolean value \"{}\" for -{}: parse error", *value, name);
        turn(name, *on);
        return {};
      }
      case Kind::Value:
        if (!value) {
          if (at == words.size()) return fmt::format("flag needs an argument: -{}", name);
          value = words[at++];
        }
        return assign(name, *value);
    }
    return {};
  }

  void turn(std::string_view name, bool on) {
    if (const Setting* setting = find_setting(name); setting != nullptr && is_switch(*setting)) {
      set(line_.config, *setting, on ? "true" : "false");
    } else {
      switches_[std::string(name)] = on;
    }
  }

  std::string assign(std::string_view name, const std::string& value) {
    const auto wrong = [&](std::string_view why) {
      return fmt::format("invalid value \"{}\" for flag -{}: {}", value, name, why);
    };
    const auto assign_number = [&](int& number) {
      const auto parsed = go_int(value);
      if (!parsed) return wrong("parse error");
      number = *parsed;
      return std::string();
    };
    if (const Setting* setting = find_setting(name)) {
      if (const auto* number = std::get_if<int Config::*>(&setting->member))
        return assign_number(line_.config.**number);
      return set(line_.config, *setting, value).empty() ? std::string() : wrong("parse error");
    }
    if (find_report(name) != nullptr) {
      expressions_[std::string(name)] = value;
      return {};
    }
    Source& source = line_.source;
    if (name == "seconds") return assign_number(source.seconds);
    if (name == "timeout") return assign_number(source.timeout);
    const std::map<std::string_view, std::string*> texts{
        {"symbolize", &source.symbolize}, {"buildid", &source.build_id},  {"add_comment", &source.comment},
        {"tools", &source.tools},         {"tls_cert", &source.tls_cert}, {"tls_key", &source.tls_key},
        {"tls_ca", &source.tls_ca},       {"http", &line_.http},
    };
    if (name == "base" || name == "diff_base") {
      if (!value.empty()) (name == "base" ? base_ : diff_base_).push_back(value);
    } else {
      *texts.at(name) = value;
    }
    return {};
  }

  void operands(const std::vector<std::string>& words, std::size_t at) {
    std::vector<std::string> rest(words.begin() + static_cast<std::ptrdiff_t>(at), words.end());
    if (rest.size() > 1 && is_elf(rest[0])) {
      line_.source.executable = rest[0];
      rest.erase(rest.begin());
    }
    line_.source.sources = std::move(rest);
  }

  [[nodiscard]] bool on(std::string_view name) const {
    const auto found = switches_.find(name);
    return found != switches_.end() && found->second;
  }

  std::string finish() {
    if (std::string error = choose(); !error.empty()) return error;
    if (std::string error = find_command(); !error.empty()) return error;
    if (!line_.http.empty() && !line_.command.empty())
      return "-http is not compatible with an output format on the command line";
    line_.opens_browser = !on("no_browser");
    if (line_.http.empty() && !line_.opens_browser) return "-no_browser only makes sense with -http";
    select_column();
    Source& source = line_.source;
    source.all_frames = on("all_frames");
    source.normalize = line_.config.normalize;
    if (!base_.empty() && !diff_base_.empty()) return "-base and -diff_base flags cannot both be specified";
    source.diff_base = !diff_base_.empty();
    source.base = source.diff_base ? diff_base_ : base_;
    if (source.normalize && source.base.empty()) return "must have base profile to normalize by";
    return {};
  }

  // Switches that are values of one setting: at most one of them.
  std::string choose() {
    for (const Setting& setting : settings()) {
      if (setting.choices.empty()) continue;
      std::vector<std::string> chosen;
      for (const auto word : split(setting.choices, '|'))
        if (on(word)) chosen.emplace_back(word);
      if (chosen.size() > 1) return fmt::format("conflicting options set: [{}]", join(chosen, " "));
      if (chosen.size() == 1) set(line_.config, setting, chosen[0]);
    }
    return {};
  }

  std::string find_command() {
    for (const ReportName& report : report_names()) {
      const auto expression = expressions_.find(report.name);
      const bool asked =
          report.takes_expression ? expression != expressions_.end() && !expression->second.empty() : on(report.name);
      if (!asked) continue;
      if (!line_.command.empty()) return "must set at most one output format";
      line_.command = {std::string(report.name)};
      if (report.takes_expression) line_.command.push_back(expression->second);
    }
    return {};
  }

  void select_column() {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kColumns{
        {{"total_delay", "delay"},
         {"mean_delay", "delay"},
         {"contentions", "contentions"},
         {"inuse_space", "inuse_space"},
         {"inuse_objects", "inuse_objects"},
         {"alloc_space", "alloc_space"},
         {"alloc_objects", "alloc_objects"}}};
    for (const auto& [flag, column] : kColumns) {
      if (!on(flag)) continue;
      if (line_.config.sample_index.empty()) {
        line_.config.sample_index = column;
      } else {
        line_.notices.push_back(fmt::format("Multiple value selections, ignoring -{}", flag));
      }
    }
    if (on("mean_delay")) line_.config.mean = true;
  }

  CommandLine line_;
  std::map<std::string, bool, std::less<>> switches_;
  std::map<std::string, std::string, std::less<>> expressions_;
  std::vector<std::string> base_;
  std::vector<std::string> diff_base_;
};

}  // namespace

std::span<const OtherFlag> other_flags() { return kOthers; }

std::expected<CommandLine, std::string> parse_flags(const std::vector<std::string>& words) {
  return Parser().parse(words);
}

}  // namespace gopsy::pprof
