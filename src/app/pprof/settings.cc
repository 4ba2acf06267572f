#include "app/pprof/settings.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "app/pprof/programs.h"
#include "base/format.h"
#include "base/text.h"

namespace gopsy::pprof {
namespace {

constexpr std::array kSettings{
    Setting{"output", &Config::output, "where to write: a file, else standard output"},
    Setting{"call_tree", &Config::call_tree, "every path a node of its own (dot, svg, callgrind)"},
    Setting{"relative_percentages", &Config::relative_percentages, "shares of what the filters leave"},
    Setting{"unit", &Config::unit, "unit of the values: ms, MB, ..., auto, minimum"},
    Setting{"compact_labels", &Config::compact_labels, "no heading about the profile"},
    Setting{"source_path", &Config::source_path, "folders of source files, with colons between"},
    Setting{"trim_path", &Config::trim_path, "prefixes to take off the profile's file names"},
    Setting{"intel_syntax", &Config::intel_syntax, "assembly as Intel writes it"},
    Setting{"mean", &Config::mean, "values divided by the first column, the count"},
    Setting{"sample_index", &Config::sample_index, "column to report: its name, or a number from 0"},
    Setting{"divide_by", &Config::divide_by, "divides all values"},
    Setting{"normalize", &Config::normalize, "scales the profile to the sum of its base"},
    Setting{"sort", &Config::sort, "order of rows: own weight, or with all callees", "cum|flat"},
    Setting{"tagroot", &Config::tagroot, "label keys that become frames at the root"},
    Setting{"tagleaf", &Config::tagleaf, "label keys that become frames at the leaf"},
    Setting{"drop_negative", &Config::drop_negative, "no nodes below zero in a difference"},
    Setting{"nodecount", &Config::nodecount, "most nodes to show (-1: the report's own)"},
    Setting{"nodefraction", &Config::nodefraction, "nodes below this share of the total go"},
    Setting{"edgefraction", &Config::edgefraction, "edges below this share of the total go"},
    Setting{"trim", &Config::trim, "obey nodecount, nodefraction and edgefraction"},
    Setting{"focus", &Config::focus, "only samples with a matching frame"},
    Setting{"ignore", &Config::ignore, "no samples with a matching frame"},
    Setting{"prune_from", &Config::prune_from, "cuts what matching functions call"},
    Setting{"hide", &Config::hide, "leaves matching frames out"},
    Setting{"show", &Config::show, "shows matching frames only"},
    Setting{"show_from", &Config::show_from, "cuts what calls the outermost match"},
    Setting{"tagfocus", &Config::tagfocus, "only samples with matching labels: key=RE, 1kb:4mb"},
    Setting{"tagignore", &Config::tagignore, "no samples with matching labels"},
    Setting{"tagshow", &Config::tagshow, "only labels whose key matches"},
    Setting{"taghide", &Config::taghide, "no labels whose key matches"},
    Setting{"noinlines", &Config::noinlines, "inlined calls count for their caller"},
    Setting{"showcolumns", &Config::showcolumns, "columns beside line numbers"},
    Setting{"granularity", &Config::granularity, "what makes a row one",
            "functions|filefunctions|files|lines|addresses"},
};

constexpr std::array kReports{
    ReportName{"callgrind", "the graph for KCachegrind", false, "callgraph.out"},
    ReportName{"comments", "the comments of the profile"},
    ReportName{"dot", "the call graph as Graphviz text"},
    ReportName{"eog", "the drawn graph in eog", false, "svg", "svg", "eog"},
    ReportName{"evince", "the drawn graph in evince", false, "pdf", "pdf", "evince"},
    ReportName{"disasm", "machine code of matching functions, or of an address, with its values", true},
    ReportName{"flamegraph", "a flame graph that zooms and searches in any browser", false, "svg"},
    ReportName{"gif", "the drawn graph", false, "gif", "gif"},
    ReportName{"gv", "the drawn graph in gv", false, "ps", "ps", "gv"},
    ReportName{"kcachegrind", "the graph in KCachegrind", false, "grind", {}, "kcachegrind|qcachegrind"},
    ReportName{"list", "source lines of matching functions with their values", true},
    ReportName{"pdf", "the drawn graph", false, "pdf", "pdf"},
    ReportName{"peek", "callers and callees of matching functions", true},
    ReportName{"png", "the drawn graph", false, "png", "png"},
    ReportName{"proto", "the profile itself, compressed", false, "pb.gz"},
    ReportName{"ps", "the drawn graph", false, "ps", "ps"},
    ReportName{"raw", "everything in the profile as text"},
    ReportName{"svg", "the drawn graph", false, "svg", "svg"},
    ReportName{"tags", "labels and their weights"},
    ReportName{"text", "the heaviest functions"},
    ReportName{"top", "the heaviest functions"},
    ReportName{"topproto", "the heaviest functions as a profile", false, "pb.gz"},
    ReportName{"traces", "every sample with its stack"},
    ReportName{"tree", "each function with its callers and callees"},
    ReportName{"web", "the drawn graph in a browser", false, "svg", "svg", kBrowsers},
    ReportName{"weblist", "source and machine code of matching functions in a browser", true, "html", {}, kBrowsers},
};

std::optional<bool> truth(std::string_view text) {
  std::string word(text);
  std::ranges::transform(word, word.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  for (const std::string_view yes : {"true", "t", "yes", "y", "1", ""})
    if (word == yes) return true;
  for (const std::string_view no : {"false", "f", "no", "n", "0"})
    if (word == no) return false;
  return std::nullopt;
}

template <class Number>
bool parse_number(std::string_view text, Number& out) {
  if (text.starts_with("+-")) return false;  // from_chars knows a minus, and no plus
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), out);
  return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
}

}  // namespace

