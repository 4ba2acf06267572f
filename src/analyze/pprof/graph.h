#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "model/profile.h"
#include "model/symbols.h"

namespace gopsy::pprof {

/// What makes a node of a report one: the place it stands for, at the granularity that aggregation left.
struct NodeInfo {
  StringId name;
  std::uint64_t address = 0;
  StringId file;  ///< cleaned as Go's filepath.Clean does
  std::int64_t start_line = 0;
  std::int64_t line = 0;
  std::int64_t column = 0;
  StringId object_file;

  friend bool operator==(const NodeInfo&, const NodeInfo&) = default;
};

/// "0000000000401000 main.work /src/main.go:12", as much of it as there is.
std::string printable_name(const NodeInfo& info, const model::Symbols& symbols);
std::vector<std::string> name_components(const NodeInfo& info, const model::Symbols& symbols);

/// The weight of the samples with one label; kept for drawn graphs only.
struct Tag {
  std::string name;
  std::string unit;
  std::int64_t value = 0;
  std::int64_t flat = 0, flat_div = 0;
  std::int64_t cum = 0, cum_div = 0;

  [[nodiscard]] std::int64_t flat_value() const;
  [[nodiscard]] std::int64_t cum_value() const;
};
using Tags = std::map<std::string, Tag>;

using NodeIndex = std::uint32_t;
using EdgeIndex = std::uint32_t;

struct Edge {
  NodeIndex from = 0;
  NodeIndex to = 0;
  std::int64_t weight = 0, weight_div = 0;
  bool residual = false;  ///< goes over frames that were left out
  bool inlined = false;   ///< every call was inlined

  [[nodiscard]] std::int64_t value() const;
};

struct Node {
  std::uint32_t info = 0;      ///< index into Graph::infos
  std::uint32_t function = 0;  ///< equal for nodes of one function in one context
  std::int64_t flat = 0, flat_div = 0;
  std::int64_t cum = 0, cum_div = 0;
  bool called_inline = false;  ///< some edge to it is inlined all the time
  bool called = false;         ///< some edge to it is not
  std::vector<EdgeIndex> in;
  std::vector<EdgeIndex> out;

  [[nodiscard]] std::int64_t flat_value() const;
  [[nodiscard]] std::int64_t cum_value() const;
};

/// The labels of the samples that pass through a node.
struct NodeTags {
  Tags labels;                          ///< by all string labels of a sample, joined
  std::map<std::string, Tags> numbers;  ///< by the same text, then by formatted value
};

/// How much of a graph a report needs: text needs no edges, and only drawings need labels.
enum class Detail : std::uint8_t { Nodes, Edges, Labels };

struct GraphOptions {
  std::size_t column = 0;
  bool mean = false;  ///< divide by column 0
  bool call_tree = false;
  bool drop_negative = false;
  bool object_names = false;
  Detail detail = Detail::Edges;
  StringId number_key;  ///< the one numeric label that is kept: "bytes"
  std::string number_unit;
  std::function<std::string(std::int64_t value)> format_number;  ///< names a value of it
};

/// A profile as weighted calls between places.
///
/// Shape   `order` holds the nodes of the graph; reports sort it. Edges live in the lists of their ends: `remove`
///         takes them out of both.
/// Source  internal/graph/graph.go; reference/pprof.md section 3.
struct Graph {
  std::vector<NodeInfo> infos;
  std::vector<Node> nodes;
  std::vector<Edge> edges;
  std::vector<NodeTags> tags;  ///< by node; empty unless asked for
  std::vector<NodeIndex> order;

  [[nodiscard]] const NodeInfo& info(NodeIndex node) const { return infos[nodes[node].info]; }
  /// Takes every edge for which `gone` says so out of the lists of its ends.
  void remove(const std::vector<bool>& gone);
};

/// The places of a profile's locations, numbered.
class Places {
 public:
  Places(const model::Profile& profile, bool object_names, model::Symbols& symbols);

  /// Of the lines of a location, innermost first; a location without lines has one place, its address.
  [[nodiscard]] std::span<const std::uint32_t> of(std::uint32_t location) const {
    return std::span(places_).subspan(start_[location], start_[location + 1] - start_[location]);
  }
  [[nodiscard]] const std::vector<NodeInfo>& infos() const { return infos_; }
  /// Places of locations: the infos behind them are those of whole functions.
  [[nodiscard]] std::size_t count() const { return functions_.size(); }
  /// The place that is the whole function of a place.
  [[nodiscard]] std::uint32_t function(std::uint32_t info) const { return functions_[info]; }

 private:
  std::vector<NodeInfo> infos_;
  std::vector<std::uint32_t> functions_;
  std::vector<std::uint32_t> places_;
  std::vector<std::uint64_t> start_;
};

/// Builds the graph of all samples. With `kept`, indexed by place, frames of other places are left out and edges go
/// over them as residual ones.
/// Cost    one array access a frame without edges, one look-up in a table of pairs with them.
Graph make_graph(const model::Profile& profile, const Places& places, const GraphOptions& options,
                 const std::vector<bool>* kept, const model::Symbols& symbols);

}  // namespace gopsy::pprof
