#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <unordered_set>
#include <vector>

#include "analyze/merge_index.h"
#include "base/error.h"
#include "model/profile.h"
#include "model/symbols.h"

namespace gopsy::analyze {

struct MergeOptions {
  /// The very bytes of google/pprof, its slips included: a conversion of units drops samples whose converted values
  /// are all 0 whatever their other values are; locations that differ only in the column of an inlined line become
  /// one; the time may be 0 or not the earliest; sums wrap. Without it none of that happens, and sums saturate.
  bool pprof_exact = false;
};

/// Adds profiles up, one at a time: samples with the same stack and labels become one.
///
/// Shape   a location is the same if its offset in its mapping, the mapping (size in pages, offset, build id or else
///         file) and its lines are; a function if name, system name, file and first line are.
/// Yields  only what a sample refers to, numbered from 1 in the order of first use; samples whose values are all 0 are
///         left out. Value types: those that all profiles have, by name, in the order of the first, in the finest
///         unit. Durations are summed, the period is the longest, the time the earliest, comments are kept once each;
///         frames to drop and keep are those of the first, the default type and URL the first that is set.
/// Errors  Malformed: no value type in common (`a` = number of the profile, from 1), or values of one name in units
///         that cannot be compared, or other kinds of period.
/// Cost    a hash of the stack a sample, a look-up a row of each table. Memory is that of the result, eight bytes a
/// sample
///         to find it by, and one number a row of the profile being added.
/// Source  github.com/google/pprof profile/merge.go, internal/measurement ScaleProfiles; reference/pprof.md 1.5, 8.1.
class Merger {
 public:
  /// Symbols must be those of all profiles, and outlive the merger.
  explicit Merger(const model::Symbols& symbols, MergeOptions options = {}) : symbols_(symbols), options_(options) {}

  Result<void> add(const model::Profile& profile);

  /// The sum. REQUIRES: something was added, and this is the last call.
  model::Profile finish();

  /// A sum met the 64-bit limit and stayed there.
  [[nodiscard]] bool saturated() const { return saturated_; }

 private:
  using Profile = model::Profile;

  // How the values of the profile being added come into the columns of the sum.
  struct Columns {
    std::vector<std::size_t> from;
    std::vector<double> ratio;
    bool plain = true;  // same columns, same units
  };
  struct Header {
    StringId default_type;
    std::vector<StringId> types;
  };

  Result<Columns> fit_types(const Profile& profile);
  Result<void> fit_period(const Profile& profile);
  void keep_columns(const std::vector<std::size_t>& kept);
  void rescale(const std::vector<double>& ratios);
  void add_header(const Profile& profile);
  void add_samples(const Profile& profile, const Columns& columns);
  bool take_values(const Profile& profile, std::size_t sample, const Columns& columns);
  [[nodiscard]] std::int64_t scaled(std::int64_t value, double ratio) const;
  void wait(const Profile& profile, std::size_t sample);
  template <class Number>
  void take_stack(const Profile& profile, std::span<const Number> stack);
  void take_labels(const Profile& profile, std::size_t sample);
  void add_waiting();
  void add_sample(std::uint64_t hash, std::span<const std::uint32_t> stack, std::span<const Profile::Label> labels,
                  std::span<const std::int64_t> values);
  [[nodiscard]] bool same_sample(std::uint32_t sample, std::span<const std::uint32_t> stack,
                                 std::span<const Profile::Label> labels) const;
  void find_known(const Profile& profile);
  std::uint32_t location(const Profile& profile, std::uint32_t index);
  [[nodiscard]] std::optional<Profile::Location> translated(const Profile& profile, const Profile::Location& source);
  std::uint32_t mapping(const Profile& profile, std::uint32_t index);
  std::uint32_t function(const Profile& profile, std::uint32_t index);
  /// `a` is a row of the sum; the lines of `b` are in `lines_`.
  [[nodiscard]] bool same_location(const Profile::Location& a, const Profile::Location& b) const;
  [[nodiscard]] bool column_counts(const Profile::Location& location, std::uint32_t line) const;
  [[nodiscard]] std::uint64_t location_hash(const Profile::Location& location) const;
  void forget_sources(const Profile& profile);
  void compact();
  [[nodiscard]] StringId default_type() const;

  const model::Symbols& symbols_;
  MergeOptions options_;
  Profile sum_;
  std::uint64_t profiles_ = 0;
  bool saturated_ = false;
  std::vector<Header> headers_;  // a row for each that differs from the one before it
  std::unordered_set<StringId> comments_;

  MergeIndex sample_index_;
  MergeIndex location_index_;
  MergeIndex function_index_;
  MergeIndex mapping_index_;
  // Rows of the profile being added -> rows of the sum + 1.
  std::vector<std::uint32_t> locations_;
  std::vector<std::uint32_t> functions_;
  std::vector<std::uint32_t> mappings_;
  std::vector<std::int64_t> values_;
  // Samples in terms of the sum, one behind the other.
  struct Waiting {
    struct Sample {
      std::uint64_t hash = 0;
      std::size_t frames = 0;
      std::size_t labels = 0;
    };
    std::vector<Sample> samples;
    std::vector<std::uint32_t> stacks;
    std::vector<Profile::Label> labels;
    std::vector<std::int64_t> values;
  } waiting_;
  std::vector<Profile::Line> lines_;  // of the location being looked for, with functions of the sum
};

/// Multiplies the values of each type and rounds half away from zero; samples without any value other than 0 among
/// those multiplied are dropped, as pprof does. Ratios of 1 everywhere change nothing.
/// Source  profile/profile.go ScaleN.
void scale(model::Profile& profile, std::span<const double> ratios);

/// Drops the value types that are not among `others` by name; keeps all if none is. Pprof does so before it merges,
/// which decides the order of samples: one counts as 0, and so as not there yet, by the types that are left.
void keep_types(model::Profile& profile, std::span<const model::ValueType> others);

/// All values times -1: what is subtracted from another profile by merging.
void negate(model::Profile& profile);

/// Scales each type so that its sum is that of `base`. Errors  Malformed: other types than `base` has.
/// Source  profile/merge.go Normalize.
Result<void> normalize(model::Profile& profile, const model::Profile& base);

/// Gives every sample the text label, instead of the texts it has under that key.
void set_label(model::Profile& profile, StringId key, StringId text);

}  // namespace gopsy::analyze
