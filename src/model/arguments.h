#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/text.h"

namespace gopsy::model {

/// One value of a frame's argument list.
struct Argument {
  enum class Kind : std::uint8_t {
    Word,       ///< "0xc000012345": a number or an address
    Aggregate,  ///< "{…}": a string is {pointer, length}, a slice {pointer, length, capacity}, an interface {type,
                ///< data}
    Elided,     ///< "...": more than ten values, or more than five levels; "{...}" is an aggregate of one such
    Unknown,    ///< "_": too far in the frame to be printed; or a text that Go does not print
  };

  Kind kind = Kind::Word;
  bool stale = false;       ///< "?": the slot may hold junk (Go 1.18 and later)
  std::uint64_t value = 0;  ///< of a Word
  std::uint32_t end = 0;    ///< what an aggregate holds stands at [its own index + 1, end)
};

/// An argument list as a tree, written down in the order of the text.
///
/// Shape   up to Go 1.16 flat words, results included, ", ..." after ten; since 1.17 an aggregate per struct, string,
///         slice and interface; C++ frames have types there, which are Unknown.
/// Source  runtime/traceback.go printArgs, traceback1; internal/abi TraceArgsLimit and its kin.
struct Arguments {
  std::vector<Argument> values;
  bool inlined = false;    ///< "...": the frame was inlined, its arguments are not there
  bool malformed = false;  ///< braces that do not match, or a value that Go does not print

  /// The arguments themselves, without what stands inside their braces.
  [[nodiscard]] std::vector<Argument> top() const;
  /// What an aggregate at this place of `values` holds, one level.
  [[nodiscard]] std::vector<Argument> inside(std::size_t index) const;
};

/// Reads the text between the parentheses of a frame. Never fails: what is odd is marked.
/// Cost    linear; does not recurse.
Arguments parse_arguments(std::string_view text);

/// The first value alone, if it is a number that is not marked stale: a receiver, a channel, a lock.
std::optional<std::uint64_t> first_argument(std::string_view text);

/// Calls `use` with all words in order, those inside braces too; nothing for one that is stale, missing or no number.
/// For comparing a million frames: no tree is built and nothing allocated.
template <class Use>
void for_fresh_words(std::string_view text, const Use& use) {
  const auto is_between = [](char c) { return c == '{' || c == '}' || c == ',' || c == ' '; };
  for (std::size_t at = 0; at < text.size();) {
    if (is_between(text[at])) {
      ++at;
      continue;
    }
    const std::size_t begin = at;
    while (at < text.size() && !is_between(text[at])) ++at;
    use(parse_hex(text.substr(begin, at - begin)));
  }
}

/// The same as a list.
std::vector<std::optional<std::uint64_t>> fresh_words(std::string_view text);

}  // namespace gopsy::model
