#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "decode/profile_builder.h"
#include "model/symbols.h"

namespace gopsy::decode {

/// The stack of one block of a text profile while its lines pass by.
///
/// Shape   the addresses behind the block's `@`, then, if Go wrote it, a line `#⇥PC⇥FUNC+OFFSET⇥FILE:LINE` a frame,
///         leaf first; blanks may stand for tabs.
/// Yields  the frames of the `#` lines if there are any: Go has expanded inlined calls there and left out
///         runtime.goexit and what of the runtime stands above the first frame of interest. Else the addresses, moved
///         into the call they return to.
/// Source  Go src/runtime/pprof/pprof.go printStackRecord; google/pprof ignores the `#` lines.
class GoStack {
 public:
  GoStack(model::Symbols& symbols, ProfileBuilder& builder) : symbols_(symbols), builder_(builder) {}

  /// Begins a block; false if an address exceeds 64 bits.
  bool open(std::string_view addresses);
  /// What follows the '#'; false if it is no frame.
  bool frame(std::string_view text);
  /// Leaf first; valid until the next `open`.
  std::span<const std::uint32_t> close();

 private:
  model::Symbols& symbols_;
  ProfileBuilder& builder_;
  std::vector<std::uint64_t> addresses_;
  std::vector<std::uint32_t> frames_;
};

}  // namespace gopsy::decode
