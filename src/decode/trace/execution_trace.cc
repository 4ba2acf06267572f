#include "decode/trace/execution_trace.h"

#include <algorithm>

#include "base/format.h"
#include "base/units.h"
#include "decode/trace/format.h"
#include "decode/trace/reader.h"

namespace gopsy::decode {
namespace {

class NoSink final : public model::TraceSink {
 public:
  void generation(const model::TraceTables&, const model::TraceNames&) override {}
  void events(std::span<const model::TraceEvent>) override {}
};

Match sniff(std::string_view head) { return trace::format_of(head) ? Match::Certain : Match::No; }

// Damaged times may be anything.
std::int64_t lasted(const model::TraceReport& report) {
  const std::uint64_t ns = static_cast<std::uint64_t>(report.last_ns) - static_cast<std::uint64_t>(report.first_ns);
  return static_cast<std::int64_t>(std::min<std::uint64_t>(ns, INT64_MAX));
}

std::string cut_text(const model::TraceReport& report) {
  std::vector<std::string> parts;
  if (report.unfinished)
    parts.emplace_back(
        "nobody stopped the trace: the process was killed, called os.Exit, or the file was copied before "
        "that; what its buffers held last is missing");
  if (report.damages != 0)
    parts.push_back(fmt::format("damaged in {}, first at byte {}: {}", counted(report.damages, "place"),
                                with_commas(report.damaged.front().offset), report.damaged.front().what));
  if (report.guessed_clock)
    parts.emplace_back(trace::is_v1(report.format) ? "it does not say how long a tick is: durations are a guess"
                                                   : "the unit of time is missing in a generation: that of the one "
                                                     "before it, or Linux's, was taken");
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : "; ") + part;
  return out;
}

void add_counts(model::Evidence& evidence, std::uint64_t bytes) {
  const model::TraceReport& report = *evidence.trace;
  evidence.counts.push_back({.what = "events", .read = report.events, .kept = report.events});
  evidence.counts.push_back({.what = "goroutines", .read = report.goroutines, .kept = report.goroutines});
  evidence.counts.push_back({.what = "generations", .read = report.generations, .kept = report.generations});
  if (report.samples != 0)
    evidence.counts.push_back({.what = "CPU samples", .read = report.samples, .kept = report.samples});
  model::Counts whole{.what = "bytes", .read = bytes, .kept = bytes};
  if (const std::uint64_t lost = std::min(report.lost_bytes, bytes); lost != 0) {
    whole.kept -= lost;
    whole.skip("no event could be read from them", lost);
  }
  evidence.counts.push_back(std::move(whole));
  for (const auto& [count, what] :
       {std::pair{report.forced, "events that contradict what came before, and were believed"},
        std::pair{report.lost_stacks, "events whose stack is in no table"},
        std::pair{report.lost_strings, "events with a name that is in no table"}})
    if (count != 0) evidence.counts.push_back({.what = what, .read = count, .kept = count});
}

// The rest of a file behind its head; says how far it was read.
class SteppedPage final : public trace::WholePage {
 public:
  SteppedPage(std::string_view file, const Passed& passed)
      : WholePage(file.substr(std::min(file.size(), trace::kHeaderBytes)), trace::kHeaderBytes),
        begin_(file.data()),
        passed_(passed) {}

  void release(std::string_view bytes) override {
    const auto end = static_cast<std::size_t>(bytes.data() + bytes.size() - begin_);
    if (!passed_ || end <= told_) return;
    told_ = end;
    passed_(end);
  }

 private:
  const char* begin_;
  const Passed& passed_;
  std::size_t told_ = 0;
};

Result<model::Evidence> decode_events(std::string_view bytes, model::TraceSink& sink, const Passed& passed) {
  model::TraceReport report;
  SteppedPage pages(bytes, passed);
  const auto done = trace::read(bytes, pages, {.salvage = true}, sink, report);
  if (!done) return std::unexpected(done.error());
  report.bytes = bytes.size();
  return trace_evidence(std::move(report));
}

Result<model::Evidence> decode_in_steps(std::string_view bytes, model::Symbols&, const Passed& passed) {
  NoSink sink;
  return decode_events(bytes, sink, passed);
}

Result<model::Evidence> decode(std::string_view bytes, model::Symbols& symbols) {
  return decode_in_steps(bytes, symbols, {});
}

}  // namespace

model::Evidence trace_evidence(model::TraceReport read) {
  model::Evidence evidence;
  const model::TraceReport& report = evidence.trace.emplace(std::move(read));
  evidence.format = kExecutionTrace.name;
  evidence.bytes = report.bytes;
  evidence.kind = fmt::format("execution trace of {}, format 1.{}", human_duration(lasted(report)), report.format);
  const auto versions = trace::go_versions(report.format);
  const std::string mark = fmt::format("its format, go 1.{}", report.format);
  evidence.go_version.at_least(versions.oldest, mark);
  if (versions.newest != 0) evidence.go_version.at_most(versions.newest, mark);
  if (report.clock && report.clock->wall_s > 0 && report.clock->wall_s < INT64_MAX / 2'000'000'000)
    evidence.time_ns =
        report.clock->wall_s * 1'000'000'000 + std::clamp<std::int64_t>(report.clock->wall_ns, 0, 999'999'999);
  evidence.cut = cut_text(report);
  add_counts(evidence, report.bytes);
  return evidence;
}

constinit const Decoder kExecutionTrace{
    .name = "execution-trace",
    .title = "Go execution trace",
    .summary = "runtime/trace, go test -trace and /debug/pprof/trace of Go 1.11 and later, whole or torn",
    .sniff = sniff,
    .decode = decode,
    .decode_in_steps = decode_in_steps,
    .decode_events = decode_events,
};

}  // namespace gopsy::decode
