#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gopsy {

/// Walks the lines of a text without copying. A final line without a newline counts; "\r\n" ends a
/// line like "\n" does. Lines are numbered from 1, as editors and `file:line` number them.
class LineReader {
 public:
  explicit LineReader(std::string_view text) : rest_(text) {}

  /// The next line in `line()`, or false at the end.
  bool next();

  [[nodiscard]] std::string_view line() const { return line_; }
  [[nodiscard]] std::uint32_t number() const { return number_; }
  /// False if the line ended with the text instead of a newline: it may be cut.
  [[nodiscard]] bool complete() const { return complete_; }

 private:
  std::string_view rest_;
  std::string_view line_;
  std::uint32_t number_ = 0;
  bool complete_ = true;
};

std::string_view trim(std::string_view text);

/// Removes `prefix` from the front of `text` and says so; leaves `text` alone otherwise.
bool consume(std::string_view& text, std::string_view prefix);

/// What stands before the first `separator`; `text` keeps what follows it. Nothing if it is missing.
std::optional<std::string_view> consume_until(std::string_view& text, std::string_view separator);

/// The leading decimal (or, for parse_hex, `0x…` or bare hexadecimal) digits of `text`, removed from
/// it. Nothing if there is none or it exceeds 64 bits.
std::optional<std::uint64_t> consume_decimal(std::string_view& text);
std::optional<std::uint64_t> consume_hex(std::string_view& text);

/// The whole of `text` as a number, or nothing.
std::optional<std::uint64_t> parse_decimal(std::string_view text);
std::optional<std::int64_t> parse_signed(std::string_view text);
std::optional<std::uint64_t> parse_hex(std::string_view text);

std::vector<std::string_view> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& parts, std::string_view separator);

/// `text` with at most `most` bytes, cut at a UTF-8 boundary with "…" where it was longer.
std::string shorten(std::string_view text, std::size_t most);

/// Well-formed UTF-8 without control characters but tab and newline: every other byte becomes U+FFFD.
/// What a terminal, JSON or XML can hold whatever the input was.
std::string printable(std::string_view text);

}  // namespace gopsy
