#include "rules/crash/self_formatting.h"

#include <algorithm>
#include <array>

#include "analyze/overflow.h"
#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

constexpr std::array<std::string_view, 11> kMethods{".String",      ".GoString",    ".Error",      ".Format",
                                                    ".MarshalJSON", ".MarshalText", ".MarshalXML", ".MarshalYAML",
                                                    ".LogValue",    ".AppendText",  ".GobEncode"};
constexpr std::array<std::string_view, 7> kCallers{
    "fmt", "encoding/json", "encoding/xml", "encoding/gob", "log/slog", "encoding/json/v2", "encoding/json/jsontext"};

bool explain(const Crash& crash, Finding& finding) {
  const analyze::Overflow overflow = analyze::overflow_of(crash);
  const auto* method = self_formatting_method(crash, overflow.cycle);
  if (method == nullptr) return false;
  const std::string name = model::short_function(crash.function(*method));
  finding.title = fmt::format("Stack overflow: {} formats its own receiver and so calls itself", name);
  for (const auto* frame : overflow.cycle) finding.evidence.push_back(exhibit(crash, *frame, "in the cycle"));
  finding.why = fmt::format(
      "The cycle of {} runs from {} through the formatting package and back: given a value with that method, the "
      "package calls the method to format it. The stack was {} frames deep{}.",
      counted(overflow.cycle.size(), "frame"), name, with_commas(overflow.frames),
      overflow.limit_bytes == 0 ? std::string()
                                : fmt::format(" when it passed {} bytes", with_commas(overflow.limit_bytes)));
  finding.confirm =
      fmt::format("Confirmed if {} hands its receiver (or something that contains it) to a %v, %s or Marshal call.",
                  at(*crash.symbols, *method));
  finding.fix =
      "Format a converted value that has no methods: `type plain T; fmt.Sprintf(\"%v\", plain(t))`, or name the fields "
      "one by one. `go vet` reports the direct form of this.";
  finding.next = "go vet ./...";
  return true;
}

}  // namespace

const model::TracebackFrame* self_formatting_method(const Crash& crash,
                                                    std::span<const model::TracebackFrame* const> cycle) {
  const bool formats = std::ranges::any_of(cycle, [&](const auto* frame) {
    return std::ranges::find(kCallers, model::package_of(crash.function(*frame))) != kCallers.end();
  });
  if (!formats) return nullptr;
  const auto method = std::ranges::find_if(cycle, [&](const auto* frame) {
    const std::string_view function = crash.function(*frame);
    return !model::is_standard_library(function) &&
           std::ranges::any_of(kMethods, [function](std::string_view suffix) { return function.ends_with(suffix); });
  });
  return method == cycle.end() ? nullptr : *method;
}

constinit const Rule kSelfFormatting = crash_rule<CrashKind::StackOverflow, explain>(
    "crash.self-formatting", Severity::Critical,
    "a stack overflow whose cycle is a String/Error/MarshalJSON method formatting its own receiver");

}  // namespace gopsy::rules
