#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "decode/traceback/grammar.h"
#include "model/evidence.h"

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
/// A line is looked at during the call only: what is needed later is copied or interned.
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

  bool header_line(std::string_view text);
  bool panic_header(std::string_view text);
  bool fatal_header(std::string_view text);
  bool signal_lines(std::string_view text);
  bool goroutine_start(std::string_view text);
  bool goroutine_content(std::string_view text);
  bool header_continuation(std::string_view text);
  void end_header_text();
  void ordinary(std::string_view text);
  void blank();

  void open(model::Cause cause);
  void close();
  void begin_goroutine(const GoroutineHeader& header, bool system);
  void end_goroutine();
  void add_frame(std::string_view function, std::string_view args, const FileLine& place, std::uint32_t log_line);
  void drop_pending_function();
  void drop_forged_goroutine();
  void name_recovered_panic();
  void name_missing_header();
  void join_split_panic_text();
  bool belongs_to_open(const GoroutineHeader& header) const;

  [[nodiscard]] model::Traceback& current() { return reading_.log.tracebacks.back(); }
  [[nodiscard]] model::Goroutine& goroutine() { return current().goroutines.back(); }

  model::Symbols& symbols_;
  Reading reading_;
  Phase phase_ = Phase::Outside;
  std::uint32_t number_ = 0;

  bool blank_in_header_ = false;
  unsigned foreign_lines_ = 0;  ///< since the last line that belonged to the open traceback
  bool relay_ = false;          ///< after "-----": threads print themselves one by one (GOTRACEBACK=crash)
  bool in_ancestor_ = false;
  bool noise_ = false;  ///< inside the hexadecimal words of a failed unwind

  std::string more_text_;              ///< lines that a panic or fatal text goes on with
  std::string stamped_;                ///< the front of the last ordinary line that begins with a digit
  std::vector<model::LogLine> leads_;  ///< lead lines waiting for their header
  std::string signal_name_;            ///< "SIGQUIT: quit" waiting for its PC= line
  std::uint32_t signal_line_ = 0;
  std::string function_;  ///< a function line waiting for its file line; empty for none
  std::string args_;
  std::uint32_t function_number_ = 0;
  bool function_is_bare_ = false;  ///< without an argument list: C code, or a stray word
  bool creator_pending_ = false;
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
