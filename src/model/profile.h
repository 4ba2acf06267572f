#pragma once

#include <cstdint>
#include <vector>

#include "base/ids.h"
#include "base/narrow_column.h"

namespace gopsy::model {

/// What a column of sample values measures: "cpu" in "nanoseconds".
struct ValueType {
  StringId type;
  StringId unit;
};

/// A profile as profile.proto describes it, complete: every field is kept, so that it can be written
/// again. Names are ids of the run's Symbols; other references are indexes into the vectors here.
///
/// Shape   samples are columns: the stack `stack_locations[stack_start[i] .. stack_start[i + 1])`, leaf first;
///         `values[i * types.size() + t]`; the labels `labels[label_start[i] .. label_start[i + 1])`. Stacks stand as
///         they were read, two bytes a frame while there are up to 65,536 locations, else four: who needs their tree
///         makes one (analyze/stack_tree.h), and reports that count frames need none.
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

  std::vector<ValueType> types;
  std::vector<Mapping> mappings;
  std::vector<Location> locations;
  std::vector<Line> lines;
  std::vector<Function> functions;

  using Locations = NarrowColumn<std::uint16_t, std::uint32_t>;
  using Starts = NarrowColumn<std::uint32_t, std::uint64_t>;
  using Stack = Locations::View;

  Locations stack_locations;
  Starts stack_start = {0};
  std::vector<std::int64_t> values;
  std::vector<Label> labels;
  Starts label_start = {0};

  StringId drop_frames;
  StringId keep_frames;
  std::int64_t time_ns = 0;
  std::int64_t duration_ns = 0;
  ValueType period_type;
  std::int64_t period = 0;
  std::vector<StringId> comments;
  StringId default_type;
  StringId doc_url;

  [[nodiscard]] std::size_t sample_count() const { return stack_start.size() - 1; }
  /// Indexes into `locations`, leaf first.
  [[nodiscard]] Stack stack(std::size_t sample) const {
    return stack_locations.view(stack_start[sample], stack_start[sample + 1] - stack_start[sample]);
  }
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
