#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

namespace gopsy::decode::log {

/// What the first part of a file says of all its lines.
struct Shape {
  bool output_ends_in_newline = false;    ///< `"log"` fields end in a newline, so one without it goes on (Docker)
  char separator = 0;                     ///< of a table; 0 for none
  std::vector<std::string_view> columns;  ///< its titles, views into the file
};

Shape shape_of(std::string_view head);

/// A line on its way out of what carried it. `text` lies in the input or in memory of the carrier at work: it is
/// looked at during the call only.
struct Line {
  std::string_view text;         ///< after a carrier: may hold newlines, each ends a line of the process
  const Shape* shape = nullptr;  ///< of the file; never null
  std::uint32_t number = 0;      ///< of the line of the file, from 1
  std::int64_t time_ns = 0;      ///< of the innermost carrier that knows it; 0 where none does
  std::uint64_t sequence = 0;    ///< a running number beside the time (`offset`, `seq`); 0 where there is none
  std::uint64_t process = 0;     ///< what tells processes apart, hashed: container, pid, stream; 0 where nothing does
  std::uint32_t carriers = 0;    ///< bit i: row i of the table was undone
  bool partial = false;          ///< goes on in the next line of the same process (splits at 16 KiB)
  bool own_newline = false;      ///< the carrier says where lines end: a text without a newline is not ended
  bool final = false;            ///< nothing else is in there to be undone
  /// A record of a structured log: shown as it stands in the file unless it is part of a traceback.
  std::string_view record;
};

using Emit = std::function<void(const Line&)>;

/// One way to carry the lines of a process.
struct Carrier {
  std::string_view name;  ///< for people: "Docker JSON"

  /// Undoes it: emits what the line holds, each with its process, and says so. False: the line is of another form,
  /// and nothing was emitted. Keeps no state, so that any part of a log can be read.
  bool (*undo)(const Line& line, const Emit& emit);
};

/// All of them, in the order in which they are tried. A row is all it takes; docs/formats/crash-log.md names it.
std::span<const Carrier> carriers();

/// Mixes a word into what tells processes apart.
std::uint64_t mixed(std::uint64_t process, std::string_view word);

// The rows, each in a file of its name.
bool undo_json(const Line& line, const Emit& emit);
bool undo_cri(const Line& line, const Emit& emit);
bool undo_syslog(const Line& line, const Emit& emit);
bool undo_labelled(const Line& line, const Emit& emit);
bool undo_logfmt(const Line& line, const Emit& emit);
bool undo_csv(const Line& line, const Emit& emit);

}  // namespace gopsy::decode::log
