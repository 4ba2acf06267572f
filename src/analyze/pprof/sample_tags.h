#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "analyze/pprof/graph.h"
#include "analyze/pprof/measurement.h"

namespace gopsy::pprof {

/// What one sample weighs: its value, and what a mean divides it by.
struct Weight {
  std::int64_t value = 0;
  std::int64_t divisor = 0;

  void add_to(std::int64_t& sum, std::int64_t& sum_div) const {
    sum = wrapping_add(sum, value);
    sum_div = wrapping_add(sum_div, divisor);
  }
};

/// The labels of the sample at hand, and how they are added to the tags of the nodes it passes through.
class SampleTags {
 public:
  SampleTags(const model::Profile& profile, const GraphOptions& options, const model::Symbols& symbols)
      : profile_(profile), options_(options), symbols_(symbols) {}

  void read(std::size_t sample);
  void add_cum(NodeTags& tags, Weight weight) const;
  void add_flat(NodeTags& tags, Weight weight) const;

 private:
  template <class Each>
  void for_each(NodeTags& tags, Each each) const;

  const model::Profile& profile_;
  const GraphOptions& options_;
  const model::Symbols& symbols_;
  std::string text_;
  std::vector<std::pair<std::string, std::int64_t>> numbers_;
};

}  // namespace gopsy::pprof
