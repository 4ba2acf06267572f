#include <unordered_map>

#include "analyze/pprof/measurement.h"
#include "base/format.h"
#include "render/pprof/report.h"

namespace gopsy::pprof {
namespace {

// "(3) name" the first time, "(3)" from then on.
class ShortNames {
 public:
  void add(std::string& out, const std::string& name) {
    if (name.empty()) return;
    const auto [found, is_new] = numbers_.try_emplace(name, numbers_.size() + 1);
    out += '(';
    out += std::to_string(found->second);
    out += ')';
    if (is_new) out += " " + name;
  }

 private:
  std::unordered_map<std::string, std::size_t> numbers_;
};

// Callgrind merges functions of one name and file: where there are several, each gets its number.
std::vector<std::string> names_of(const Report& report, const Graph& graph) {
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::map<std::uint32_t, std::size_t>> functions;
  const auto of = [&](NodeIndex n) -> auto& { return functions[{graph.info(n).name.value, graph.info(n).file.value}]; };
  for (const NodeIndex n : graph.order) {
    auto& known = of(n);
    known.try_emplace(graph.nodes[n].function, known.size() + 1);
  }
  std::vector<std::string> names(graph.nodes.size());
  for (const NodeIndex n : graph.order) {
    names[n] = report.symbols.text(graph.info(n).name);
    const auto& known = of(n);
    if (known.size() > 1) names[n] += fmt::format(" [{}/{}]", known.at(graph.nodes[n].function), known.size());
  }
  return names;
}

class Callgrind {
 public:
  Callgrind(Report& report, const Graph& graph)
      : report_(report), graph_(graph), names_of_(names_of(report, graph)), edge_order_(graph, report.symbols) {}

  std::string write() {
    out_ = "positions: instr line\nevents: " + report_.sample_type + "(" + report_.unit + ")\n";
    for (const NodeIndex n : graph_.order) {
      node(n);
      report_.drain_if_large(out_);
      previous_ = &graph_.info(n);
    }
    return std::move(out_);
  }

 private:
  void node(NodeIndex n) {
    const NodeInfo& info = graph_.info(n);
    const auto text = [&](StringId id) { return std::string(report_.symbols.text(id)); };
    if (previous_ == nullptr || info.object_file != previous_->object_file || info.file != previous_->file ||
        info.name != previous_->name) {
      out_ += "\nob=";
      objects_.add(out_, text(info.object_file));
      out_ += "\nfl=";
      files_.add(out_, text(info.file));
      out_ += "\nfn=";
      names_.add(out_, text(info.name));
      out_ += '\n';
    }
    address(info.address);
    out_ += fmt::format(" {} {}\n", info.line, scaled(graph_.nodes[n].flat_value()));
    std::vector<EdgeIndex> edges = graph_.nodes[n].out;
    edge_order_.sort(edges);
    for (const EdgeIndex e : edges) {
      const Edge& edge = graph_.edges[e];
      const NodeInfo& callee = graph_.info(edge.to);
      out_ += "cfl=";
      files_.add(out_, text(callee.file));
      out_ += "\ncfn=";
      names_.add(out_, names_of_[edge.to]);
      out_ += "\ncalls=0 ";
      address(callee.address);
      out_ += fmt::format(" {}\n* * {}\n", callee.line, scaled(edge.weight));
    }
  }

  [[nodiscard]] std::int64_t scaled(std::int64_t value) const {
    return truncated(scale(value, report_.sample_unit, report_.unit).value);
  }

  // Relative to the address before, where that is shorter.
  void address(std::uint64_t address) {
    const std::string whole = fmt::format("{:#x}", address);
    if (previous_ == nullptr) {
      out_ += whole;
    } else if (previous_->address == address) {
      out_ += '*';
    } else {
      const std::string relative = fmt::format("{:+}", static_cast<std::int64_t>(address - previous_->address));
      out_ += relative.size() < whole.size() ? relative : whole;
    }
  }

  Report& report_;
  const Graph& graph_;
  std::vector<std::string> names_of_;
  EdgeOrder edge_order_;
  ShortNames objects_;
  ShortNames files_;
  ShortNames names_;
  const NodeInfo* previous_ = nullptr;
  std::string out_;
};

std::expected<std::string, std::string> write_callgrind(Report& report) {
  report.node_count = 0;
  report.node_fraction = report.edge_fraction = 0;
  const Trimmed trimmed = graph_of(report, Detail::Edges);
  return Callgrind(report, trimmed.graph).write();
}

}  // namespace

constinit const Format kCallgrind{.name = "callgrind", .object_names = true, .exact = true, .write = write_callgrind};

}  // namespace gopsy::pprof
