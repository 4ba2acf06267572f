#include "app/pprof/reporting.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <utility>

#include "analyze/pprof/aggregate.h"
#include "analyze/pprof/filters.h"
#include "analyze/pprof/labels.h"
#include "analyze/pprof/paths.h"
#include "app/pprof/disassembly.h"
#include "app/pprof/sources.h"
#include "base/format.h"
#include "base/text.h"
#include "render/pprof/report.h"

namespace gopsy::pprof {
namespace {

using Failed = std::unexpected<std::string>;

// What a command asks of the settings. Reports of one function show all of it, so nothing is trimmed away before.
void override_settings(std::string_view command, const Format& format, Config& config) {
  bool trim = config.trim;
  if (command == "disasm") {
    trim = false;
    config.granularity = "addresses";
    // One place an address: inlined callers would count it again.
    config.noinlines = true;
  } else if (command == "weblist") {
    trim = false;
    config.granularity = "addresses";
    config.noinlines = false;
  } else if (command == "peek") {
    trim = false;
  } else if (command == "list") {
    trim = false;
    config.granularity = "lines";
  } else if (config.nodecount == -1) {
    config.nodecount = command == "top" || command == "text" || command == "topproto" ? 0 : 80;
  }
  if (format.exact) {
    trim = false;
    config.granularity = "addresses";
  }
  if (!trim) {
    config.nodecount = 0;
    config.nodefraction = 0;
    config.edgefraction = 0;
  }
}

std::vector<std::string_view> keys_of(std::string_view list) {
  std::vector<std::string_view> keys;
  for (const std::string_view key : split(list, ','))
    if (!key.empty()) keys.push_back(key);
  return keys;
}

void warn_if_none(bool matched, std::string_view option, const Notice& notice) {
  if (!matched) notice(std::string(option) + " expression matched no samples");
}

// The expressions of the settings, compiled in pprof's order: the first wrong one is the error.
class Expressions {
 public:
  const RE2* compile(std::string_view option, const std::string& text) {
    if (text.empty() || !error_.empty()) return nullptr;
    auto expression = std::make_unique<RE2>(text, RE2::Quiet);
    if (!expression->ok()) {
      error_ = fmt::format("parsing {} regexp: error parsing regexp: {}", option, expression->error());
      return nullptr;
    }
    kept_.push_back(std::move(expression));
    return kept_.back().get();
  }
  [[nodiscard]] const std::string& error() const { return error_; }

 private:
  std::vector<std::unique_ptr<RE2>> kept_;
  std::string error_;
};

std::expected<void, std::string> apply_filters(model::Profile& profile, const model::Symbols& symbols,
                                               const LabelUnits& units, const Config& config, const Notice& notice) {
  Expressions expressions;
  const RE2* focus = expressions.compile("focus", config.focus);
  const RE2* ignore = expressions.compile("ignore", config.ignore);
  const RE2* hide = expressions.compile("hide", config.hide);
  const RE2* show = expressions.compile("show", config.show);
  const RE2* from = expressions.compile("show_from", config.show_from);
  if (!expressions.error().empty()) return Failed(expressions.error());
  std::string ranges;
  const auto tag_focus = tag_filter("tagfocus", config.tagfocus, profile, symbols, units, ranges);
  if (!tag_focus) return Failed(tag_focus.error());
  if (!ranges.empty()) notice(std::exchange(ranges, {}));
  const auto tag_ignore = tag_filter("tagignore", config.tagignore, profile, symbols, units, ranges);
  if (!tag_ignore) return Failed(tag_ignore.error());
  if (!ranges.empty()) notice(ranges);
  const RE2* prune = expressions.compile("prune_from", config.prune_from);
  if (!expressions.error().empty()) return Failed(expressions.error());

  const NameMatches names = filter_by_name(profile, focus, ignore, hide, show, symbols);
  warn_if_none(focus == nullptr || names.focus, "Focus", notice);
  warn_if_none(ignore == nullptr || names.ignore, "Ignore", notice);
  warn_if_none(hide == nullptr || names.hide, "Hide", notice);
  warn_if_none(show == nullptr || names.show, "Show", notice);
  if (from != nullptr) warn_if_none(show_from(profile, *from, symbols), "ShowFrom", notice);
  const TagMatches tags = filter_by_tag(profile, *tag_focus, *tag_ignore);
  warn_if_none(config.tagfocus.empty() || tags.focus, "TagFocus", notice);
  warn_if_none(config.tagignore.empty() || tags.ignore, "TagIgnore", notice);
  const RE2* tag_show = expressions.compile("tagshow", config.tagshow);
  const RE2* tag_hide = expressions.compile("taghide", config.taghide);
  if (tag_show != nullptr || tag_hide != nullptr) {
    const auto [shown, hidden] = filter_tags(profile, tag_show, tag_hide, symbols);
    warn_if_none(tag_show == nullptr || shown, "TagShow", notice);
    warn_if_none(tag_hide == nullptr || hidden, "TagHide", notice);
  }
  if (prune != nullptr) prune_from(profile, *prune, symbols);
  if (!expressions.error().empty()) return Failed(expressions.error());
  return {};
}

std::vector<std::string> active_filters(const Config& config) {
  std::vector<std::string> filters;
  const auto add = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) filters.push_back(fmt::format("{}={}", name, value));
  };
  add("focus", config.focus);
  add("ignore", config.ignore);
  add("hide", config.hide);
  add("show", config.show);
  add("show_from", config.show_from);
  add("tagfocus", config.tagfocus);
  add("tagignore", config.tagignore);
  add("tagshow", config.tagshow);
  add("taghide", config.taghide);
  return filters;
}

