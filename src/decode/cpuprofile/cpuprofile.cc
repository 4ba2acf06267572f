#include "decode/cpuprofile/cpuprofile.h"

#include <nlohmann/json.hpp>
#include <string>
#include <unordered_map>
#include <vector>

#include "decode/json_input.h"
#include "decode/profile_builder.h"

namespace gopsy::decode {
namespace {

using nlohmann::json;

// A chain of nodes that all have samples makes stacks whose length grows by the square of the input's.
constexpr std::size_t kMostFrames = std::size_t{1} << 26;
constexpr std::uint32_t kNone = UINT32_MAX;
constexpr std::uint32_t kOnPath = kNone - 1;

class Reader {
 public:
  Reader(model::Profile& profile, model::Symbols& symbols) : profile_(profile), symbols_(symbols), builder_(profile) {}

  void read(const json& root) {
    profile_.types = {{.type = symbols_.intern("samples"), .unit = symbols_.intern("count")},
                      {.type = symbols_.intern("cpu"), .unit = symbols_.intern("microseconds")}};
    if (!member(root, "samples").is_array()) profile_.types.pop_back();  // hits have no times
    const json& nodes = member(root, "nodes");
    for (const json& node : nodes) add_node(node);
    join_nodes(nodes);
    count_samples(root);
    if (const std::int64_t duration = span(root); duration <= INT64_MAX / 1000) profile_.duration_ns = duration * 1000;
    for (std::uint32_t n = 0; n < nodes_.size(); ++n) write(n);
    counts_.kept = counts_.read;
    for (const auto& skipped : counts_.skipped) counts_.kept -= skipped.count;
  }

  [[nodiscard]] const model::Counts& counts() const { return counts_; }

 private:
  struct Node {
    std::uint32_t parent = kNone;
    std::uint32_t location = 0;
    std::uint32_t depth = 0;  // not known yet
    bool root = false;
    std::int64_t hits = 0;
    std::int64_t microseconds = 0;
  };

  static std::int64_t span(const json& root) {
    const std::int64_t from = int_of(member(root, "startTime"));
    const std::int64_t to = int_of(member(root, "endTime"));
    return from >= 0 && to > from ? to - from : 0;
  }

  void add_node(const json& node) {
    const json& frame = member(node, "callFrame");
    std::string_view name = text_of(member(frame, "functionName"));
    const bool root = name == "(root)";
    if (name.empty()) name = "(anonymous)";
    const json& line = member(frame, "lineNumber");
    const std::int64_t number = int_of(line);
    const auto function = builder_.function(symbols_.intern(name), symbols_.intern(text_of(member(frame, "url"))));
    const std::int64_t from_one = line.is_number() && number >= 0 && number < INT64_MAX ? number + 1 : 0;
    by_id_.try_emplace(int_of(member(node, "id")), static_cast<std::uint32_t>(nodes_.size()));
    nodes_.push_back({.location = builder_.location({.function = function, .line = from_one}), .root = root});
  }

  std::uint32_t find(const json& id) const {
    const auto found = id.is_number_integer() ? by_id_.find(int_of(id)) : by_id_.end();
    return found == by_id_.end() ? kNone : found->second;
  }

  void join_nodes(const json& nodes) {
    std::uint32_t n = 0;
    for (const json& node : nodes) {
      if (const std::uint32_t parent = find(member(node, "parent")); parent != kNone) nodes_[n].parent = parent;
      const json& children = member(node, "children");
      if (children.is_array())
        for (const json& id : children)
          if (const std::uint32_t child = find(id); child != kNone) nodes_[child].parent = n;
      ++n;
    }
  }

