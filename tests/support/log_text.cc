#include "support/log_text.h"

#include <array>

#include "base/format.h"
#include "base/json_writer.h"
#include "base/text.h"

namespace gopsy::test {
namespace {

constexpr std::array kCauses{"dump", "panic", "fatal", "signal", "recovered"};

std::string frame_text(const model::TracebackFrame& frame, const model::Symbols& symbols) {
  std::string out = fmt::format("    {}({}) {}:{}", symbols.text(frame.function), symbols.text(frame.args),
                                symbols.text(frame.file), frame.line);
  if (frame.inlined) out += " inlined";
  if (frame.pc_offset != 0) out += fmt::format(" +{:#x}", frame.pc_offset);
  if (frame.sp != 0) out += fmt::format(" fp={:#x} sp={:#x}", frame.fp, frame.sp);
  if (frame.pc != 0) out += fmt::format(" pc={:#x}", frame.pc);
  return fmt::format("{} @{}\n", out, frame.log_line);
}

std::string goroutine_text(const model::Traceback& traceback, const model::Goroutine& g,
                           const model::Symbols& symbols) {
  std::string out = fmt::format("  goroutine {} [{}]", g.id, symbols.text(g.state));
  if (g.minutes != 0) out += fmt::format(" {} minutes", g.minutes);
  for (const auto& [set, word] : {std::pair{g.locked_to_thread, " locked"},
                                  {g.leaked, " leaked"},
                                  {g.system, " system"},
                                  {g.other_thread, " other thread"},
                                  {g.cut, " cut"}})
    if (set) out += word;
  for (const auto& label : traceback.labels_of(g))
    out += fmt::format(" {}={}", symbols.text(label.key), symbols.text(label.value));
  out += fmt::format(" @{}\n", g.log_line);
  const auto frames = traceback.frames_of(g);
  for (std::size_t i = 0; i <= frames.size(); ++i) {
    if (g.elided_frames != 0 && i == g.elided_after)
      out += g.elided_frames == model::Goroutine::kElidedUnknown
                 ? "    ... elided ...\n"
                 : fmt::format("    ... {} elided ...\n", g.elided_frames);
    if (i < frames.size()) out += frame_text(frames[i], symbols);
  }
  if (!g.created_by.none())
    out += fmt::format("    created by {} {}:{} in {}\n", symbols.text(g.created_by), symbols.text(g.created_file),
                       g.created_line, g.creator);
  if (g.ancestors != 0) out += fmt::format("    {} ancestors\n", g.ancestors);
  return out;
}

std::string traceback_text(const model::Traceback& traceback, const model::Symbols& symbols) {
  std::string out = fmt::format("{} lines {} to {}{}", kCauses[static_cast<std::size_t>(traceback.cause)],
                                traceback.first_line, traceback.last_line, traceback.cut ? ", cut" : "");
  if (traceback.bad_lines != 0) out += fmt::format(", {} odd lines", traceback.bad_lines);
  out += '\n';
  for (const auto& line : traceback.before) out += fmt::format("  before: {}\n", symbols.text(line.text));
  for (const auto& line : traceback.lead) out += fmt::format("  lead: {}\n", symbols.text(line.text));
  for (const auto& panic : traceback.panics)
    out += fmt::format("  panic: {}{}\n", json_string(symbols.text(panic.text)),
                       panic.repanicked  ? " [recovered, repanicked]"
                       : panic.recovered ? " [recovered]"
                                         : "");
  if (!traceback.fatal.none()) out += fmt::format("  fatal error: {}\n", symbols.text(traceback.fatal));
  if (traceback.signal) {
    const auto& s = *traceback.signal;
    out += fmt::format("  signal {} code={} addr={:#x} pc={:#x}{}\n", symbols.text(s.name), s.code,
                       s.address.value_or(0), s.pc.value_or(0), s.during_cgo ? " during cgo" : "");
  }
  for (const auto& g : traceback.goroutines) out += goroutine_text(traceback, g, symbols);
  return out;
}

std::string race_stack_text(const model::RaceReport& report, const model::RaceStack& stack,
                            const model::Symbols& symbols) {
  std::string out = stack.lost ? "    lost\n" : "";
  for (const auto& frame : report.frames_of(stack))
    out += fmt::format("    {} {}:{} @{}\n", symbols.text(frame.function), symbols.text(frame.file), frame.line,
                       frame.log_line);
  return out;
}

std::string race_text(const model::RaceReport& report, const model::Symbols& symbols) {
  std::string out = fmt::format("race lines {} to {}{}, {} times", report.first_line, report.last_line,
                                report.cut ? ", cut" : "", report.times);
  if (!report.test.none()) out += fmt::format(", test {}", symbols.text(report.test));
  out += '\n';
  for (std::uint32_t i = 0; i < report.access_count; ++i) {
    const auto& access = report.accesses[i];
    out += fmt::format("  {} by {}", access.write ? "write" : "read",
                       access.main ? "main" : fmt::format("goroutine {}", access.goroutine));
    if (access.address) out += fmt::format(" at {:#x}", *access.address);
    out += fmt::format(" @{}\n", access.log_line) + race_stack_text(report, access.stack, symbols);
    if (!access.creation_told) continue;
    out += access.finished ? "   created, finished\n" : "   created, running\n";
    out += race_stack_text(report, access.created, symbols);
  }
  return out;
}

}  // namespace

std::string log_text(const model::Evidence& evidence, const model::Symbols& symbols) {
  std::string out = fmt::format("kind: {}\ngo: {} ({})\n", evidence.kind, evidence.go_version.text(),
                                join(evidence.go_version.because(), "; "));
  for (const auto& counts : evidence.counts) {
    out += fmt::format("{}: {} read, {} kept", counts.what, counts.read, counts.kept);
    for (const auto& skipped : counts.skipped) out += fmt::format(", {} {}", skipped.count, skipped.reason);
    out += '\n';
  }
  for (const auto& notice : evidence.log->notices) out += fmt::format("notice: {}\n", symbols.text(notice.text));
  if (evidence.log->races.announced != 0) out += fmt::format("announced races: {}\n", evidence.log->races.announced);
  if (evidence.log->races.limit_line != 0) out += fmt::format("goroutine limit @{}\n", evidence.log->races.limit_line);
  for (const auto& report : evidence.log->races.reports) out += "\n" + race_text(report, symbols);
  for (const auto& traceback : evidence.log->tracebacks) out += "\n" + traceback_text(traceback, symbols);
  return out;
}

}  // namespace gopsy::test
