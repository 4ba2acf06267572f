#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gopsy::decode::log {

/// Walks one JSON value without building it: log lines are read by the million, and most of what they hold is not
/// asked for. Strings stay escaped until somebody wants them.
///
/// Shape   any value; a text that ends too early, or is no JSON, ends the walk with what was seen until then.
/// Cost    one pass; no allocation.
class JsonWalk {
 public:
  enum class Event : std::uint8_t { BeginObject, EndObject, BeginArray, EndArray, String, Scalar, End, Torn };

  explicit JsonWalk(std::string_view text) : rest_(text) {}

  Event next();

  /// The name of the member whose value the last event was or began; empty in arrays. Still escaped.
  [[nodiscard]] std::string_view key() const { return key_; }
  /// Of a String what stands between the quotes, of a Scalar its text.
  [[nodiscard]] std::string_view value() const { return value_; }
  [[nodiscard]] std::string_view rest() const { return rest_; }
  [[nodiscard]] std::size_t depth() const { return depth_; }

 private:
  bool take_string(std::string_view& out);
  Event value_event();

  static constexpr std::size_t kDeepest = 63;

  std::string_view rest_;
  std::string_view key_;
  std::string_view value_;
  std::uint64_t objects_ = 0;  ///< bit d: the container at depth d is an object
  std::size_t depth_ = 0;
  bool started_ = false;
};

/// The text that an escaped one stands for; escapes that are none are kept as they are.
std::string unescaped(std::string_view text);

}  // namespace gopsy::decode::log
