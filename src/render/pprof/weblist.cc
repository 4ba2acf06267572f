#include <algorithm>
#include <map>
#include <string_view>

#include "analyze/pprof/measurement.h"
#include "base/format.h"
#include "render/pprof/routines.h"
#include "render/svg/xml.h"

namespace gopsy::pprof {
namespace {

constexpr std::size_t kMostRoutines = 25;  // as pprof: beyond that a page is no help
constexpr std::int64_t kMargin = 5;

constexpr std::string_view kHead = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{}</title>
<style>
body {{ font-family: sans-serif; margin: 1em; color-scheme: light dark }}
pre, summary {{ font: 13px/1.35 monospace; margin: 0; white-space: pre }}
summary {{ cursor: pointer; list-style: none }}
summary:hover {{ background: color-mix(in srgb, currentColor 12%, transparent) }}
.cold {{ opacity: 0.6 }}
.code {{ padding-left: 12em; border-left: 3px solid #c60; margin-left: 1em }}
h2 {{ font-size: 1em; margin: 1.5em 0 0.3em }}
</style>
</head>
<body>
)";

// What one line of the source was compiled to.
struct SourceLine {
  std::vector<const WeighedInstruction*> code;
  std::int64_t flat = 0, flat_div = 0;
  std::int64_t cum = 0, cum_div = 0;
};

using File = std::map<std::int64_t, SourceLine>;

std::map<std::string, File> by_line(const std::vector<WeighedInstruction>& code) {
  std::map<std::string, File> files;
  for (const WeighedInstruction& line : code) {
    // Padding between routines has no place, and nobody runs it.
    if (line.instruction.file.empty() && line.cum == 0) continue;
    SourceLine& sum = files[line.instruction.file][line.instruction.line];
    sum.code.push_back(&line);
    sum.flat = wrapping_add(sum.flat, line.flat), sum.flat_div = wrapping_add(sum.flat_div, line.flat_div);
    sum.cum = wrapping_add(sum.cum, line.cum), sum.cum_div = wrapping_add(sum.cum_div, line.cum_div);
  }
  return files;
}

void add_code(std::string& out, const Report& report, const SourceLine& line) {
  out += "<pre class=\"code\">";
  for (const WeighedInstruction* const at : line.code) {
    out +=
        render::xml_text(fmt::format("{:>10} {:>10} {:10x}: {:<40} {}\n", value_or_dot(report, at->flat, at->flat_div),
                                     value_or_dot(report, at->cum, at->cum_div), at->instruction.address,
                                     at->instruction.text, at->instruction.function));
  }
  out += "</pre>";
}

void add_file(std::string& out, const Report& report, const std::string& name, const File& file) {
  const SourceText source = report.source(name);
  out += fmt::format("<h2>{}</h2>\n", render::xml_text(source.path.empty() ? name : source.path));
  if (!source.error.empty()) out += fmt::format("<p>{}</p>\n", render::xml_text(source.error));
  const auto known = std::ranges::find_if(file, [](const auto& line) { return line.first > 0; });
  const std::int64_t first = known == file.end() ? 0 : std::max<std::int64_t>(1, known->first - kMargin);
  const std::int64_t last = std::min(file.rbegin()->first + kMargin, static_cast<std::int64_t>(source.lines.size()));
  const auto text_of = [&](std::int64_t line) {
    return line > 0 && line <= static_cast<std::int64_t>(source.lines.size())
               ? std::string_view(source.lines[static_cast<std::size_t>(line - 1)])
               : std::string_view("???");
  };
  const auto add_cold = [&](std::int64_t from, std::int64_t to) {
    for (std::int64_t line = from; line < to; ++line)
      out += fmt::format("<pre class=\"cold\">{:>10} {:>10} {:6} {}</pre>\n", ".", ".", line,
                         render::xml_text(text_of(line)));
  };
  std::int64_t next = first;
  for (const auto& [line, code] : file) {
    if (!source.lines.empty()) add_cold(std::max(next, line - 2 * kMargin), line);
    out +=
        fmt::format("<details><summary>{:>10} {:>10} {:6} {}</summary>", value_or_dot(report, code.flat, code.flat_div),
                    value_or_dot(report, code.cum, code.cum_div), line, render::xml_text(text_of(line)));
    add_code(out, report, code);
    out += "</details>\n";
    next = line + 1;
  }
  add_cold(next, last + 1);
}

std::expected<std::string, std::string> write_weblist(Report& report) {
  report.node_count = 0;
  const Trimmed trimmed = unscaled_graph_of(report, Detail::Nodes);
  auto routines = sampled_routines(report, trimmed.graph);
  if (!routines) return std::unexpected(routines.error());
  std::ranges::stable_sort(*routines, std::greater{}, &SampledRoutine::flat);
  std::string out = fmt::format(kHead, render::xml_text(report.title));
  for (const std::string& line : profile_labels(report)) out += fmt::format("<div>{}</div>\n", render::xml_text(line));
  if (routines->size() > kMostRoutines) {
    out += fmt::format("<p>The {} of {} routines with the most samples.</p>\n", kMostRoutines, routines->size());
    routines->resize(kMostRoutines);
  }
  out += "<p>Columns: flat, cumulative, line. A line opens to the instructions it was compiled to.</p>\n";
  for (const SampledRoutine& found : *routines) {
    auto instructions = report.disassembler->instructions(found.routine, report.intel_syntax);
    if (!instructions) return std::unexpected(instructions.error());
    // Whole paths: the source is looked for by them.
    const auto code = weighed(report, trimmed.graph, found, *std::move(instructions), /*whole_paths=*/true);
    out += fmt::format("<h1>{}</h1>\n<div>{} flat, {} cumulative, {} of the total</div>\n",
                       render::xml_text(found.routine.names[0]), report.value(found.flat), report.value(found.cum),
                       report.percent(found.cum));
    for (const auto& [name, file] : by_line(code)) add_file(out, report, name, file);
  }
  return out + "</body>\n</html>\n";
}

}  // namespace

constinit const Format kWebList{.name = "weblist", .object_names = true, .write = write_weblist};

}  // namespace gopsy::pprof
