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

/// What pprof was measured with: functions with six call sites each, a quarter of the sites inlined into a second
/// function, every stack a walk of its own through them.
struct Walk {
  std::uint32_t samples = 100'000;
  std::uint32_t depth = 50;
  std::uint32_t functions = 5'000;
  bool labels = false;      ///< two string labels a sample, of 40 and of 1,000 values
  std::uint32_t seed = 20;  ///< other seeds walk other ways through the same program
};

/// A CPU profile of such walks. Equal arguments give equal bytes.
std::string walked_profile(const Walk& walk);

}  // namespace gopsy::bench
