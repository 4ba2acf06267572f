#include "app/trace_views.h"

#include <array>
#include <optional>

#include "analyze/trace/survey.h"
#include "base/format.h"
#include "base/text.h"
#include "base/units.h"
#include "render/trace/perfetto.h"
#include "render/trace/timeline_svg.h"

namespace gopsy::app {
namespace {

// Measured on traces of web and channel loads: 105 MB of trace make 900 MB.
constexpr std::uint64_t kBytesAnInterval = 55;
constexpr std::uint64_t kBytesARun = 55;
constexpr std::uint64_t kBytesAWake = 50;
// The browser's importer needs several times the file in memory, of which it has 4 GB at most.
constexpr std::uint64_t kMostForBrowsers = std::uint64_t{1} << 30;
constexpr std::size_t kRowsOfTimeline = 24;
constexpr std::int64_t kCounts = 100'000;  // points a counter of goroutines, about

std::string file_name(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

TraceOptions lenient(const TraceViewOptions& options) { return {.salvage = true, .limits = options.limits}; }

std::string size_warning(const analyze::TraceSurvey& survey) {
  const std::uint64_t bytes =
      survey.intervals * kBytesAnInterval + survey.runs * kBytesARun + survey.wakes * kBytesAWake;
  if (bytes < kMostForBrowsers) return {};
  return fmt::format(
      "the export will have about {}: more than ui.perfetto.dev can open in a browser. --from and --to take a range of "
      "time, --top 50 the goroutines that matter most; or load it into Perfetto's native trace_processor",
      human_bytes(bytes));
}

}  // namespace

TraceOutcome export_perfetto(const std::string& path, const TraceViewOptions& options, const ViewSink& out,
                             const std::function<void(const std::string&)>& warn) {
  model::Symbols symbols;
  analyze::TraceSurvey survey(options.top);
  analyze::TraceStudy study(symbols, {&survey}, options.range);
  std::optional<render::PerfettoTrace> writer;
  const std::array<TracePass, 2> passes{
      [&]() -> model::TraceSink& { return study; },
      [&]() -> model::TraceSink& {
        study.finish();
        const std::string warning = options.top == 0 ? size_warning(survey) : std::string();
        if (!warning.empty()) warn(warning);
        render::PerfettoTrace::Options how{.range = options.range, .title = file_name(path)};
        how.counter_period_ns = (survey.last_ns - survey.first_ns) / kCounts;
        for (const analyze::SurveyedGoroutine& one : survey.chosen) {
          if (one.number >= how.chosen.size()) how.chosen.resize(one.number + std::size_t{1});
          how.chosen[one.number] = true;
        }
        return writer.emplace(symbols, std::move(how), out);
      }};
  TraceOutcome outcome = read_trace(path, lenient(options), passes);
  if (outcome.failure.empty() && writer) writer->finish_trace();
  return outcome;
}

TraceOutcome draw_timeline(const std::string& path, const TraceViewOptions& options, std::string& svg) {
  model::Symbols symbols;
  analyze::TraceSurvey survey(options.top == 0 ? kRowsOfTimeline : options.top);
  analyze::TraceStudy study(symbols, {&survey}, options.range);
  std::optional<analyze::PictureBuilder> builder;
  const std::array<TracePass, 2> passes{[&]() -> model::TraceSink& { return study; },
                                        [&]() -> model::TraceSink& {
                                          study.finish();
                                          return builder.emplace(symbols, options.range, survey,
                                                                 render::kTimelineColumns);
                                        }};
  TraceOutcome outcome = read_trace(path, lenient(options), passes);
  if (outcome.failure.empty() && builder)
    svg = render::timeline_svg(builder->take(), symbols, fmt::format("Execution trace: {}", file_name(path)));
  return outcome;
}

}  // namespace gopsy::app