std::span<const Setting> settings() { return kSettings; }
std::span<const ReportName> report_names() { return kReports; }

const Setting* find_setting(std::string_view name) {
  const auto found = std::ranges::find(kSettings, name, &Setting::name);
  return found == kSettings.end() ? nullptr : &*found;
}

const Setting* setting_with_choice(std::string_view word) {
  for (const Setting& setting : kSettings) {
    if (setting.choices.empty()) continue;
    const auto words = split(setting.choices, '|');
    if (std::ranges::find(words, word) != words.end()) return &setting;
  }
  return nullptr;
}

const ReportName* find_report(std::string_view name) {
  const auto found = std::ranges::find(kReports, name, &ReportName::name);
  return found == kReports.end() ? nullptr : &*found;
}

bool is_switch(const Setting& setting) { return std::holds_alternative<bool Config::*>(setting.member); }

std::string setting_text(const Config& config, const Setting& setting) {
  if (const auto* flag = std::get_if<bool Config::*>(&setting.member)) return config.**flag ? "true" : "false";
  if (const auto* number = std::get_if<int Config::*>(&setting.member)) return std::to_string(config.**number);
  if (const auto* real = std::get_if<double Config::*>(&setting.member)) return fmt::format("{}", config.**real);
  return config.*std::get<std::string Config::*>(setting.member);
}

std::string set(Config& config, const Setting& setting, std::string_view text) {
  if (const auto* flag = std::get_if<bool Config::*>(&setting.member)) {
    const auto value = truth(text);
    if (!value) return fmt::format("illegal value \"{}\" for bool variable", text);
    config.** flag = *value;
  } else if (const auto* number = std::get_if<int Config::*>(&setting.member)) {
    if (!parse_number(text, config.**number)) return fmt::format("strconv.Atoi: parsing \"{}\": invalid syntax", text);
  } else if (const auto* real = std::get_if<double Config::*>(&setting.member)) {
    if (!parse_number(text, config.**real))
      return fmt::format("strconv.ParseFloat: parsing \"{}\": invalid syntax", text);
  } else {
    if (!setting.choices.empty()) {
      const auto words = split(setting.choices, '|');
      if (std::ranges::find(words, text) == words.end())
        return fmt::format("invalid \"{}\" value \"{}\"", setting.name, text);
    }
    config.*std::get<std::string Config::*>(setting.member) = text;
  }
  return {};
}

}  // namespace gopsy::pprof
