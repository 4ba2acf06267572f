#include <algorithm>

#include "analyze/pprof/measurement.h"
#include "base/format.h"
#include "base/text.h"
#include "render/pprof/report.h"

namespace gopsy::pprof {
namespace {

constexpr std::string_view kSeparator = "-----------+-------------------------------------------------------\n";

// "%10s:  value value" for each key, sorted as whole lines, texts before numbers.
void add_labels(std::string& out, const Report& report, std::size_t sample) {
  const SampleLabels labels = labels_of(report.profile, sample, report.symbols);
  std::vector<std::string> lines;
  for (const auto& [key, values] : labels.texts) {
    lines.push_back(fmt::format("{:>10}:  ", key));
    for (std::size_t i = 0; i < values.size(); ++i) lines.back() += (i == 0 ? "" : " ") + std::string(values[i]);
  }
  std::ranges::sort(lines);
  for (const std::string& line : lines) out += line + "\n";
  lines.clear();
  for (const auto& [key, values] : labels.numbers) {
    lines.push_back(fmt::format("{:>10}:  ", key));
    const std::string unit = report.label_units.of(report.symbols.strings.find(key));
    for (std::size_t i = 0; i < values.size(); ++i) lines.back() += (i == 0 ? "" : " ") + label(values[i].first, unit);
  }
  std::ranges::sort(lines);
  for (const std::string& line : lines) out += line + "\n";
}

std::expected<std::string, std::string> write_traces(Report& report) {
  const model::Profile& profile = report.profile;
  const Places places(profile, false, report.symbols);
  std::vector<std::string> names;
  for (const NodeInfo& info : places.infos()) names.push_back(printable_name(info, report.symbols));
  std::string out = join(profile_labels(report), "\n") + "\n";
  for (std::size_t s = 0; s < profile.sample_count(); ++s) {
    const auto stack = profile.stack(s);
    if (stack.empty()) continue;
    report.drain_if_large(out);
    out += kSeparator;
    if (profile.label_start[s] != profile.label_start[s + 1]) add_labels(out, report, s);
    std::int64_t value = report.sample_value(s);
    const std::int64_t divisor = report.mean ? profile.value(s, 0) : 0;
    if (divisor != 0) value = wrapping_divide(value, divisor);
    bool leaf = true;
    for (const std::uint32_t location : stack) {
      const auto here = places.of(location);
      for (std::size_t i = 0; i < here.size(); ++i) {
        if (leaf) {
          out += fmt::format("{:>10}   ", report.value(value));
          leaf = false;
        } else {
          out += "             ";
        }
        out += names[here[i]];
        out += i + 1 != here.size() ? " (inline)\n" : "\n";
      }
    }
  }
  out += kSeparator;
  return out;
}

}  // namespace

constinit const Format kTraces{.name = "traces", .write = write_traces};

}  // namespace gopsy::pprof
