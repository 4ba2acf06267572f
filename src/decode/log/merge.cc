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

// Each process has counted its runs from 0 and its rows on their own.
void merge(model::RuntimeLog& into, model::RuntimeLog&& from) {
  const auto runs = into.runs;
  const auto samples = static_cast<std::uint32_t>(into.samples.size());
  const auto procs = static_cast<std::uint32_t>(into.procs.size());
  const auto append = [runs](auto& to, auto& rows) {
    for (auto& row : rows) {
      row.run += runs;
      to.push_back(row);
    }
  };
  for (auto& sample : from.samples) sample.first_proc += procs;
  for (auto& states : from.states) states.sample += samples;
  append(into.cycles, from.cycles);
  append(into.samples, from.samples);
  append(into.scavenges, from.scavenges);
  append(into.inits, from.inits);
  std::ranges::move(from.procs, std::back_inserter(into.procs));
  std::ranges::move(from.states, std::back_inserter(into.states));
  into.runs += from.runs;
  into.pacer_lines += from.pacer_lines;
  into.scan_lines += from.scan_lines;
  into.periodic += from.periodic;
  into.lines += from.lines;
  into.torn += from.torn;
  into.repeated += from.repeated;
}

void merge(model::Races& into, model::Races&& from) {
  std::ranges::move(from.reports, std::back_inserter(into.reports));
  into.read += from.read;
  into.malformed += from.malformed;
  into.announced += from.announced;
  if (into.limit_line == 0) into.limit_line = from.limit_line;
  into.report_lines += from.report_lines;
}

// Things that a log lists in the order of its lines. What a later kind of line yields (a member of model::Log) is
// merged here.
void merge(model::Log& into, model::Log&& from) {
  std::ranges::move(from.tracebacks, std::back_inserter(into.tracebacks));
  std::ranges::move(from.notices, std::back_inserter(into.notices));
  merge(into.races, std::move(from.races));
  merge(into.runtime, std::move(from.runtime));
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
  std::ranges::stable_sort(all.log.races.reports, {}, &model::RaceReport::first_line);
  return all;
}

}  // namespace gopsy::decode::log
