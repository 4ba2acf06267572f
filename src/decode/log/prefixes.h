#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "decode/log/carrier/carrier.h"

namespace gopsy::decode::log {

/// What stands before each line of a process in a form that no carrier knows: learned where it is certain, from a
/// goroutine's header with a prefix whose next lines have the same one.
///
/// A prefix is taken apart into times, numbers and words. Times may differ from line to line; words may not, and a
/// number only where the lines that taught it differed there (a running number). So `web-1 …` and `web-2 …` are two
/// processes, and `[00012] …`, `[00013] …` are one.
class Prefixes {
 public:
  /// Looks for a line of Go's runtime inside `line` and, if it is there, among `below` for what it teaches.
  /// Yields where that line begins if its prefix stands on this one line only (`log.Print(string(debug.Stack()))`).
  std::optional<std::size_t> learn(std::string_view line, const std::vector<std::string>& below);

  /// Where a line of Go's runtime begins inside `line`, behind something.
  [[nodiscard]] static std::optional<std::size_t> inside(std::string_view line);

  /// Takes a known prefix off; it becomes part of what tells the processes apart.
  bool strip(Line& line) const;

 private:
  enum class Kind : std::uint8_t { Word, Number, Time };
  struct Token {
    Kind kind = Kind::Word;
    std::string text;
    bool varies = false;  ///< a Number that differs from line to line
  };
  struct Prefix {
    std::vector<Token> tokens;
    std::uint64_t process = 0;  ///< mixed into that of a line; 0: it is only an indentation
  };
  enum class Exactness : std::uint8_t { Exact, AnyNumber };

  static Prefix taken_apart(std::string_view prefix);
  static bool match(const Prefix& prefix, std::string_view& text, Exactness exactness, std::int64_t* time_ns);
  static void let_vary(Prefix& prefix, std::string_view text);
  void add(Prefix prefix);

  static constexpr std::size_t kMost = 64;
  std::vector<Prefix> known_;
};

}  // namespace gopsy::decode::log
