#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gopsy::analyze {

/// Go source by line, as far as words, braces and the shape of a line tell. Numbers count from 1.
class GoLines {
 public:
  explicit GoLines(const std::vector<std::string>& lines) : lines_(lines) {}

  /// A line without its comment and with blanks for the text of literals; empty if there is no such line.
  [[nodiscard]] std::string code(std::uint32_t number) const;

  /// The line of the `func` declaration around `number`; 0 if none is found.
  [[nodiscard]] std::uint32_t function_start(std::uint32_t number) const;

  /// The line of the function literal around `number`, itself included; 0 if it stands in none.
  [[nodiscard]] std::uint32_t literal_start(std::uint32_t number) const;

  /// The last line of [first, last] that declares `name` (:=, var, for, a parameter), or 0.
  [[nodiscard]] std::uint32_t declaration(std::string_view name, std::uint32_t first, std::uint32_t last) const;

  /// The line of `var name` at the top of the file, alone or in a block; 0 if there is none.
  [[nodiscard]] std::uint32_t package_variable(std::string_view name) const;

  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(lines_.size()); }

 private:
  const std::vector<std::string>& lines_;
};

/// `t.n` of `t.n++`: names joined by dots, calls left out.
struct Operand {
  std::string text;
  std::size_t at = 0;     ///< in the line
  bool indexed = false;   ///< a `[` follows
  bool assigned = false;  ///< it stands left of an assignment, or has ++ or --
};

/// The operands of a line of code, from left to right.
std::vector<Operand> operands_of(std::string_view code);

/// Where `word` stands in `text` with no letter, digit, underscore or dot beside it.
std::optional<std::size_t> find_word(std::string_view text, std::string_view word);

}  // namespace gopsy::analyze
