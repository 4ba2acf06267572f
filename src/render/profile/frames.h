#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/profile.h"
#include "model/symbols.h"

namespace gopsy::render {

/// The frames of a profile, once each, for forms that know functions and lines but no locations.
///
/// Shape   an inlined function is a frame of its own; a location without lines is one named by its address.
class ProfileFrames {
 public:
  struct Frame {
    std::string name;
    std::string_view file;
    std::int64_t line = 0;
    std::int64_t column = 0;
    std::uint32_t inline_depth = 0;  ///< how many frames of its location are around it
  };

  ProfileFrames(const model::Profile& profile, const model::Symbols& symbols);

  [[nodiscard]] const std::vector<Frame>& all() const { return frames_; }
  /// Calls `each(frame index)` for the frames of a sample, root first.
  template <class Each>
  void walk(std::size_t sample, Each&& each) const {
    const auto stack = profile_.stack(sample);
    for (auto at = stack.rbegin(); at != stack.rend(); ++at)
      for (std::uint32_t i = first_[*at]; i < first_[*at + 1]; ++i) each(of_location_[i]);
  }

 private:
  const model::Profile& profile_;
  std::vector<Frame> frames_;
  std::vector<std::uint32_t> first_;        // by location, into of_location_
  std::vector<std::uint32_t> of_location_;  // root first
};

}  // namespace gopsy::render
