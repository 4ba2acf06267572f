#include "render/trace/findings.h"

#include "base/format.h"
#include "base/text.h"
#include "render/words.h"

namespace gopsy::render {

std::string trace_findings_text(const model::Evidence& evidence, std::span<const rules::Finding> findings) {
  if (findings.empty()) return "\nFindings: none\n";
  std::string out = fmt::format("\nFindings: {} (why, where and what next: gopsy diagnose {})\n", findings.size(),
                                printable_line(evidence.path));
  for (const rules::Finding& finding : findings)
    out += fmt::format("  {:<8} {}\n           {}\n", rules::name_of(finding.severity), finding.id,
                       printable_line(finding.title));
  return out;
}

}  // namespace gopsy::render
