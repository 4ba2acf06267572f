#include "model/evidence.h"

#include <algorithm>

#include "base/format.h"

namespace gopsy::model {

void Counts::skip(std::string_view reason, std::uint64_t count) {
  if (count == 0) return;
  const auto known = std::ranges::find(skipped, reason, &Skipped::reason);
  if (known != skipped.end()) {
    known->count += count;
  } else {
    skipped.push_back({.reason = std::string(reason), .count = count});
  }
}

void GoVersion::at_least(unsigned minor, std::string_view mark) {
  if (minor <= oldest || (newest != 0 && minor > newest)) return;
  oldest = minor;
  because.push_back(fmt::format("{} (1.{} and later)", mark, minor));
}

void GoVersion::at_most(unsigned minor, std::string_view mark) {
  if ((newest != 0 && minor >= newest) || minor < oldest) return;
  newest = minor;
  because.push_back(fmt::format("{} (up to 1.{})", mark, minor));
}

std::string GoVersion::text() const {
  if (!exact.empty()) return exact;
  if (oldest == 0 && newest == 0) return {};
  if (oldest == newest) return fmt::format("1.{}", oldest);
  if (newest == 0) return fmt::format("1.{} or later", oldest);
  if (oldest == 0) return fmt::format("1.{} or earlier", newest);
  return fmt::format("1.{} to 1.{}", oldest, newest);
}

}  // namespace gopsy::model
