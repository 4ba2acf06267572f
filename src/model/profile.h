#pragma once

#include <cstdint>
#include <vector>

#include "base/ids.h"
#include "base/tree_index.h"

namespace gopsy::model {

/// What a column of sample values measures: "cpu" in "nanoseconds".
struct ValueType {
  StringId type;
  StringId unit;
};

/// A profile as profile.proto describes it, complete: every field is kept, so that it can be written
/// again. Names are ids of the run's Symbols; other references are indexes into the vectors here.
///
/// Shape   samples are columns: `stacks[i]`, `values[i * types.size() + t]`, and the labels
///         `labels[label_start[i] .. label_start[i + 1])`. A stack is a node of `tree`, whose parent
///         chain leads from the leaf location to the root location.
/// Source  github.com/google/pprof proto/profile.proto; reference/pprof.md section 2.
struct Profile {
  struct Mapping {
    std::uint64_t id = 0;
    std::uint64_t start = 0;
    std::uint64_t limit = 0;
    std::uint64_t offset = 0;
    StringId file;
    StringId build_id;
    bool has_functions = false;
    bool has_filenames = false;
    bool has_line_numbers = false;
    bool has_inline_frames = false;
  };

  struct Function {
    std::uint64_t id = 0;
    StringId name;
    StringId system_name;
    StringId file;
    std::int64_t start_line = 0;
  };

  struct Line {
    std::uint32_t function = 0;  ///< index into `functions`
    std::int64_t line = 0;
    std::int64_t column = 0;
  };

  static constexpr std::uint32_t kNoMapping = UINT32_MAX;

  /// `lines[first_line .. first_line + line_count)`: innermost inlined callee first, the physical
  /// function last.
  struct Location {
    std::uint64_t id = 0;
    std::uint32_t mapping = kNoMapping;  ///< index into `mappings`
    std::uint64_t address = 0;
    std::uint32_t first_line = 0;
    std::uint32_t line_count = 0;
    bool folded = false;
  };

  /// A string label (`text` set) or a numeric one (`number` and `unit`).
  struct Label {
    StringId key;
    StringId text;
    std::int64_t number = 0;
    StringId unit;
  };

  /// Stacks of locations: node n is {parent, location index}; 0 is the empty stack. A parent's number is lower
  /// than those of its children, and no two nodes are equal.
  struct Tree {
    struct Node {
      std::uint32_t parent = 0;
      std::uint32_t location = 0;
    };
    std::vector<Node> nodes = std::vector<Node>(1);

    /// The node of that pair, made if there is none.
    std::uint32_t push(std::uint32_t parent, std::uint32_t location) {
      index_appended();
      const auto [number, is_new] = index_.child(parent, location);
      if (is_new) nodes.push_back({.parent = parent, .location = location});
      return number;
    }

    /// Makes the node of a pair that has none yet, without a look-up: for a builder that meets stacks in the
    /// order of their roots. REQUIRES: the pair is new.
    std::uint32_t append(std::uint32_t parent, std::uint32_t location) {
      nodes.push_back({.parent = parent, .location = location});
      return static_cast<std::uint32_t>(nodes.size() - 1);
    }

   private:
    // Most trees are only walked after they were built, so the index waits for the first push.
    void index_appended() {
      while (index_.size() < nodes.size()) {
        const Node& node = nodes[index_.size()];
        index_.child(node.parent, node.location);
      }
    }

    TreeIndex index_;
  };

  std::vector<ValueType> types;
  std::vector<Mapping> mappings;
  std::vector<Location> locations;
  std::vector<Line> lines;
  std::vector<Function> functions;

  Tree tree;
  std::vector<std::uint32_t> stacks;
  std::vector<std::int64_t> values;
  std::vector<Label> labels;
  std::vector<std::uint64_t> label_start = {0};

  StringId drop_frames;
  StringId keep_frames;
  std::int64_t time_ns = 0;
  std::int64_t duration_ns = 0;
  ValueType period_type;
  std::int64_t period = 0;
  std::vector<StringId> comments;
  StringId default_type;
  StringId doc_url;

  [[nodiscard]] std::size_t sample_count() const { return stacks.size(); }
  [[nodiscard]] std::int64_t value(std::size_t sample, std::size_t type) const {
    return values[sample * types.size() + type];
  }
  /// The column shown when nobody asks: `default_type` if it names one, else the last.
  [[nodiscard]] std::size_t default_column() const {
    for (std::size_t i = 0; i < types.size(); ++i)
      if (default_type && types[i].type == default_type) return i;
    return types.empty() ? 0 : types.size() - 1;
  }
};

}  // namespace gopsy::model
