#pragma once

#include <cstdint>
#include <string>

namespace gopsy::bench {

struct Shape {
  std::uint32_t samples = 100'000;
  std::uint32_t depth = 50;
  std::uint32_t functions = 5'000;
  /// Of a thousand calls, how many leave the beaten path: 0 makes all stacks equal, 1000 hardly two.
  std::uint32_t spread = 100;
};

/// A CPU profile in profile.proto, not compressed. Equal shapes give equal bytes.
std::string big_profile(const Shape& shape);

}  // namespace gopsy::bench
