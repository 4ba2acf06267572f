#include <algorithm>

#include "base/format.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "render/race/race_report.h"
#include "rules/race/words.h"
#include "rules/rule.h"

namespace gopsy::render {
namespace {

using analyze::Race;
using analyze::RaceSide;

// RFC 3986: what a path may hold unescaped.
std::string escaped(std::string_view path) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&'()*+,;=@/";
  std::string out;
  for (const char c : path)
    out += kPlain.contains(c) ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  return out;
}

class SarifWriter {
 public:
  SarifWriter(const RaceDocument& document, std::string& out)
      : document_(document), symbols_(document.incident.symbols), json_(out) {}

  void write() {
    json_.begin_object();
    json_.member("$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    json_.member("version", "2.1.0");
    json_.key("runs");
    json_.begin_array();
    json_.begin_object();
    write_tool();
    json_.member("columnKind", "unicodeCodePoints");
    json_.key("results");
    json_.begin_array();
    for (const auto& shown : document_.races) write_result(shown);
    json_.end_array();
    json_.end_object();
    json_.end_array();
    json_.end_object();
  }

 private:
  void message(std::string_view name, std::string_view text) {
    json_.key(name);
    json_.begin_object();
    json_.member("text", text);
    json_.end_object();
  }

  void write_tool() {
    for (const auto* rule : rules::rules())
      if (rule->id.starts_with("race.")) rules_.push_back(rule);
    json_.key("tool");
    json_.begin_object();
    json_.key("driver");
    json_.begin_object();
    json_.member("name", "gopsy");
    json_.member("version", document_.version);
    json_.key("rules");
    json_.begin_array();
    for (const auto* rule : rules_) {
      json_.begin_object();
      json_.member("id", rule->id);
      message("shortDescription", rule->summary);
      json_.key("defaultConfiguration");
      json_.begin_object();
      json_.member("level", rule->severity == rules::Severity::Critical ? "error" : "note");
      json_.end_object();
      json_.end_object();
    }
    json_.end_array();
    json_.end_object();
    json_.end_object();
  }

  // Relative to the root where the file lies below it; what -trimpath or strip_path_prefix shortened is relative
  // anyway.
  void write_artifact(std::string_view file) {
    std::string_view path = file;
    const bool below = !document_.root.empty() && consume(path, document_.root) && consume(path, "/");
    const bool relative = below || !path.starts_with('/');
    json_.key("artifactLocation");
    json_.begin_object();
    json_.member("uri", relative ? escaped(path) : "file://" + escaped(path));
    if (relative) json_.member("uriBaseId", "%SRCROOT%");
    json_.end_object();
  }

  void location_members(const model::RaceFrame& frame, const RaceExcerpt* source) {
    if (frame.line != 0 && !frame.file.none()) {
      json_.key("physicalLocation");
      json_.begin_object();
      write_artifact(source != nullptr && !source->path.empty() ? std::string_view(source->path)
                                                                : symbols_.text(frame.file));
      json_.key("region");
      json_.begin_object();
      json_.member("startLine", frame.line);
      json_.end_object();
      json_.end_object();
    }
    json_.key("logicalLocations");
    json_.begin_array();
    json_.begin_object();
    json_.member("fullyQualifiedName", symbols_.text(frame.function));
    json_.member("kind", "function");
    json_.end_object();
    json_.end_array();
  }

  // Frames from the root inwards, as a debugger would step: SARIF's order of a code flow.
  void write_thread(const RaceSide& side, const RaceExcerpt& source, std::string_view words) {
    json_.begin_object();
    message("message", words);
    json_.key("locations");
    json_.begin_array();
    for (std::size_t i = side.created.size(); i-- > 0;) write_step(side.created[i], nullptr, "starts the goroutine");
    for (std::size_t i = side.frames.size(); i-- > 0;)
      write_step(side.frames[i], &side.frames[i] == side.place ? &source : nullptr,
                 i == 0 ? words : std::string_view("calls"));
    json_.end_array();
    json_.end_object();
  }

  void write_step(const model::RaceFrame& frame, const RaceExcerpt* source, std::string_view words) {
    json_.begin_object();
    json_.key("location");
    json_.begin_object();
    location_members(frame, source);
    message("message", words);
    json_.end_object();
    json_.end_object();
  }

  std::string words_of(const RaceSide& side) const {
    return fmt::format("{} by {}", rules::operation_of(side, symbols_), rules::goroutine_of(side));
  }

  void write_flows(const ShownRace& shown) {
    const auto& sides = shown.race->front().sides;
    const auto steps = [](const RaceSide& side) { return side.frames.size() + side.created.size(); };
    if (steps(sides[0]) + steps(sides[1]) == 0) return;
    json_.key("codeFlows");
    json_.begin_array();
    json_.begin_object();
    json_.key("threadFlows");
    json_.begin_array();
    for (std::size_t i = 0; i < sides.size(); ++i)
      if (steps(sides[i]) != 0) write_thread(sides[i], shown.source[i], words_of(sides[i]));
    json_.end_array();
    json_.end_object();
    json_.end_array();
  }

  void write_locations(const ShownRace& shown) {
    const auto& sides = shown.race->front().sides;
    const std::size_t first = sides[0].nearest() != nullptr ? 0 : 1;
    json_.key("locations");
    json_.begin_array();
    if (const auto* frame = sides[first].nearest()) {
      json_.begin_object();
      location_members(*frame, frame == sides[first].place ? &shown.source[first] : nullptr);
      json_.end_object();
    }
    json_.end_array();
    json_.key("relatedLocations");
    json_.begin_array();
    std::uint64_t id = 0;
    for (std::size_t i = 0; i < sides.size(); ++i) {
      if (i != first && sides[i].nearest() != nullptr)
        related(++id, *sides[i].nearest(), &shown.source[i], words_of(sides[i]));
      if (sides[i].go_statement != nullptr) related(++id, *sides[i].go_statement, nullptr, "starts the goroutine");
    }
    json_.end_array();
  }

  void related(std::uint64_t id, const model::RaceFrame& frame, const RaceExcerpt* source, std::string_view words) {
    json_.begin_object();
    json_.member("id", id);
    location_members(frame, source);
    message("message", words);
    json_.end_object();
  }

  void write_result(const ShownRace& shown) {
    const Race& race = *shown.race;
    const std::string id = rule_of(race);
    const auto rule = std::ranges::find(rules_, std::string_view(id), [](const auto* r) { return r->id; });
    json_.begin_object();
    json_.member("ruleId", id);
    json_.member("ruleIndex", std::int64_t{rule - rules_.begin()});
    json_.member("level", "error");
    message("message", fmt::format("{}. {}", rules::title_of(race, symbols_), rules::why_of(race, symbols_)));
    write_locations(shown);
    write_flows(shown);
    json_.key("partialFingerprints");
    json_.begin_object();
    json_.member("gopsyRace/v1", analyze::fingerprint_text(race.fingerprint));
    json_.end_object();
    if (shown.is_new) json_.member("baselineState", *shown.is_new ? "new" : "unchanged");
    json_.member("occurrenceCount", race.times);
    json_.member("rank", race.confidence * 100);
    json_.end_object();
  }

  const RaceDocument& document_;
  const model::Symbols& symbols_;
  JsonWriter json_;
  std::vector<const rules::Rule*> rules_;
};

}  // namespace

std::string race_sarif(const RaceDocument& document) {
  std::string out;
  SarifWriter(document, out).write();
  return out + "\n";
}

}  // namespace gopsy::render
