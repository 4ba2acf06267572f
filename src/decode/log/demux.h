#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "decode/log/carrier/carrier.h"
#include "decode/log/channel.h"
#include "decode/log/prefixes.h"
#include "decode/traceback/reader.h"

namespace gopsy::decode::log {

/// Undoes what carried the lines of a log, one carrier after the other, and hands each line to its process.
///
/// Yields  the readings of all processes as one, in the order of the file.
/// Cost    for lines near an anchor only (walk.h); memory for what is open: split lines, and a window of those that
///         have a time.
class Demux {
 public:
  /// The lines of the file that follow the one in work, for what can be learned from them.
  using Below = std::function<std::vector<std::string_view>()>;

  Demux(model::Symbols& symbols, Shape shape) : symbols_(symbols), shape_(std::move(shape)) {}

  /// Learns from a line with an anchor before its context is read.
  void prepare(std::string_view text, const Below& below);

  /// `below` is empty for lines without an anchor.
  void line(std::string_view text, std::uint32_t number, const Below& below);

  /// A line of a dump that nothing carries, the fast way. False: it must go through `line`.
  bool plain_line(std::string_view text, std::uint32_t number);

  /// Lines were passed over: what is held back can go.
  void gap();

  struct Outcome {
    traceback::Reading reading;
    std::string last;  ///< the last line of a process, not blank and not of a wrapper
    std::uint32_t last_number = 0;
    std::uint64_t inner_lines = 0;      ///< more lines came out than there are lines in the file
    std::uint64_t parts = 0;            ///< lines of the file that are parts of another
    std::vector<std::string> carriers;  ///< by name, those that carried a traceback
    std::size_t processes = 0;          ///< with a traceback
  };
  /// `complete`: the last line ended in a newline.
  Outcome finish(bool complete);

 private:
  struct Open {
    std::unique_ptr<Channel> channel;
    std::uint32_t carriers = 0;
  };

  bool hold_member(std::string_view text, std::uint32_t number);
  void release_member();
  void take(const Line& line, unsigned depth);
  void carried(const Line& line, unsigned depth);
  void settle(Line line);
  const std::vector<std::string>& texts_below();
  void deliver(const Line& line);
  void settle_plain();
  std::vector<std::string> texts(const std::vector<std::string_view>& lines) const;

  static constexpr unsigned kDeepest = 4;
  static constexpr std::size_t kMostProcesses = 1024;
  static constexpr std::size_t kLongestLine = std::size_t{64} << 20;

  model::Symbols& symbols_;
  Shape shape_;
  Prefixes prefixes_;
  std::unordered_map<std::uint64_t, Open> processes_;
  std::unordered_map<std::uint64_t, std::string> pending_;  ///< the parts so far of lines that were split
  const Below* below_ = nullptr;
  std::optional<std::vector<std::string>> texts_below_;
  std::string last_;
  std::uint32_t last_number_ = 0;
  std::uint64_t last_process_ = 0;
  std::uint32_t last_carriers_ = 0;
  bool after_panic_ = false;
  /// Of an object printed over many lines: the line with its text, until the brace, and its time, wherever it stands.
  std::string member_text_;
  std::uint32_t member_number_ = 0;
  std::int64_t member_time_ns_ = 0;
  struct OpenEnd {
    Line line;  ///< its views are not looked at any more
    std::string text;
  };
  std::uint64_t talk_ = 0;       ///< lines that hold "panic: " behind words, without a stack below
  OpenEnd open_end_;             ///< what stands inside the last line, if that may be how the process ended
  Channel* plain_ = nullptr;     ///< of the last line, if nothing carried it
  std::string_view last_plain_;  ///< in the input; copied when another kind of line follows
  std::int64_t time_ns_ = 0;
  std::uint64_t inner_lines_ = 0;
  std::uint64_t parts_ = 0;
};

}  // namespace gopsy::decode::log
