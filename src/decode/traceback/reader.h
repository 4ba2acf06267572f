#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "decode/traceback/grammar.h"
#include "decode/traceback/known_frames.h"
#include "decode/traceback/settings.h"
#include "model/evidence.h"
#include "model/same_stacks.h"

namespace gopsy::decode::traceback {

/// What one log says, and the bookkeeping of how it was read.
struct Reading {
  model::Log log;
  model::GoVersion go_version;
  std::int64_t time_ns = 0;  ///< of the last line that starts with a timestamp, read as UTC
  std::uint64_t goroutines_read = 0;
  std::uint64_t goroutines_malformed = 0;
  std::uint64_t lines_in_tracebacks = 0;
  std::uint64_t lines_odd = 0;  ///< inside a traceback, of no known form
};

/// Stands before frames that were written without the header of a goroutine: zap's "stacktrace" and its like, under
/// the words of a recovered panic. The id stays 0, since nobody printed one.
inline constexpr std::string_view kUnnamedStack = "stack of the running goroutine:";

/// The state machine over the lines of a log: which line may follow which.
///
/// A traceback is opened by a header (panic, fatal error, signal) or by a goroutine; it stays open over
/// blank lines and over lines that other goroutines wrote into it, and is closed by the next header,
/// by a new running goroutine after foreign lines, or by the end.
///
/// A line is looked at during the call only: what is needed later is copied or interned. Lines may end in a carriage
/// return, and a whole traceback may be indented: the blanks before its first line are taken off those that follow.
///
/// Cost    about 40 ns a line inside goroutines, most of them frames seen before (known_frames.h).
class Reader {
 public:
  explicit Reader(model::Symbols& symbols) : symbols_(symbols) {}

  void line(std::string_view text, std::uint32_t number);

  /// Ends the reading. `complete`: the last line ended in a newline.
  Reading finish(bool complete);

 private:
  enum class Phase : std::uint8_t {
    Outside,    ///< no traceback is open
    Header,     ///< panic, fatal or signal lines were read, no goroutine yet
    Goroutine,  ///< inside a goroutine's frames
    Between,    ///< after a blank line, between goroutines
  };

  /// What waits for its file line.
  enum class Pending : std::uint8_t {
    Nothing,
    Function,  ///< name and arguments
    Bare,      ///< a name alone: a frame of C code, or a stray word
    Creator,   ///< "created by …"
  };

  void count_line();
  bool indented_header(std::string_view text);
  [[nodiscard]] std::string_view without_indentation(std::string_view text);
  bool header_line(std::string_view text);
  bool panic_header(std::string_view text);
  bool fatal_header(std::string_view text);
  bool signal_lines(std::string_view text);
  bool signal_details(std::string_view text);
  bool goroutine_start(std::string_view text);
  bool header_continuation(std::string_view text);
  void end_header_text();
  void ordinary(std::string_view text);
  void blank();

  bool frame_line(std::string_view text);
  bool known_place(std::string_view text);
  bool goroutine_content(std::string_view text);
  bool place_line(std::string_view text);
  bool creator_line(std::string_view text);
  bool elided_line(std::string_view text);
  bool ancestor_line(std::string_view text);
  bool registers(std::string_view text);
  bool function_text(std::string_view text);
  StringId keep_arguments(std::string_view args);
  void pend(Pending kind, std::string_view text, std::size_t name_bytes);
  void place_creator(StringId file, std::uint32_t line);
  void add_frame(const FileLine& place, std::string_view place_line);
  void push_frame(const model::TracebackFrame& frame);
  void drop_pending();

  void open(model::Cause cause);
  void close();
  void end_thread();
  void begin_goroutine(const GoroutineHeader& header, bool system);
  void end_goroutine();
  void end_ancestor();
  void drop_forged_goroutine();
  void name_recovered_panic();
  void name_missing_header();
  void join_split_panic_text();
  bool belongs_to_open(const GoroutineHeader& header) const;

  [[nodiscard]] model::Traceback& current() { return reading_.log.tracebacks.back(); }
  [[nodiscard]] model::Goroutine& goroutine() { return current().goroutines.back(); }
  [[nodiscard]] std::string_view pending_args() const;
  [[nodiscard]] std::string_view pending_name() const { return std::string_view(pending_text_).substr(0, name_bytes_); }

  model::Symbols& symbols_;
  Reading reading_;
  Phase phase_ = Phase::Outside;
  std::uint32_t number_ = 0;

  bool blank_in_header_ = false;
  unsigned foreign_lines_ = 0;  ///< since the last line that belonged to the open traceback
  Settings settings_;
  bool relay_ = false;  ///< after "-----": threads print themselves one by one (GOTRACEBACK=crash)
  bool in_ancestor_ = false;
  bool raw_text_ = false;  ///< the value of the panic goes on without indentation (up to Go 1.22)
  std::string indentation_;

  std::string more_text_;              ///< lines that a panic or fatal text goes on with
  std::string stamped_;                ///< the front of the last ordinary line that begins with a digit
  std::vector<model::LogLine> leads_;  ///< lead lines waiting for their header
  std::string signal_name_;            ///< "SIGQUIT: quit" waiting for its PC= line
  model::Signal waiting_signal_;       ///< what Windows printed in that line
  std::uint32_t signal_line_ = 0;

  Pending pending_ = Pending::Nothing;
  std::string pending_text_;
  std::size_t name_bytes_ = 0;  ///< of pending_text_: the function
  std::uint32_t pending_number_ = 0;
  std::string candidate_;  ///< an unknown line that the next may show to be the name of a C++ function
  std::uint32_t candidate_number_ = 0;
  KnownFrames known_;
  bool seen_stale_ = false;  ///< version marks of arguments, each noted once
  bool seen_braces_ = false;

  model::SameStacks same_stacks_;
  std::unordered_map<StringId, model::WaitKind> wait_kinds_;  ///< of the states met
  struct Line {
    std::string text;  ///< its front
    std::uint32_t number = 0;
  };
  std::uint64_t ordinal_ = 0;         ///< of the line in work, whatever its number: carriers share numbers among lines
  std::uint64_t recent_ordinal_ = 0;  ///< of the last in recent_
  std::array<Line, 3> recent_;        ///< the last ordinary lines, oldest first
  model::LogLine context_;            ///< the line above a goroutine that opened a traceback
};

}  // namespace gopsy::decode::traceback
