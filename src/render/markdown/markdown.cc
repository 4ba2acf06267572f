#include "render/markdown/markdown.h"

#include "base/format.h"
#include "base/text.h"
#include "base/units.h"
#include "render/words.h"

namespace gopsy::render {
namespace {

// Text that came from evidence must not become markup: the characters that open any inline construct.
std::string escape(std::string_view text) {
  std::string out;
  for (const char c : printable_line(text)) {
    if (std::string_view("\\`*_[]<>|#~").contains(c)) out += '\\';
    out += c;
  }
  return out;
}

// A code span may hold anything but a run of backticks as long as its fence.
std::string code(std::string_view text) {
  std::string fence = "`";
  while (text.contains(fence)) fence += '`';
  return fence.size() == 1 ? fmt::format("`{}`", printable_line(text))
                           : fmt::format("{0} {1} {0}", fence, printable_line(text));
}

void finding(std::string& out, const rules::Finding& f, std::size_t number) {
  out += fmt::format("### {}. {}\n\n", number, escape(f.title));
  out += fmt::format("**{}** · `{}` · confidence {:.2f}\n\n{}\n\n", rules::name_of(f.severity), f.id, f.confidence,
                     escape(f.why));
  for (const auto& exhibit : f.evidence) out += fmt::format("- {} {}\n", code(where(exhibit)), escape(exhibit.text));
  if (!f.evidence.empty()) out += '\n';
  if (!f.confirm.empty()) out += fmt::format("**Confirm:** {}\n\n", escape(f.confirm));
  if (!f.fix.empty()) out += fmt::format("**Fix:** {}\n\n", escape(f.fix));
  if (!f.next.empty()) out += fmt::format("**Next:** {}\n\n", code(f.next));
}

void report(const Report& report, const Style&, std::string& out) {
  out += "# Diagnosis\n\n## Findings\n\n";
  if (report.findings.empty())
    out += report.incident.evidence.empty() ? "Nothing could be read.\n\n"
                                            : "None of the rules fires on this evidence.\n\n";
  for (std::size_t i = 0; i < report.findings.size(); ++i) finding(out, report.findings[i], i + 1);
  out += "## Evidence\n\n| input | what it is | counts |\n|---|---|---|\n";
  for (const auto& evidence : report.incident.evidence) {
    std::vector<std::string> counts;
    for (const auto& c : evidence.counts) counts.push_back(describe(c));
    out += fmt::format("| {} | {} | {} |\n", escape(evidence.path), escape(describe(evidence)),
                       escape(join(counts, "; ")));
  }
  for (const auto& unreadable : report.incident.unreadable)
    out += fmt::format("| {} | not read | {} |\n", escape(unreadable.path), escape(unreadable.message));
}

}  // namespace

constinit const Renderer kMarkdown{
    .name = "markdown",
    .extension = ".md",
    .mime = "text/markdown; charset=utf-8",
    .summary = "the report for a ticket or a pull request",
    .report = report,
};

}  // namespace gopsy::render
