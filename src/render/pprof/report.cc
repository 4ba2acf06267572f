#include "render/pprof/report.h"

#include <algorithm>
#include <array>
#include <ctime>

#include "analyze/pprof/measurement.h"
#include "analyze/pprof/paths.h"
#include "base/format.h"
#include "base/text.h"

namespace gopsy::pprof {
namespace {

#define GOPSY_FORMAT_POINTER(name) &name,
constexpr std::array kFormats{GOPSY_PPROF_FORMATS(GOPSY_FORMAT_POINTER)};
#undef GOPSY_FORMAT_POINTER

bool rescales(double ratio) { return ratio > 0 && ratio != 1; }

std::int64_t graph_total(const Graph& graph) {
  std::int64_t total = 0;
  for (const NodeIndex n : graph.order) total = wrapping_add(total, graph.nodes[n].flat_value());
  return total;
}

// The unit in which the smallest value shown is at least one hundredth.
void choose_unit(Report& report, const Graph& graph) {
  if (report.unit != "minimum" || graph.order.empty()) return;
  std::int64_t least = 0;
  for (const NodeIndex n : graph.order) {
    std::int64_t value = absolute(graph.nodes[n].flat_value());
    if (value == 0) value = absolute(graph.nodes[n].cum_value());
    if (value > 0 && (least == 0 || value < least)) least = value;
  }
  std::int64_t most = report.total;
  if (least == 0) least = most;
  if (rescales(report.ratio)) {
    least = truncated(static_cast<double>(least) * report.ratio);
    most = truncated(static_cast<double>(most) * report.ratio);
  }
  const auto unit_of = [&](std::int64_t value) { return scale(value, report.sample_unit, "minimum").unit; };
  const auto hundred_times = static_cast<std::int64_t>(static_cast<std::uint64_t>(least) * 100);
  std::string unit = unit_of(least);
  // Callgrind has whole numbers only.
  if (unit != unit_of(most) && hundred_times < most && report.format.name != "callgrind") unit = unit_of(hundred_times);
  report.unit = unit.empty() ? report.sample_unit : unit;
}

std::string time_text(std::int64_t nanoseconds) {
  const std::int64_t seconds = nanoseconds / 1'000'000'000 - (nanoseconds % 1'000'000'000 < 0 ? 1 : 0);
  const std::time_t time = seconds;
  std::tm local{};
  if (localtime_r(&time, &local) == nullptr) return {};
  std::array<char, 80> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S %Z", &local);
  return {text.data(), size};
}

std::string dropped(std::size_t count, std::string_view what, std::string_view by, const std::string& limit) {
  return fmt::format("Dropped {} {}{} ({} <= {})", count, what, count > 1 ? "s" : "", by, limit);
}

}  // namespace

std::span<const Format* const> formats() { return kFormats; }

const Format* find_format(std::string_view name) {
  const auto found = std::ranges::find(kFormats, name, [](const Format* f) { return f->name; });
  return found == kFormats.end() ? nullptr : *found;
}

std::string Report::value(std::int64_t v) const {
  return scaled_label(rescales(ratio) ? truncated(static_cast<double>(v) * ratio) : v, sample_unit, unit);
}

std::string Report::percent(std::int64_t v) const { return percentage(v, total); }

std::int64_t total_of(const model::Profile& profile, std::size_t column, bool mean, const model::Symbols& symbols) {
  const StringId base = symbols.strings.find("pprof::base");
  std::int64_t total = 0;
  std::int64_t divisor = 0;
  std::int64_t base_total = 0;
  std::int64_t base_divisor = 0;
  for (std::size_t s = 0; s < profile.sample_count(); ++s) {
    const std::int64_t value = absolute(profile.value(s, column));
    const std::int64_t count = mean ? profile.value(s, 0) : 0;
    total = wrapping_add(total, value);
    divisor = wrapping_add(divisor, count);
    if (!base) continue;
    for (auto i = profile.label_start[s]; i < profile.label_start[s + 1]; ++i) {
      if (profile.labels[i].key != base || symbols.text(profile.labels[i].text) != "true") continue;
      base_total = wrapping_add(base_total, value);
      base_divisor = wrapping_add(base_divisor, count);
      break;
    }
  }
  if (base_total > 0) total = base_total, divisor = base_divisor;
  return divisor == 0 ? total : wrapping_divide(total, divisor);
}

std::string trimmed_path(std::string_view path, std::string_view trim_path, std::string_view source_path) {
  if (trim_path.empty() && !source_path.empty()) {
    for (const std::string_view folder : split(source_path, ':')) {
      const std::string name = fmt::format("/{}/", base_name(folder));
      const std::size_t found = path.find(name);
      if (found != std::string_view::npos) return std::string(path.substr(found + name.size()));
    }
  }
  std::vector<std::string_view> prefixes;
  if (!trim_path.empty()) prefixes = split(trim_path, ':');
  prefixes.push_back("/proc/self/cwd/./");
  prefixes.push_back("/proc/self/cwd/");
  for (const std::string_view prefix : prefixes) {
    std::string folder(prefix);
    if (!folder.ends_with('/')) folder += '/';
    if (path.starts_with(folder)) return std::string(path.substr(folder.size()));
  }
  return std::string(path);
}

