#include "render/json/json.h"

#include "base/json_writer.h"
#include "base/units.h"

namespace gopsy::render {
namespace {

void write_strings(JsonWriter& json, std::string_view name, const std::vector<std::string>& values) {
  json.key(name);
  json.begin_array();
  for (const auto& value : values) json.value(value);
  json.end_array();
}

void write_counts(JsonWriter& json, const model::Counts& counts) {
  json.begin_object();
  json.member("what", counts.what);
  json.member("read", counts.read);
  json.member("kept", counts.kept);
  json.key("skipped");
  json.begin_object();
  for (const auto& skipped : counts.skipped) json.member(skipped.reason, skipped.count);
  json.end_object();
  json.end_object();
}

void write_input(JsonWriter& json, const model::Evidence& evidence) {
  json.begin_object();
  json.member("path", evidence.path);
  json.member("format", evidence.format);
  json.member("kind", evidence.kind);
  json.member("bytes", evidence.bytes);
  json.key("process");
  evidence.process.empty() ? json.null() : json.value(evidence.process);
  json.key("time");
  evidence.time_ns == 0 ? json.null() : json.value(utc_time(evidence.time_ns));
  json.key("go_version");
  const std::string version = evidence.go_version.text();
  version.empty() ? json.null() : json.value(version);
  write_strings(json, "go_version_because", evidence.go_version.because());
  json.key("cut");
  evidence.cut.empty() ? json.null() : json.value(evidence.cut);
  if (!evidence.notes.empty()) write_strings(json, "notes", evidence.notes);
  json.key("counts");
  json.begin_array();
  for (const auto& counts : evidence.counts) write_counts(json, counts);
  json.end_array();
  json.end_object();
}

void write_exhibit(JsonWriter& json, const rules::Exhibit& exhibit) {
  json.begin_object();
  json.member("text", exhibit.text);
  json.member("path", exhibit.path);
  if (exhibit.line != 0) json.member("line", exhibit.line);
  if (exhibit.goroutine != 0) json.member("goroutine", exhibit.goroutine);
  json.end_object();
}

void write_finding(JsonWriter& json, const rules::Finding& finding) {
  json.begin_object();
  json.member("id", finding.id);
  json.member("severity", rules::name_of(finding.severity));
  json.member("confidence", finding.confidence);
  json.member("title", finding.title);
  json.member("why", finding.why);
  json.key("evidence");
  json.begin_array();
  for (const auto& exhibit : finding.evidence) write_exhibit(json, exhibit);
  json.end_array();
  json.member("confirm", finding.confirm);
  json.member("fix", finding.fix);
  json.member("next", finding.next);
  json.end_object();
}

void report(const Report& report, const Style&, std::string& out) {
  JsonWriter json(out);
  json.begin_object();
  json.key("inputs");
  json.begin_array();
  for (const auto& evidence : report.incident.evidence) write_input(json, evidence);
  json.end_array();
  json.key("unreadable");
  json.begin_array();
  for (const auto& unreadable : report.incident.unreadable) {
    json.begin_object();
    json.member("path", unreadable.path);
    json.member("message", unreadable.message);
    json.end_object();
  }
  json.end_array();
  write_strings(json, "passed_over", report.incident.passed_over);
  json.key("findings");
  json.begin_array();
  for (const auto& finding : report.findings) write_finding(json, finding);
  json.end_array();
  json.end_object();
  out += '\n';
}

}  // namespace

constinit const Renderer kJson{
    .name = "json",
    .extension = ".json",
    .mime = "application/json",
    .summary = "the report as one object (docs/report.schema.json)",
    .report = report,
};

}  // namespace gopsy::render
