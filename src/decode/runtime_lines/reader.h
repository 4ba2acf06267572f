#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "decode/runtime_lines/grammar.h"
#include "model/evidence.h"
#include "model/runtime_log.h"

namespace gopsy::decode::runtime_lines {

/// The lines that GODEBUG=gctrace, schedtrace, scheddetail, scavtrace, inittrace and gcpacertrace write between those
/// of a log.
///
/// Shape   reference/text-evidence.md section 1e, Go 1.10 to 1.27.
/// Yields  rows in the order of the text. A cycle whose number follows on that of an earlier run goes back to it, so
///         that two processes in one stream stay apart; otherwise a run ends where numbers or times go back.
/// Errors  none: lines that begin like one of these and go on otherwise are counted as torn. The runtime writes such a
///         line in several pieces, and another thread may come between.
/// Cost    for any other line a look at its first two bytes.
/// Source  runtime/mgc.go gcMarkTermination, runtime/proc.go schedtrace and doInit1, runtime/mgcscavenge.go
///         printScavTrace, runtime/mgcpacer.go.
class Reader {
 public:
  explicit Reader(model::Symbols& symbols) : symbols_(symbols) {}

  /// True: it was one of these lines, whole or torn, and is nobody else's.
  bool line(std::string_view text, std::uint32_t number) {
    if (text.size() < 4 || !may_be_one(text[0], text[1])) return false;
    return known(text, number);
  }

  /// Ends the reading, and narrows `version` by what the lines looked like.
  model::RuntimeLog finish(model::GoVersion& version);

 private:
  // What is known of a run: where it stands, to recognise what cannot be its next line.
  struct Run {
    std::uint64_t cycle = 0;     ///< number of the last one
    std::int64_t cycle_ns = -1;  ///< its start
    std::int64_t sched_ns = -1;
    std::int64_t init_ns = -1;
    std::int64_t latest_ns = 0;  ///< of anything
    std::uint32_t procs = 0;
  };
  // Shapes that differ between versions.
  struct Marks {
    bool stacks = false, no_stacks = false, leak_check = false, scan = false, need = false, no_need = false,
         ticks = false, no_ticks = false, eager = false, no_eager = false, generation = false, scvg = false,
         init = false, timers = false, no_timers = false, helpgc = false, nil = false, no_nil = false;
  };

  // Inside scheddetail's lines blanks are of interest; elsewhere indented lines are the log's own.
  [[nodiscard]] bool may_be_one(char first, char second) const {
    switch (first) {
      case 'g': return second == 'c';
      case 'S': return second == 'C';
      case 's': return second == 'c';
      case 'i': return second == 'n';
      case 'p': return second == 'a';
      case 'G': return second == 'C';
      case ' ': return in_detail_ && second == ' ';
      default: return false;
    }
  }

  bool known(std::string_view text, std::uint32_t number);
  bool gc(std::string_view text);
  bool sched(std::string_view text);
  bool detail(std::string_view text);
  void count_state(const GoroutineLine& line);
  bool scavenge(std::string_view text);
  bool init(std::string_view text);
  bool torn(std::string_view text);

  Run& current();
  Run& begin_run();
  Run& run_of(const model::GcCycle& cycle);
  [[nodiscard]] std::uint32_t run_number() const { return numbers_[now_]; }

  model::Symbols& symbols_;
  model::RuntimeLog log_;
  Marks marks_;
  std::uint32_t number_ = 0;
  bool in_detail_ = false;
  std::vector<Run> open_;               ///< the last few runs, oldest first
  std::vector<std::uint32_t> numbers_;  ///< of each of them
  std::size_t now_ = 0;                 ///< the one that the last line was of
};

}  // namespace gopsy::decode::runtime_lines
