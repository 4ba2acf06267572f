#include "render/text/text.h"

#include <algorithm>

#include "base/format.h"
#include "base/text.h"
#include "base/units.h"
#include "render/words.h"

namespace gopsy::render {
namespace {

constexpr std::string_view kBold = "1";
constexpr std::string_view kDim = "2";
constexpr std::string_view kRed = "1;31";
constexpr std::string_view kYellow = "1;33";
constexpr std::string_view kBlue = "1;34";
constexpr std::size_t kLabelWidth = 10;

std::string paint(const Style& style, std::string_view code, std::string_view text) {
  return style.color ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
}

std::string_view color_of(rules::Severity severity) {
  switch (severity) {
    case rules::Severity::Critical: return kRed;
    case rules::Severity::Warning: return kYellow;
    case rules::Severity::Info: break;
  }
  return kBlue;
}

void labelled(std::string& out, const Style& style, std::string_view label, std::string_view text) {
  if (text.empty()) return;
  constexpr std::size_t kIndent = 3 + kLabelWidth;
  out += "   ";
  out += paint(style, kDim, fmt::format("{:<{}}", label, kLabelWidth));
  wrap(out, printable_line(text), kIndent, kIndent, style.width);
}

void input(std::string& out, const Style& style, const model::Evidence& evidence) {
  out += fmt::format("  {}\n", paint(style, kBold, printable_line(evidence.path)));
  const auto line = [&](std::string_view text) {
    out += "      ";
    wrap(out, text, 6, 6, style.width);
  };
  line(describe(evidence));
  for (const auto& counts : evidence.counts) line(describe(counts));
}

void finding(std::string& out, const Style& style, const rules::Finding& f, std::size_t number) {
  const std::string severity(rules::name_of(f.severity));
  out += fmt::format("{:>2} {}  {}  {}\n", number, paint(style, color_of(f.severity), severity), f.id,
                     paint(style, kDim, fmt::format("confidence {:.2f}", f.confidence)));
  out += "   ";
  const std::size_t title_at = out.size();
  wrap(out, printable_line(f.title), 3, 3, style.width);
  if (style.color) {
    out.insert(title_at, "\x1b[1m");
    out.insert(out.size() - 1, "\x1b[0m");
  }
  out += '\n';
  labelled(out, style, "why", f.why);
  bool first = true;
  for (const auto& exhibit : f.evidence) {
    labelled(out, style, first ? "evidence" : "", fmt::format("{}  {}", where(exhibit), exhibit.text));
    first = false;
  }
  labelled(out, style, "confirm", f.confirm);
  labelled(out, style, "fix", f.fix);
  if (!f.next.empty()) labelled(out, style, "next", "$ " + f.next);
  out += '\n';
}

void report(const Report& report, const Style& style, std::string& out) {
  const auto& incident = report.incident;
  out += paint(style, kBold, fmt::format("Evidence: {}", counted(incident.evidence.size(), "input")));
  out += '\n';
  for (const auto& evidence : incident.evidence) input(out, style, evidence);
  for (const auto& unreadable : incident.unreadable)
    out += fmt::format("  {}\n      not read: {}\n", paint(style, kBold, printable_line(unreadable.path)),
                       printable_line(unreadable.message));
  if (!incident.passed_over.empty())
    out += fmt::format("  passed over, no evidence in it: {}\n", printable_line(join(incident.passed_over, ", ")));
  out += '\n';
  if (report.findings.empty()) {
    out += incident.evidence.empty() ? "No findings: nothing could be read.\n"
                                     : "No findings: none of the rules (`gopsy rules`) fires on this evidence.\n";
    return;
  }
  out += paint(style, kBold, fmt::format("Findings: {}", report.findings.size()));
  out += "\n\n";
  for (std::size_t i = 0; i < report.findings.size(); ++i) finding(out, style, report.findings[i], i + 1);
}

}  // namespace

constinit const Renderer kText{
    .name = "text",
    .extension = ".txt",
    .mime = "text/plain; charset=utf-8",
    .summary = "a report for people, wrapped to the terminal",
    .report = report,
};

}  // namespace gopsy::render
