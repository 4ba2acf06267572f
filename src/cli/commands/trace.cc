#include <array>
#include <cstdio>

#include "app/session.h"
#include "app/trace.h"
#include "base/format.h"
#include "base/json_writer.h"
#include "base/units.h"
#include "cli/catalog.h"
#include "cli/inputs.h"
#include "cli/terminal.h"
#include "render/words.h"

namespace gopsy::cli {
namespace {

constexpr std::array kFlags{
    Flag{"--debug,-d", "MODE", "print what `go tool trace -d` prints instead of an overview", "parsed|wire|footprint"},
    Flag{"--salvage", "", "with -d parsed: go on where the trace is damaged instead of stopping there"},
    Flag{"--json", "", "the overview as a JSON object"},
};

constexpr std::array kExamples{
    Example{"gopsy trace trace.out", "what it is, how long, and what of it is damaged"},
    Example{"gopsy trace trace.out -d parsed", "every event in order, as go tool trace prints it"},
    Example{"gopsy trace killed.trace -d parsed --salvage", "what a killed process left, too"},
    Example{"gopsy trace trace.out -d footprint", "what the bytes of the file are spent on"},
};

app::TraceView view_of(std::string_view mode) {
  if (mode == "wire") return app::TraceView::Wire;
  return mode == "footprint" ? app::TraceView::Footprint : app::TraceView::Parsed;
}

void write_json(const model::Evidence& evidence, std::string& out) {
  const model::TraceReport& report = *evidence.trace;
  JsonWriter json(out);
  json.begin_object();
  json.member("path", evidence.path);
  json.member("format", std::uint64_t{report.format});
  json.member("go_version", evidence.go_version.text());
  json.member("bytes", report.bytes);
  json.member("generations", report.generations);
  json.member("events", report.events);
  json.member("goroutines", report.goroutines);
  json.member("cpu_samples", report.samples);
  json.member("first_ns", report.first_ns);
  json.member("last_ns", report.last_ns);
  json.member("unfinished", report.unfinished);
  json.member("guessed_clock", report.guessed_clock);
  json.member("lost_bytes", report.lost_bytes);
  json.member("forced_events", report.forced);
  json.member("lost_stacks", report.lost_stacks);
  json.member("lost_strings", report.lost_strings);
  json.member("damages", report.damages);
  json.key("damaged");
  json.begin_array();
  for (const model::TraceDamage& damage : report.damaged) {
    json.begin_object();
    json.member("offset", damage.offset);
    json.member("bytes", damage.bytes);
    json.member("generation", damage.generation);
    json.member("what", damage.what);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  out += '\n';
}

void write_text(const model::Evidence& evidence, std::string& out) {
  out += fmt::format("{}\n  {}\n", render::printable_line(evidence.path), render::describe(evidence));
  for (const model::Counts& counts : evidence.counts) out += fmt::format("  {}\n", render::describe(counts));
  const model::TraceReport& report = *evidence.trace;
  for (const model::TraceDamage& damage : report.damaged)
    out += fmt::format("  damaged at byte {}, generation {}: {}; {} lost\n", with_commas(damage.offset),
                       damage.generation, damage.what, counted(damage.bytes, "byte"));
  if (report.damages > report.damaged.size())
    out += fmt::format("  and in {} more\n", counted(report.damages - report.damaged.size(), "place"));
}

int overview(const Invocation& invocation) {
  model::Incident incident;
  Stats stats;
  app::LoadOptions options;
  options.format = "execution-trace";
  app::load(invocation.operands, options, incident, stats);
  for (const model::Unreadable& row : incident.unreadable) print_error(fmt::format("{}: {}", row.path, row.message));
  std::string out;
  for (const model::Evidence& evidence : incident.evidence)
    invocation.has("json") ? write_json(evidence, out) : write_text(evidence, out);
  print(out);
  return exit_for_inputs(incident);
}

int run(const Invocation& invocation) {
  if (invocation.operands.size() != 1) {
    print_error("it needs one trace");
    return kUsage;
  }
  if (!invocation.has("debug")) return overview(invocation);
  const app::TraceOptions options{.salvage = invocation.has("salvage"), .limits = {}};
  const auto out = [](std::string_view text) {
    return std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  };
  const auto outcome = app::print_trace(invocation.operands[0], view_of(invocation.get("debug")), options, out);
  if (outcome.failure.empty()) return kDone;
  print_error(outcome.failure);
  return kUsage;
}

}  // namespace

constinit const Command kTrace{
    .name = "trace",
    .summary = "read an execution trace, even a torn one",
    .operands = "FILE",
    .description =
        "Reads the execution traces of runtime/trace, go test -trace and /debug/pprof/trace, of Go 1.11 and later. The "
        "three modes of -d print what go tool trace of Go 1.26 prints, byte for byte, and stop where it stops; "
        "--salvage goes on.",
    .flags = kFlags,
    .examples = kExamples,
    .needs_operand = true,
    .run = run,
};

}  // namespace gopsy::cli
