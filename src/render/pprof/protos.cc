#include <unordered_map>

#include "analyze/pprof/measurement.h"
#include "base/format.h"
#include "render/pprof/report.h"
#include "render/profile/pprof_writer.h"

namespace gopsy::pprof {
namespace {

using Written = std::expected<std::string, std::string>;

Written write_proto(Report& report) {
  if (report.ratio > 0 && report.ratio != 1) {
    for (std::int64_t& value : report.profile.values) value = truncated(static_cast<double>(value) * report.ratio);
  }
  return render::pprof_bytes(report.profile, report.symbols, report.drain);
}

// The rows of a flat report as a profile: one sample a row, its own and its cumulative value in the shown unit.
class TopProfile {
 public:
  TopProfile(const Report& report, const Graph& graph) : report_(report), graph_(graph) {}

  model::Profile make() {
    const model::Profile& from = report_.profile;
    out_.time_ns = from.time_ns;
    out_.duration_ns = from.duration_ns;
    out_.period_type = from.period_type;
    out_.period = from.period;
    const StringId unit = report_.symbols.intern(report_.unit);
    out_.types = {{.type = report_.symbols.intern("cum"), .unit = unit},
                  {.type = report_.symbols.intern("flat"), .unit = unit}};
    for (const NodeIndex n : graph_.order) add(n);
    return std::move(out_);
  }

 private:
  void add(NodeIndex n) {
    const NodeInfo& info = graph_.info(n);
    const Node& node = graph_.nodes[n];
    const auto index = static_cast<std::uint32_t>(out_.locations.size());
    out_.lines.push_back({.function = function(info), .line = info.line, .column = info.column});
    out_.locations.push_back(
        {.id = std::uint64_t{index} + 1, .address = info.address, .first_line = index, .line_count = 1});
    out_.stack_locations.push_back(index);
    out_.stack_start.push_back(out_.stack_locations.size());
    out_.label_start.push_back(0);
    for (const std::int64_t value : {node.cum_value(), node.flat_value()})
      out_.values.push_back(truncated(scale(value, report_.sample_unit, report_.unit).value));
  }

  std::uint32_t function(const NodeInfo& info) {
    const std::string key = fmt::format("{} {} {}", info.name.value, info.file.value, info.start_line);
    const auto [found, is_new] = functions_.try_emplace(key, static_cast<std::uint32_t>(out_.functions.size()));
    if (is_new)
      out_.functions.push_back({.id = std::uint64_t{found->second} + 1,
                                .name = info.name,
                                .file = info.file,
                                .start_line = info.start_line});
    return found->second;
  }

  const Report& report_;
  const Graph& graph_;
  model::Profile out_;
  std::unordered_map<std::string, std::uint32_t> functions_;
};

Written write_top_proto(Report& report) {
  const Trimmed trimmed = graph_of(report, Detail::Nodes);
  return render::pprof_bytes(TopProfile(report, trimmed.graph).make(), report.symbols);
}

}  // namespace

constinit const Format kProto{.name = "proto", .exact = true, .binary = true, .write = write_proto};
constinit const Format kTopProto{.name = "topproto", .binary = true, .write = write_top_proto};

}  // namespace gopsy::pprof
