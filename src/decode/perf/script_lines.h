#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace gopsy::decode {

/// The line that begins a sample: "COMM PID/TID [CPU] TIME: PERIOD EVENT: REST"; all but EVENT may be missing.
struct ScriptEvent {
  std::string_view comm;
  std::int64_t pid = -1;
  std::int64_t tid = -1;
  std::optional<std::int64_t> time_ns;
  std::optional<std::uint64_t> period;
  std::string_view event;
  std::string_view rest;
};
/// Nothing if the line is none. Cost: linear in the line.
std::optional<ScriptEvent> parse_script_event(std::string_view line);

/// A frame: "ADDRESS SYMBOL+OFFSET (DSO)"; "[unknown]" names become empty, and so does what was not printed.
struct ScriptFrame {
  std::uint64_t address = 0;
  std::string_view symbol;
  std::string_view dso;
  bool inlined = false;
};
std::optional<ScriptFrame> parse_script_frame(std::string_view line);

/// Where a frame is: "FILE:LINE", of the line behind it that `-F +srcline` adds.
struct ScriptPlace {
  std::string_view file;
  std::int64_t line = 0;
};
std::optional<ScriptPlace> parse_script_place(std::string_view line);

}  // namespace gopsy::decode
