#include "render/words.h"

#include "base/format.h"
#include "base/text.h"
#include "base/units.h"

namespace gopsy::render {

std::string printable_line(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    if (c == '\n') {
      out += "⏎";
    } else {
      out += c == '\t' ? ' ' : c;
    }
  }
  return out;
}

std::string describe(const model::Evidence& evidence) {
  std::string out = fmt::format("{} ({})", evidence.kind, evidence.format);
  if (!evidence.process.empty()) out += fmt::format(", process {}", printable_line(evidence.process));
  if (evidence.time_ns != 0) out += fmt::format(", {}", utc_time(evidence.time_ns));
  const std::string version = evidence.go_version.text();
  if (!version.empty())
    out += fmt::format(", Go {}, by {}", version.starts_with("go") ? version.substr(2) : version,
                       printable_line(join(evidence.go_version.because(), "; ")));
  if (!evidence.cut.empty()) out += fmt::format(". Cut: {}", printable_line(evidence.cut));
  for (const std::string& note : evidence.notes) out += fmt::format(". {}", printable_line(note));
  return out;
}

std::string describe(const model::Counts& counts) {
  std::string out =
      fmt::format("{}: {} read, {} kept", counts.what, with_commas(counts.read), with_commas(counts.kept));
  for (const auto& skipped : counts.skipped)
    out += fmt::format(", {} skipped ({})", with_commas(skipped.count), skipped.reason);
  return out;
}

std::string where(const rules::Exhibit& exhibit) {
  std::string out = printable_line(exhibit.path);
  if (exhibit.line != 0) out += fmt::format(":{}", exhibit.line);
  if (exhibit.goroutine != 0) out += fmt::format(" goroutine {}", exhibit.goroutine);
  return out;
}

}  // namespace gopsy::render
