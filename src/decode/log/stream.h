#pragma once

#include <cstdint>
#include <string_view>

#include "decode/race/reader.h"
#include "decode/runtime_lines/reader.h"
#include "decode/traceback/reader.h"
#include "model/evidence.h"

namespace gopsy::decode::log {

/// The lines of one process, in their order and without what carried them here. Each line goes to the first
/// reader that knows it; what none knows is an ordinary line, which the traceback reader keeps an eye on.
///
/// A line is looked at during the call only.
class Stream {
 public:
  explicit Stream(model::Symbols& symbols) : races_(symbols), runtime_(symbols), tracebacks_(symbols) {}

  /// `number` is that of the line of the file it stands in, counted from 1. It goes back where
  /// lines were put in the order of their times.
  void line(std::string_view text, std::uint32_t number) {
    last_ = number;
    if (!races_.line(text, number) && !runtime_.line(text, number)) tracebacks_.line(text, number);
  }

  /// A line that is one of a dump by its form, and so none of another reader, unless a race report is open.
  void dump_line(std::string_view text, std::uint32_t number) {
    if (races_.is_open()) return line(text, number);
    last_ = number;
    tracebacks_.line(text, number);
  }

  /// Ends the reading. `complete`: the last line ended in a newline.
  traceback::Reading finish(bool complete) {
    traceback::Reading reading = tracebacks_.finish(complete);
    reading.log.lines = last_;
    reading.log.races = races_.finish();
    reading.log.runtime = runtime_.finish(reading.go_version);
    return reading;
  }

 private:
  race::Reader races_;
  runtime_lines::Reader runtime_;
  traceback::Reader tracebacks_;
  std::uint32_t last_ = 0;  ///< the number of the line before
};

}  // namespace gopsy::decode::log
