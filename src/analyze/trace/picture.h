#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "analyze/trace/state_counts.h"
#include "analyze/trace/study.h"
#include "analyze/trace/survey.h"

namespace gopsy::analyze {

/// A range of a trace as a picture of so many columns has it.
///
/// Shape   a column stands for 1/columns of the range. What happens faster than a column is wide is summed up in it: no
///         row knows single intervals but its longest ones.
struct TracePicture {
  /// What a goroutine does, as colours tell it apart.
  enum State : std::uint8_t { Running, Runnable, Syscall, Sync, Network, Sleep, Collector, Other };
  static constexpr std::size_t kClasses = 10;

  /// An interval long enough to be seen and pointed at.
  struct Block {
    std::int64_t begin_ns = 0;
    std::int64_t end_ns = 0;
    std::uint8_t what = 0;  ///< class of the row
    std::string who;        ///< of a P: the goroutine
    StringId reason;
    StringId place;  ///< function where it blocked or entered the system call
    std::uint32_t line = 0;
    std::uint32_t p = 0;      ///< id, of Running
    std::int32_t waker = -1;  ///< row of `goroutines` of who ended it; -1: none that is drawn
    std::string waker_name;   ///< empty: nobody of the program
    std::uint8_t flags = 0;   ///< StateInterval::Flag
  };
  struct Row {
    std::string name;
    std::string function;  ///< in full
    std::array<std::int64_t, kClasses> total_ns{};
    std::vector<std::array<float, kClasses>> columns;  ///< ns of each class
    std::vector<std::uint32_t> changes;                ///< intervals that began, by column
    std::vector<Block> blocks;                         ///< the longest, by time
  };
  struct Stop {
    std::uint32_t count = 0;
    std::int64_t total_ns = 0;
    std::int64_t longest_ns = 0;
    std::int64_t begin_ns = 0;  ///< of the longest
    StringId kind;              ///< of the longest
  };
  struct Span {
    std::int64_t begin_ns = 0;
    std::int64_t end_ns = 0;
  };
  struct Column {
    double heap = 0;  ///< bytes, the highest
    double goal = 0;
    std::array<double, 3> states{};  ///< goroutines running, runnable, in system calls: averages
    std::uint32_t max_procs = 0;     ///< GOMAXPROCS at its end; 0: not said so far
    Stop stops;
  };

  std::int64_t trace_begin_ns = 0;  ///< of the whole trace: what times are counted from
  std::int64_t first_ns = 0;
  std::int64_t last_ns = 0;
  std::vector<Column> columns;
  std::vector<Row> procs;
  std::vector<Row> goroutines;
  std::vector<Span> collections;  ///< concurrent mark phases; those that touch in the picture are one
  std::uint64_t collection_count = 0;
  std::vector<std::string> functions;  ///< what the classes of `procs` are, in the order of their colours
  std::uint64_t goroutine_count = 0;
  std::uint64_t proc_count = 0;
};

/// Gathers it in one pass, after a survey.
///
/// Cost    a few nanoseconds an event; memory for rows times columns and for the goroutines that live.
class PictureBuilder final : public model::TraceSink, private TracePart {
 public:
  /// Classes of TracePicture::procs beside the functions'.
  enum ProcClass : std::uint8_t { kFunctions = 7, kOtherCode = 7, kRuntimeCode = 8, kCollectorCode = 9 };
  static constexpr std::size_t kMostProcs = 32;
  static constexpr std::size_t kMostBlocks = 60;  ///< a row

  PictureBuilder(model::Symbols& symbols, TraceRange range, const TraceSurvey& survey, std::size_t columns);

  void generation(const model::TraceTables& tables, const model::TraceNames& names) override;
  void events(std::span<const model::TraceEvent> chunk) override;
  TracePicture take();

 private:
  using TracePart::generation;
  void step(const TraceContext& context, std::span<const model::TraceEvent> events,
            std::span<const StateInterval> ended) override;
  void interval(const TraceContext& context, const StateInterval& one);
  void add(TracePicture::Row& row, std::uint8_t what, std::int64_t begin_ns, std::int64_t end_ns);
  void keep(const TraceContext& context, TracePicture::Row& row, TracePicture::Block block, const StateInterval& one,
            bool of_proc);
  void count_until(std::int64_t ns);
  void value(const model::TraceEvent& event);
  void collection(const model::TraceEvent& event);
  void stop(const model::TraceEvent& event);
  [[nodiscard]] std::size_t column(std::int64_t ns) const;
  [[nodiscard]] std::uint64_t proc_id(std::uint32_t p) const { return p < proc_ids_.size() ? proc_ids_[p] : p; }
  [[nodiscard]] std::uint8_t class_of_code(StringId function) const;
  std::uint8_t class_of_reason(StringId reason);
  [[nodiscard]] std::int32_t drawn(const TraceContext& context, std::uint32_t g) const;

  TracePicture picture_;
  TraceStudy study_;
  StateCounts counts_;
  model::Symbols& symbols_;
  const model::TraceNames* names_ = nullptr;  // while the trace is read
  std::vector<std::uint64_t> proc_ids_;
  std::vector<std::uint32_t> row_of_proc_;   // by row of P: 1 + index in `procs`
  std::vector<std::int32_t> row_of_number_;  // by TraceLife::number: index in `goroutines`, -1 for the others
  std::map<StringId, std::uint8_t> code_;
  std::vector<std::uint8_t> reasons_;  // by StringId: 1 + class
  std::map<std::uint32_t, std::int64_t> stopping_;
  std::int64_t collecting_since_ns_ = INT64_MIN;
  std::int64_t counted_ns_ = 0;
  std::int64_t least_block_ns_ = 0;
  bool any_ = false;
};

std::string goroutine_title(std::uint64_t goid, std::string_view function);

}  // namespace gopsy::analyze