  void count_samples(const json& root) {
    const json& samples = member(root, "samples");
    const json& deltas = member(root, "timeDeltas");
    if (!samples.is_array()) {
      std::uint32_t n = 0;
      for (const json& node : member(root, "nodes")) {
        nodes_[n].hits = int_of(member(node, "hitCount"));
        if (nodes_[n].hits > 0) ++counts_.read;
        ++n;
      }
      counts_.what = "nodes with hits";
      return;
    }
    for (std::size_t i = 0; i < samples.size(); ++i) {
      ++counts_.read;
      const std::uint32_t n = find(samples[i]);
      if (n == kNone) {
        counts_.skip("names a node that is missing");
        continue;
      }
      ++nodes_[n].hits;
      const std::int64_t delta = deltas.is_array() && i < deltas.size() ? int_of(deltas[i]) : 0;
      // Clocks of threads may step back a little; that is no time spent.
      if (delta > 0 && nodes_[n].microseconds <= INT64_MAX - delta) nodes_[n].microseconds += delta;
    }
  }

  // How many nodes lead to the top, this one included; kNone if they lead in a circle. Each node is walked over once.
  std::uint32_t depth_of(std::uint32_t leaf) {
    path_.clear();
    std::uint32_t n = leaf;
    for (; n != kNone && nodes_[n].depth == 0; n = nodes_[n].parent) {
      nodes_[n].depth = kOnPath;
      path_.push_back(n);
    }
    std::uint32_t depth = n == kNone ? 0 : nodes_[n].depth;
    if (depth == kOnPath) depth = kNone;
    for (auto at = path_.rbegin(); at != path_.rend(); ++at) {
      if (depth != kNone) ++depth;
      nodes_[*at].depth = depth;
    }
    return nodes_[leaf].depth;
  }

  void write(std::uint32_t leaf) {
    const Node& node = nodes_[leaf];
    if (node.hits <= 0) return;
    const std::uint32_t depth = depth_of(leaf);
    if (depth == kNone || profile_.stack_locations.size() + depth > kMostFrames) {
      counts_.skip(depth == kNone ? "its callers go round in a circle" : "beyond the limit of stack frames",
                   counts_.what == "samples" ? static_cast<std::uint64_t>(node.hits) : 1);
      return;
    }
    for (std::uint32_t n = leaf; n != kNone; n = nodes_[n].parent)
      if (!nodes_[n].root) profile_.stack_locations.push_back(nodes_[n].location);
    profile_.values.push_back(node.hits);
    if (profile_.types.size() > 1) profile_.values.push_back(node.microseconds);
    profile_.stack_start.push_back(profile_.stack_locations.size());
    profile_.label_start.push_back(0);
  }

  model::Profile& profile_;
  model::Symbols& symbols_;
  ProfileBuilder builder_;
  std::vector<Node> nodes_;
  std::vector<std::uint32_t> path_;
  std::unordered_map<std::int64_t, std::uint32_t> by_id_;
  model::Counts counts_{.what = "samples"};
};

Match sniff(std::string_view head) {
  if (!begins_object(head) || head.contains("\"traceEvents\"")) return Match::No;
  const bool nodes = head.contains("\"nodes\"") && head.contains("\"callFrame\"");
  return nodes && head.contains("\"functionName\"") ? Match::Certain : Match::No;
}

Result<model::Evidence> decode(std::string_view bytes, model::Symbols& symbols) {
  json root;
  if (const auto parsed = parse_json(bytes, root); !parsed) return std::unexpected(parsed.error());
  if (!member(root, "nodes").is_array())
    return std::unexpected(Error{.code = Errc::Malformed, .what = "it has no nodes of a call tree"});
  model::Evidence evidence;
  model::Profile& profile = evidence.profile.emplace();
  Reader reader(profile, symbols);
  reader.read(root);
  evidence.counts.push_back(reader.counts());
  if (profile.sample_count() == 0)
    return std::unexpected(
        Error{.code = Errc::Malformed, .what = "none of the {} samples can be placed", .a = reader.counts().read});
  evidence.kind = "CPU profile of V8";
  return evidence;
}

}  // namespace

constinit const Decoder kCpuProfile{
    .name = "cpuprofile",
    .title = "V8 CPU profile",
    .summary = "the .cpuprofile of node --cpu-prof and Chrome's DevTools",
    .sniff = sniff,
    .decode = decode,
};

}  // namespace gopsy::decode
