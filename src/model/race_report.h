#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/ids.h"

namespace gopsy::model {

/// One frame of a race report. Arguments are never printed there.
struct RaceFrame {
  StringId function;
  StringId file;           ///< as printed: GORACE=strip_path_prefix may have shortened it; empty if its line is missing
  std::uint32_t line = 0;  ///< 0 where it is missing
  std::uint32_t log_line = 0;
};

/// Frames of a report: `frames[first .. first + count)`, innermost first.
struct RaceStack {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  bool lost = false;  ///< "[failed to restore the stack]": the history of that goroutine was overwritten
};

/// One of the two accesses, and what is known of the goroutine that made it.
struct RaceAccess {
  bool write = false;
  std::optional<std::uint64_t> address;  ///< not printed before Go 1.7
  bool main = false;                     ///< "main goroutine": it has no creation stack
  std::uint64_t goroutine = 0;           ///< the race runtime's own number, not the one of tracebacks; 0 for main
  std::uint32_t log_line = 0;
  RaceStack stack;
  bool finished = false;  ///< the goroutine had ended when the report was printed
  bool creation_told = false;
  RaceStack created;
};

/// One `WARNING: DATA RACE`. Reports that differ in nothing but addresses and goroutine numbers are one, counted.
///
/// Source  llvm compiler-rt/lib/tsan/rtl/tsan_report.cpp, the part for Go (PrintReport, PrintMop, PrintThread),
///         as built into runtime/race/*.syso; reference/text-evidence.md section 1d.
struct RaceReport {
  std::array<RaceAccess, 2> accesses;  ///< the one that was noticed, then the previous one
  std::uint32_t access_count = 0;      ///< less than 2 only where the text is cut
  std::vector<RaceFrame> frames;
  std::uint32_t first_line = 0;
  std::uint32_t last_line = 0;
  bool cut = false;         ///< its end is missing
  std::uint64_t times = 1;  ///< how often the log has it
  StringId test;            ///< the test that `go test` failed for it; empty if none is named

  [[nodiscard]] std::span<const RaceFrame> frames_of(const RaceStack& stack) const {
    return std::span(frames).subspan(stack.first, stack.count);
  }
};

/// Everything that the race detector wrote into one log.
struct Races {
  std::vector<RaceReport> reports;
  std::uint64_t read = 0;          ///< "WARNING: DATA RACE" lines
  std::uint64_t malformed = 0;     ///< of them, without an access
  std::uint64_t announced = 0;     ///< sum of "Found N data race(s)"
  std::uint32_t limit_line = 0;    ///< of "race: limit on 8128 simultaneously alive goroutines is exceeded, dying"
  std::uint64_t report_lines = 0;  ///< lines of the log that belong to reports
};

}  // namespace gopsy::model
