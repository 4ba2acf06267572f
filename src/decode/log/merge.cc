#include "decode/log/merge.h"

#include <algorithm>
#include <iterator>

namespace gopsy::decode::log {
namespace {

// The marks of each process narrow the range; processes of different versions contradict each other, and the range of
// the first stands then.
void merge(model::GoVersion& into, const model::GoVersion& from) {
  if (!from.exact.empty()) into.is_exactly(from.exact, from.exact_mark);
  if (from.oldest != 0) into.at_least(from.oldest, from.oldest_mark);
  if (from.newest != 0) into.at_most(from.newest, from.newest_mark);
}

// Things that a log lists in the order of its lines. What a later kind of line yields (a member of model::Log) is
// merged here.
void merge(model::Log& into, model::Log&& from) {
  std::ranges::move(from.tracebacks, std::back_inserter(into.tracebacks));
  std::ranges::move(from.notices, std::back_inserter(into.notices));
  into.lines = std::max(into.lines, from.lines);
}

}  // namespace

traceback::Reading merged(std::vector<traceback::Reading> readings) {
  if (readings.empty()) return {};
  std::ranges::stable_sort(readings, {}, [](const traceback::Reading& reading) {
    return reading.log.tracebacks.empty() ? UINT32_MAX : reading.log.tracebacks.front().first_line;
  });
  traceback::Reading all = std::move(readings.front());
  if (readings.size() == 1) return all;
  for (auto reading = readings.begin() + 1; reading != readings.end(); ++reading) {
    merge(all.go_version, reading->go_version);
    merge(all.log, std::move(reading->log));
    all.time_ns = std::max(all.time_ns, reading->time_ns);
    all.goroutines_read += reading->goroutines_read;
    all.goroutines_malformed += reading->goroutines_malformed;
    all.lines_in_tracebacks += reading->lines_in_tracebacks;
    all.lines_odd += reading->lines_odd;
  }
  std::ranges::stable_sort(all.log.tracebacks, {}, &model::Traceback::first_line);
  std::ranges::stable_sort(all.log.notices, {}, &model::LogLine::number);
  return all;
}

}  // namespace gopsy::decode::log