Trimmed unscaled_graph_of(Report& report, Detail detail) {
  for (auto& function : report.profile.functions) {
    if (!function.file) continue;
    const std::string_view file = report.symbols.text(function.file);
    const std::string trimmed = trimmed_path(file, report.trim_path, report.source_path);
    if (trimmed.size() != file.size()) function.file = report.symbols.intern(trimmed);
  }
  remove_label(report.profile, report.symbols.strings.find("pprof::base"));
  const bool visual = report.format.drawn;
  const StringId bytes = report.symbols.strings.find("bytes");
  const GraphOptions options{
      .column = report.column,
      .mean = report.mean,
      .call_tree = report.call_tree && (visual || report.format.name == "callgrind"),
      .drop_negative = report.drop_negative,
      .object_names = report.format.object_names,
      .detail = detail,
      .number_key = bytes,
      .number_unit = report.label_units.of(bytes),
      .format_number = [unit = report.label_units.of(bytes),
                        output = report.unit](std::int64_t v) { return scaled_label(v, unit, output); },
  };
  const Trim trim{.node_count = report.node_count,
                  .node_fraction = report.node_fraction,
                  .edge_fraction = report.edge_fraction,
                  .by_cum = report.by_cum,
                  .drawn = visual};
  return trimmed_graph(report.profile, options, trim, report.symbols);
}

Trimmed graph_of(Report& report, Detail detail) {
  Trimmed trimmed = unscaled_graph_of(report, detail);
  choose_unit(report, trimmed.graph);
  return trimmed;
}

std::vector<std::string> profile_labels(const Report& report) {
  std::vector<std::string> labels;
  const model::Profile& profile = report.profile;
  const auto text = [&](StringId id) { return report.symbols.text(id); };
  if (!profile.mappings.empty()) {
    const auto& main = profile.mappings[0];
    if (main.file) labels.push_back(fmt::format("File: {}", base_name(text(main.file))));
    if (main.build_id) labels.push_back(fmt::format("Build ID: {}", text(main.build_id)));
  }
  for (const StringId comment : profile.comments)
    if (!text(comment).starts_with('#')) labels.emplace_back(text(comment));
  if (!report.sample_type.empty()) labels.push_back("Type: " + report.sample_type);
  if (profile.doc_url) labels.push_back(fmt::format("Doc: {}", text(profile.doc_url)));
  if (profile.time_ns != 0) labels.push_back("Time: " + time_text(profile.time_ns));
  if (profile.duration_ns != 0) {
    const Measure total = scale(report.total, report.sample_unit, "nanoseconds");
    const std::string ratio = total.unit == "ns" && total.value != 0
                                  ? "(" + percentage(truncated(total.value), profile.duration_ns) + ")"
                                  : "";
    labels.push_back(fmt::format("Duration: {}, Total samples = {} {}", label(profile.duration_ns, "nanoseconds"),
                                 report.value(report.total), ratio));
  }
  return labels;
}

std::vector<std::string> report_labels(const Report& report, const Trimmed& trimmed, bool full) {
  std::vector<std::string> labels;
  if (full || !report.compact_labels) labels = profile_labels(report);
  if (!report.filters.empty()) {
    constexpr std::size_t kMost = 80;
    labels.emplace_back("Active filters:");
    for (const std::string& filter : report.filters)
      labels.push_back("   " + (filter.size() > kMost ? filter.substr(0, kMost) + "\u2026" : filter));
  }
  const std::int64_t shown = graph_total(trimmed.graph);
  labels.push_back(fmt::format("Showing nodes accounting for {}, {} of {} total", report.value(shown),
                               trim(report.percent(shown)), report.value(report.total)));
  if (report.total != 0) {
    const auto limit = [&](double fraction) {
      return report.value(absolute(truncated(static_cast<double>(report.total) * fraction)));
    };
    if (trimmed.dropped_nodes > 0)
      labels.push_back(dropped(trimmed.dropped_nodes, "node", "cum", limit(report.node_fraction)));
    if (full && trimmed.dropped_edges > 0)
      labels.push_back(dropped(trimmed.dropped_edges, "edge", "freq", limit(report.edge_fraction)));
    const std::size_t nodes = trimmed.graph.order.size();
    if (nodes > 0 && nodes < trimmed.original)
      labels.push_back(fmt::format("Showing top {} nodes out of {}", nodes, trimmed.original));
  }
  if (full) labels.emplace_back("\nSee https://git.io/JfYMW for how to read the graph");
  return labels;
}

}  // namespace gopsy::pprof
