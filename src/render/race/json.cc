#include "base/json_writer.h"
#include "render/race/race_report.h"
#include "rules/race/words.h"

namespace gopsy::render {
namespace {

void write_frames(JsonWriter& json, std::string_view name, std::span<const model::RaceFrame> frames,
                  const model::Symbols& symbols) {
  json.key(name);
  json.begin_array();
  for (const auto& frame : frames) {
    json.begin_object();
    json.member("function", symbols.text(frame.function));
    json.member("file", symbols.text(frame.file));
    json.member("line", frame.line);
    json.end_object();
  }
  json.end_array();
}

void write_side(JsonWriter& json, const analyze::RaceSide& side, const RaceExcerpt& source,
                const model::Symbols& symbols) {
  json.begin_object();
  json.member("operation", rules::operation_of(side, symbols));
  json.member("write", side.access->write);
  json.key("address");
  side.access->address ? json.value(*side.access->address) : json.null();
  json.member("main", side.access->main);
  json.key("goroutine");
  side.access->goroutine == 0 ? json.null() : json.value(side.access->goroutine);
  json.member("finished", side.access->finished);
  json.member("lost_stack", side.access->stack.lost);
  json.member("place", rules::place_of(side, symbols));
  write_frames(json, "frames", side.frames, symbols);
  write_frames(json, "created_by", side.created, symbols);
  json.member("log_line", side.access->log_line);
  json.key("source");
  if (source.path.empty()) {
    json.null();
  } else {
    json.begin_object();
    json.member("path", source.path);
    json.member("line", source.racing);
    json.member("text", source.lines[source.racing - source.first]);
    json.end_object();
  }
  json.end_object();
}

void write_reports(JsonWriter& json, const analyze::Race& race, const model::Symbols& symbols) {
  json.key("reports");
  json.begin_array();
  for (const auto& variant : race.variants) {
    json.begin_object();
    json.member("path", variant.evidence->path);
    json.member("line", variant.report->first_line);
    json.member("times", variant.report->times);
    json.member("cut", variant.report->cut);
    json.key("test");
    variant.report->test.none() ? json.null() : json.value(symbols.text(variant.report->test));
    json.end_object();
  }
  json.end_array();
}

void write_race(JsonWriter& json, const ShownRace& shown, const model::Symbols& symbols) {
  const analyze::Race& race = *shown.race;
  json.begin_object();
  json.member("id", rule_of(race));
  json.member("fingerprint", analyze::fingerprint_text(race.fingerprint));
  json.key("new");
  shown.is_new ? json.value(*shown.is_new) : json.null();
  json.member("pattern", analyze::name_of(race.pattern));
  json.member("confidence", race.confidence);
  json.member("title", rules::title_of(race, symbols));
  json.member("why", rules::why_of(race, symbols));
  json.key("variable");
  race.expression.empty() ? json.null() : json.value(race.expression);
  json.member("times", race.times);
  json.member("lost_stack", race.lost_stack);
  json.key("sides");
  json.begin_array();
  for (std::size_t i = 0; i < 2; ++i)
    if (race.front().sides[i].access->log_line != 0) write_side(json, race.front().sides[i], shown.source[i], symbols);
  json.end_array();
  json.key("near");
  json.begin_array();
  for (const auto& neighbour : race.neighbours) {
    json.begin_object();
    json.member("race", std::uint64_t{neighbour.race});
    json.member("bytes", neighbour.bytes);
    json.end_object();
  }
  json.end_array();
  write_reports(json, race, symbols);
  json.key("fixes");
  json.begin_array();
  for (const auto& fix : rules::fixes_of(race, symbols)) {
    json.begin_object();
    json.member("fix", fix.what);
    json.member("enough_for", fix.safe);
    json.member("cost", fix.cost);
    json.member("here", fix.how);
    json.end_object();
  }
  json.end_array();
  json.end_object();
}

}  // namespace

std::string race_json(const RaceDocument& document) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.member("reports", document.reports);
  json.key("races");
  json.begin_array();
  for (const auto& shown : document.races) write_race(json, shown, document.incident.symbols);
  json.end_array();
  json.end_object();
  return out + "\n";
}

}  // namespace gopsy::render
