#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gopsy {

/// Writes one JSON document, indented by two blanks, with commas and escapes where they belong.
///
/// Yields  valid JSON for any bytes: malformed UTF-8 and control characters become U+FFFD or escapes.
///         Doubles are written shortest-round-trip, non-finite ones as null.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  void begin_object();
  void end_object();
  void begin_array();
  void end_array();
  void key(std::string_view name);

  void value(std::string_view text);
  void value(const char* text) { value(std::string_view(text)); }
  void value(std::uint64_t number);
  void value(std::int64_t number);
  void value(std::uint32_t number) { value(std::uint64_t{number}); }
  void value(double number);
  void value(bool truth);
  void null();

  template <class T>
  void member(std::string_view name, const T& content) {
    key(name);
    value(content);
  }

 private:
  void before_value();
  void open(char bracket);
  void close(char bracket);
  void newline();

  std::string& out_;
  std::vector<bool> has_items_;  // one per open object or array
  bool after_key_ = false;
};

/// `text` as a JSON string with its quotes.
std::string json_string(std::string_view text);

}  // namespace gopsy
