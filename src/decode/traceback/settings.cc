#include "decode/traceback/settings.h"

#include <array>
#include <utility>

#include "base/text.h"

namespace gopsy::decode::traceback {
namespace {

constexpr std::array<std::string_view, 2> kNames{"GODEBUG", "GOTRACEBACK"};
constexpr std::size_t kLongestValue = 1024;
constexpr std::string_view kAround = " \t\"',";

std::string_view bare(std::string_view text) {
  const auto first = text.find_first_not_of(kAround);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kAround) - first + 1);
}

}  // namespace

std::optional<std::string> Settings::line(std::string_view text) {
  const std::string_view above = std::exchange(name_, {});
  // Nearly every line of a log leaves here.
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos || !std::string_view("GnvE-\"'").contains(text[first])) return std::nullopt;
  text = bare(text.substr(first));
  if (text.starts_with("- ")) text = bare(text.substr(2));
  if (text.starts_with("ENV ")) text = bare(text.substr(4));
  const auto colon = text.find_first_of(": \"");
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view key = text.substr(0, colon);
  const auto start = text.find_first_not_of("\": \t'", colon);
  const std::string_view value = start == std::string_view::npos ? std::string_view() : bare(text.substr(start));
  if (value.empty() || value.size() > kLongestValue) return std::nullopt;
  for (const std::string_view name : kNames) {
    if (key == name) return std::string(name) + "=" + std::string(value);
    if (key == "name" && value == name) name_ = name;
  }
  if (key == "value" && !above.empty()) return std::string(above) + "=" + std::string(value);
  return std::nullopt;
}

}  // namespace gopsy::decode::traceback