std::expected<void, std::string> set_options(Report& report, const Config& config) {
  const auto column = column_of(report.profile, config.sample_index, report.symbols);
  if (!column) return Failed(column.error());
  if (config.divide_by == 0) return Failed("zero divisor specified");
  const auto& type = report.profile.types[*column];
  report.column = *column;
  report.mean = config.mean;
  report.sample_type = (config.mean ? "mean_" : "") + std::string(report.symbols.text(type.type));
  report.sample_unit = report.symbols.text(type.unit);
  report.unit = config.unit;
  report.by_cum = config.sort == "cum";
  report.call_tree = config.call_tree;
  report.drop_negative = config.drop_negative;
  report.compact_labels = config.compact_labels;
  report.intel_syntax = config.intel_syntax;
  report.ratio = 1 / config.divide_by;
  report.filters = active_filters(config);
  report.node_count = config.nodecount > 0 ? static_cast<std::size_t>(config.nodecount) : 0;
  report.node_fraction = config.nodefraction;
  report.edge_fraction = config.edgefraction;
  report.source_path = config.source_path;
  report.trim_path = config.trim_path;
  report.source = source_finder(config.source_path, config.trim_path);
  if (!report.profile.mappings.empty() && report.profile.mappings[0].file)
    report.title = base_name(report.symbols.text(report.profile.mappings[0].file));
  report.total = total_of(report.profile, report.column, report.mean, report.symbols);
  return {};
}

std::string_view format_name(std::string_view command) {
  if (command == "text") return "top";
  if (command == "kcachegrind") return "callgrind";
  constexpr std::array<std::string_view, 10> kDrawings{"svg", "png", "gif",    "pdf", "ps",
                                                       "web", "eog", "evince", "gv",  "dot"};
  return std::ranges::find(kDrawings, command) != kDrawings.end() ? "dot" : command;
}

}  // namespace

std::expected<std::size_t, std::string> column_of(const model::Profile& profile, const std::string& index,
                                                  const model::Symbols& symbols) {
  if (profile.types.empty()) return Failed("profile has no samples");
  if (index.empty()) return profile.default_column();
  long number = 0;
  const char* begin = index.data() + (index.starts_with('+') ? 1 : 0);
  const auto parsed = std::from_chars(begin, index.data() + index.size(), number);
  if (parsed.ec == std::errc() && parsed.ptr == index.data() + index.size()) {
    if (number < 0 || static_cast<std::size_t>(number) >= profile.types.size()) {
      return Failed(fmt::format("sample_index {} is outside the range [0..{}]", index, profile.types.size() - 1));
    }
    return static_cast<std::size_t>(number);
  }
  // The profiles of old had "space" and "objects".
  const std::string_view without = index.starts_with("inuse_") ? std::string_view(index).substr(6) : index;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < profile.types.size(); ++i) {
    const std::string_view type = symbols.text(profile.types[i].type);
    if (type == index || type == without) return i;
    names.emplace_back(type);
  }
  return Failed(fmt::format("sample_index \"{}\" must be one of: [{}]", index, join(names, " ")));
}

std::vector<std::string> heading(model::Profile& profile, model::Symbols& symbols, const Config& config) {
  Report report{.profile = profile, .symbols = symbols, .format = *find_format("top")};
  if (!set_options(report, config)) return {};
  return profile_labels(report);
}

std::expected<std::string, std::string> make_report(model::Profile profile, model::Symbols& symbols,
                                                    const std::vector<std::string>& command, Config config,
                                                    const Notice& notice, Notice drain) {
  const Format* format = find_format(format_name(command[0]));
  if (format == nullptr) return Failed("unexpected command " + command[0]);
  Report report{.profile = profile, .symbols = symbols, .format = *format};
  report.drain = std::move(drain);
  report.label_units = label_units(profile, symbols);
  for (const std::string& warning : report.label_units.warnings) notice(warning);
  override_settings(command[0], *format, config);
  const auto [root, leaf] =
      add_label_frames(profile, keys_of(config.tagroot), keys_of(config.tagleaf), config.unit, symbols);
  warn_if_none(config.tagroot.empty() || root, "TagRoot", notice);
  warn_if_none(config.tagleaf.empty() || leaf, "TagLeaf", notice);

  if (config.relative_percentages) {
    if (auto filtered = apply_filters(profile, symbols, report.label_units, config, notice); !filtered)
      return Failed(filtered.error());
  }
  if (auto set = set_options(report, config); !set) return Failed(set.error());
  if (command.size() > 1) {
    report.symbol_text = command[1];
    report.symbol = std::make_shared<RE2>(command[1], RE2::Quiet);
    if (!report.symbol->ok()) {
      return Failed(
          fmt::format("parsing argument regexp {}: error parsing regexp: {}", command[1], report.symbol->error()));
    }
  }
  if (!config.relative_percentages) {
    if (auto filtered = apply_filters(profile, symbols, report.label_units, config, notice); !filtered)
      return Failed(filtered.error());
  }
  if (!aggregate(profile, config)) return Failed("unexpected granularity");
  const auto code = disassembler(profile, symbols);
  report.disassembler = code.get();
  return format->write(report);
}

}  // namespace gopsy::pprof
