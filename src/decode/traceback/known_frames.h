#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"

namespace gopsy::decode::traceback {

/// A frame met before: the two lines that print it, without the arguments, and what they said.
struct KnownFrame {
  std::string_view function_text;  ///< of the Symbols
  std::string place_text;          ///< the whole file line as it stands in the text
  StringId function;
  StringId file;
  std::uint32_t line = 0;
  std::uint32_t pc_offset = 0;
  StringId args;  ///< of its last occurrence
  std::string_view args_text;
  std::uint64_t hash = 0;
  KnownFrame* next = nullptr;  ///< what followed it the last time
};

/// The frames of a text by their lines. A dump of 100,000 goroutines has a million frames and a few hundred different
/// ones: finding one here costs two comparisons, reading it costs a parse and two interned names.
///
/// Cost    one hash of the file line where the guess (what followed the last time) fails. Holds at most kMost frames,
///         each with at most kLongest bytes of text, so that a hostile text cannot fill the memory.
class KnownFrames {
 public:
  static constexpr std::size_t kMost = 16384;
  static constexpr std::size_t kLongest = 512;

  /// The frame of these two lines, or null.
  KnownFrame* find(std::string_view function, std::string_view place_line);

  /// Remembers one that `find` did not know; `frame.place_text` is its line. Null if there is no room.
  KnownFrame* add(KnownFrame frame);

  /// The next lookup follows no frame.
  void restart() { last_ = nullptr; }

 private:
  std::vector<std::uint32_t> slots_;  // index + 1 into frames_; made with the first
  std::deque<KnownFrame> frames_;
  KnownFrame* last_ = nullptr;
};

}  // namespace gopsy::decode::traceback
