#pragma once

#include <cstdint>
#include <string_view>

#include "decode/traceback/reader.h"
#include "model/evidence.h"

namespace gopsy::decode::log {

/// The lines of one process, in their order and without what carried them here. Each line goes to the first
/// reader that knows it; what none knows is an ordinary line, which the traceback reader keeps an eye on.
///
/// A line is looked at during the call only.
class Stream {
 public:
  explicit Stream(model::Symbols& symbols) : tracebacks_(symbols) {}

  /// `number` is that of the line of the file it stands in, counted from 1; it never decreases.
  void line(std::string_view text, std::uint32_t number) { tracebacks_.line(text, number); }

  /// Ends the reading. `complete`: the last line ended in a newline.
  traceback::Reading finish(bool complete) { return tracebacks_.finish(complete); }

 private:
  traceback::Reader tracebacks_;
};

}  // namespace gopsy::decode::log
