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
  oldest_mark = fmt::format("{} (1.{} and later)", mark, minor);
}

void GoVersion::at_most(unsigned minor, std::string_view mark) {
  if ((newest != 0 && minor >= newest) || minor < oldest) return;
  newest = minor;
  newest_mark = fmt::format("{} (up to 1.{})", mark, minor);
}

void GoVersion::is_exactly(std::string_view version, std::string_view mark) {
  if (!exact.empty()) return;
  exact = version;
  exact_mark = mark;
}

std::vector<std::string> GoVersion::because() const {
  if (!exact_mark.empty()) return {exact_mark};
  std::vector<std::string> marks;
  for (const auto& mark : {oldest_mark, newest_mark})
    if (!mark.empty()) marks.push_back(mark);
  return marks;
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
