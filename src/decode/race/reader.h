#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/race_report.h"
#include "model/symbols.h"

namespace gopsy::decode::race {

/// The reports of the race detector in a log.
///
/// Shape   reference grammar 1d: "WARNING: DATA RACE", two accesses with a stack each, the creation stack of each
///         goroutine but main, a line of 18 equal signs. Every line may be indented further, or not at all: only the
///         first frame decides what a frame looks like. Other lines may stand in between.
/// Yields  model::Races. Reports that are equal but for addresses and goroutine numbers are kept once, with a count:
///         memory is that of the distinct ones.
/// Errors  none: a report that is cut keeps what is there.
/// Cost    one comparison a line outside of reports; a look-up in a hash table a report.
/// Source  compiler-rt/lib/tsan/rtl/tsan_report.cpp (Go), tsan_rtl_report.cpp ("Found N data race(s)").
class Reader {
 public:
  explicit Reader(model::Symbols& symbols) : symbols_(symbols) {}

  /// Takes the line if it belongs to a race report, else says false. A line is looked at during the call only.
  bool line(std::string_view text, std::uint32_t number);

  /// Is a report under way, or may the next line begin one?
  [[nodiscard]] bool is_open() const { return open_ || separator_; }

  /// Ends the reading.
  model::Races finish();

 private:
  bool start(std::string_view text);
  bool header(std::string_view text);
  bool access(std::string_view text);
  bool creation(std::string_view text);
  bool frame(std::string_view text, bool indented);
  bool tail(std::string_view text);
  void name_test(std::string_view text);
  void give_test_name();
  void add_frame(std::string_view file, std::uint32_t line);
  void open_stack(model::RaceStack* stack);
  void close_stack();
  void close(bool cut);

  model::Symbols& symbols_;
  model::Races races_;
  model::RaceReport report_;
  bool open_ = false;
  bool separator_ = false;  ///< the line above is one of equal signs, and of no report yet
  std::uint32_t number_ = 0;
  unsigned foreign_lines_ = 0;         ///< since the last line of the open report
  bool any_frame_ = false;             ///< of the open report
  bool unindented_ = false;            ///< a carrier took the indentation of the open report off
  model::RaceStack* stack_ = nullptr;  ///< that frames go to; null: they are of no access that is known
  bool in_stack_ = false;
  std::string function_;  ///< waiting for its file line
  std::uint32_t function_number_ = 0;

  std::unordered_multimap<std::uint64_t, std::size_t> known_;  ///< hash of a report -> races_.reports
  std::string failed_test_;                                    ///< of the last "--- FAIL:" since the last report
  bool test_failed_ = false;       ///< "race detected during execution of test" was there, and no name yet
  std::size_t first_unnamed_ = 0;  ///< report that no test was named for yet
};

}  // namespace gopsy::decode::race
