#include "decode/json_input.h"

#include <nlohmann/json.hpp>

namespace gopsy::decode {

Result<void> parse_json(std::string_view bytes, nlohmann::json& out) {
  try {
    out = nlohmann::json::parse(bytes.begin(), bytes.end());
  } catch (const nlohmann::json::parse_error& error) {
    const bool at_end = error.byte >= bytes.size();
    return std::unexpected(Error{.code = at_end ? Errc::Truncated : Errc::Malformed,
                                 .offset = error.byte,
                                 .what = at_end ? "the JSON text ends too early" : "this is no JSON"});
  } catch (const nlohmann::json::exception&) {
    return std::unexpected(Error{.code = Errc::Malformed, .what = "a number in it is out of range"});
  }
  return {};
}

const nlohmann::json& member(const nlohmann::json& object, const char* name) {
  static const nlohmann::json kNull;
  if (!object.is_object()) return kNull;
  const auto found = object.find(name);
  return found == object.end() ? kNull : *found;
}

std::string_view text_of(const nlohmann::json& value) {
  return value.is_string() ? std::string_view(*value.get_ptr<const std::string*>()) : std::string_view();
}

double real_of(const nlohmann::json& value) {
  if (value.is_number_float()) return value.get<double>();
  if (value.is_number_unsigned()) return static_cast<double>(value.get<std::uint64_t>());
  return value.is_number_integer() ? static_cast<double>(value.get<std::int64_t>()) : 0;
}

std::int64_t int_of(const nlohmann::json& value) {
  if (value.is_number_unsigned()) {
    const auto number = value.get<std::uint64_t>();
    return number > INT64_MAX ? INT64_MAX : static_cast<std::int64_t>(number);
  }
  if (value.is_number_integer()) return value.get<std::int64_t>();
  const double real = real_of(value);
  constexpr double kLimit = 9223372036854775808.0;
  if (real >= kLimit) return INT64_MAX;
  return real >= -kLimit ? static_cast<std::int64_t>(real) : INT64_MIN;
}

bool begins_object(std::string_view head) {
  const auto first = head.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && head[first] == '{';
}

}  // namespace gopsy::decode
