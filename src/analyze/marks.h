#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "model/profile.h"
#include "model/symbols.h"

namespace gopsy::analyze {

/// The column of that type; nothing if the profile has none.
std::optional<std::size_t> column_of(const model::Profile& profile, const model::Symbols& symbols,
                                     std::string_view type);

/// A set of up to 32 marks: what a question about stacks wants to know of a function.
using Marks = std::uint32_t;

/// The marks of a profile's functions, joined for each location: a stack has the marks of all its frames.
///
/// Cost  one call of the question a function, then one array access a location.
class StackMarks {
 public:
  StackMarks(const model::Profile& profile, const model::Symbols& symbols,
             const std::function<Marks(std::string_view function)>& marks_of);

  /// Of any frame of a sample's stack.
  [[nodiscard]] Marks of(std::size_t sample) const;
  /// Of the innermost frame alone.
  [[nodiscard]] Marks of_leaf(std::size_t sample) const;
  [[nodiscard]] Marks of_function(std::uint32_t function) const { return functions_[function]; }

 private:
  const model::Profile& profile_;
  std::vector<Marks> functions_;
  std::vector<Marks> locations_;
};

/// One frame of a stack: the function, and the line in it.
struct Place {
  std::uint32_t function = 0;  ///< index into Profile::functions
  std::int64_t line = 0;
  bool inlined = false;  ///< into the frame that calls it
};

/// Every frame of a sample's stack, innermost first; locations without lines have none.
std::vector<Place> frames_of(const model::Profile& profile, std::size_t sample);

/// Where the true share lies with 95 % confidence, if `hits` of `all` random samples had it.
///
/// Source  E. B. Wilson, "Probable inference", JASA 22 (1927): holds for few samples and for shares near 0 and 1 too.
struct Interval {
  double low = 0;
  double high = 1;
};
Interval share_interval(double hits, double all);

/// a + b, or the largest or smallest number there is.
std::int64_t saturating_sum(std::int64_t a, std::int64_t b);

}  // namespace gopsy::analyze
