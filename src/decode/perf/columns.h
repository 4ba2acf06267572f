#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "model/profile.h"
#include "model/symbols.h"

namespace gopsy::decode {

/// The values of perf's samples, each of which is of one event: two columns an event, as perf_to_profile names them.
///
/// Shape   `EVENT_sample`/count is 1 a sample, `EVENT_event` what the sample stands for: nanoseconds for cpu-clock and
///         task-clock, else a count. Without any period there is no `_event` column.
/// Source  google/perf_data_converter src/perf_data_handler.cc and src/perf_data_converter.cc.
class PerfColumns {
 public:
  /// More events than any recording has, few enough that a hostile one cannot blow the table up.
  static constexpr std::size_t kMostEvents = 16;

  /// The index of the event; nothing if there are too many already. Modifiers (":u", ":ppp") are not part of a name.
  std::optional<std::uint32_t> event(std::string_view name, model::Symbols& symbols);
  void add(std::uint32_t event, std::optional<std::uint64_t> period);
  /// Writes types, values and, if all samples agree, the period. Of several events the one with most samples is what is
  /// shown when nobody asks.
  void finish(model::Profile& profile, model::Symbols& symbols) const;

 private:
  struct Row {
    std::uint32_t event;
    bool has_period;
    std::int64_t period;
  };
  std::size_t most_sampled() const;
  void add_types(model::Profile& profile, model::Symbols& symbols, bool periods) const;

  std::vector<StringId> events_;
  std::vector<Row> rows_;
};

/// Who was sampled, as labels of the sample that is being written. Numbers that are 0 or unknown are left out.
void add_thread_labels(model::Profile& profile, model::Symbols& symbols, StringId thread_comm, std::int64_t pid,
                       std::int64_t tid);

/// Puts the program's mapping first, as profile.proto wants it: the first file that is called as a sampled thread is.
void program_first(model::Profile& profile, model::Symbols& symbols, const std::unordered_set<StringId>& comms);

}  // namespace gopsy::decode
