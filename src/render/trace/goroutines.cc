#include "base/format.h"
#include "base/units.h"
#include "render/trace/goroutine_views.h"
#include "render/trace/overview.h"
#include "render/trace/trace_words.h"
#include "render/words.h"

namespace gopsy::render {
namespace {

using model::TraceFacts;
using model::TraceGoroutine;
using model::TraceLifeStory;

void add_json_row(JsonWriter& json, const TraceFacts& facts, const model::Symbols& symbols, const TraceGoroutine& row) {
  json.member("goroutine", row.goid);
  json.member("function", symbols.text(row.function));
  json.member("creator", row.creator);
  json.member("found", row.found);
  json.member("ended", row.ended);
  json.member("first_ns", row.first_ns);
  json.key("ran_ns");
  if (row.ran_ns == INT64_MIN)
    json.null();
  else
    json.value(row.ran_ns);
  json.member("last_ns", row.last_ns);
  json.member("life_ns", row.states.sum_ns());
  add_json_states(json, row.states);
  add_json_spent(json, row.spent);
  add_json_blocked(json, facts.times, row.blocked);
  json.member("last", row.last);
  json.member("last_for_ns", row.last_for_ns);
  add_json_stack(json, "last_stack", facts, symbols, row.last_stack);
  add_json_stack(json, "creation_stack", facts, symbols, row.creation_stack);
}

std::string begin_json(JsonWriter& json, const model::Evidence& evidence) {
  json.begin_object();
  json.member("path", evidence.path);
  add_json_range(json, evidence.trace_facts->times);
  return {};
}

std::string stack_lines(const TraceFacts& facts, const model::Symbols& symbols, std::uint32_t stack,
                        std::string_view indent) {
  std::string out;
  constexpr std::size_t kMost = 12;
  std::size_t shown = 0;
  const auto rows = facts.stacks.stack(stack);
  for (const std::uint32_t row : rows) {
    if (shown++ == kMost) {
      out += fmt::format("{}and {} more\n", indent, counted(rows.size() - kMost, "frame"));
      break;
    }
    const model::Frame& frame = symbols.frame(facts.stacks.places[row].frame);
    out += fmt::format("{}{} {}:{}\n", indent, printable_line(symbols.text(frame.function)),
                       printable_line(symbols.text(frame.file)), frame.line);
  }
  return out;
}

std::string waker_words(const TraceFacts& facts, const model::Symbols& symbols, const TraceLifeStory::Step& step) {
  if (step.open) return "it goes on";
  if (step.waker == 0) return "";
  const std::string place = place_words(facts, symbols, step.waker_stack);
  return fmt::format("woken by goroutine {} ({}){}", step.waker, function_words(symbols, step.waker_function),
                     place.empty() ? "" : " at " + place);
}

void add_born(std::string& out, const TraceFacts& facts, const model::Symbols& symbols, const TraceGoroutine& row) {
  const TraceLifeStory& story = facts.life;
  if (row.found) {
    out += "  there before the trace began\n";
  } else {
    const std::string place = place_words(facts, symbols, row.creation_stack);
    out += fmt::format("  created {}{}{}\n", row.creator == 0 ? "" : fmt::format("by goroutine {} ", row.creator),
                       row.creator == 0 || story.creator_function.none()
                           ? ""
                           : fmt::format("({}) ", function_words(symbols, story.creator_function)),
                       place.empty() ? "" : "at " + place);
  }
  out += fmt::format("  first seen {}, {}\n", moment(facts.times, row.first_ns),
                     row.ended ? "ended " + moment(facts.times, row.last_ns)
                               : fmt::format("still there at the end: {} for {}", printable_line(row.last),
                                             human_duration(row.last_for_ns)));
  if (!row.ended) out += stack_lines(facts, symbols, row.last_stack, "      ");
  if (row.ran_ns == INT64_MIN) out += "  it never ran\n";
  if (story.created != 0) out += fmt::format("  created {}\n", counted(story.created, "goroutine"));
}

void add_spent(std::string& out, const TraceFacts& facts, const TraceGoroutine& row) {
  const std::int64_t life = row.states.sum_ns();
  out += fmt::format("\nIts {}\n  {:>10} {:>7} {:>9}\n", human_duration(life), "total", "", "times");
  const auto line = [&](std::int64_t ns, std::uint64_t count, std::string_view what) {
    if (ns != 0 || count != 0)
      out +=
          fmt::format("  {:>10} {:>7} {:>9}  {}\n", human_duration(ns), share_of(ns, life), with_commas(count), what);
  };
  line(row.states.running_ns, row.spent.runs, "running");
  if (row.states.runnable_ns != 0)
    out += fmt::format("  {:>10} {:>7} {:>9}  {}\n", human_duration(row.states.runnable_ns),
                       share_of(row.states.runnable_ns, life), "", "runnable: waiting for a processor");
  line(row.states.syscall_ns, row.spent.syscalls, "in system calls");
  for (const model::TraceBlockedOn& on : row.blocked) {
    const std::string& name = facts.times.blocked[on.reason].name;
    line(on.total_ns, on.count, "blocked: " + (name.empty() ? "(no reason given)" : printable_line(name)));
  }
  line(row.states.unknown_ns, 0, "unknown");
  std::string within;
  const auto part = [&](std::int64_t ns, std::string_view what) {
    if (ns != 0) within += fmt::format("  {:>10} {:>7} {:>9}  {}\n", human_duration(ns), share_of(ns, life), "", what);
  };
  part(row.spent.syscall_blocked_ns, "in system calls without a P");
  part(row.spent.assist_ns, "helping the garbage collector, waits included");
  part(row.spent.sweep_ns, "sweeping");
  part(row.spent.stopping_ns, "stopping the world");
  part(row.spent.in_mark_ns, "while the garbage collector marked");
  part(row.spent.in_stop_ns, "while the world was stopped");
  if (!within.empty()) out += "  within these\n" + within;
}

void add_json_step(JsonWriter& json, const TraceFacts& facts, const model::Symbols& symbols,
                   const TraceLifeStory::Step& step) {
  json.begin_object();
  json.member("begin_ns", step.begin_ns);
  json.member("length_ns", step.length_ns);
  json.member("what", step.what);
  json.member("goes_on", step.open);
  add_json_stack(json, "stack", facts, symbols, step.stack);
  json.member("waker", step.waker);
  json.member("waker_function", symbols.text(step.waker_function));
  add_json_stack(json, "waker_stack", facts, symbols, step.waker_stack);
  json.end_object();
}

}  // namespace

std::string trace_goroutines_text(const model::Evidence& evidence, const model::Symbols& symbols) {
  const TraceFacts& facts = *evidence.trace_facts;
  std::string out = trace_head_text(evidence);
  const auto& rows = facts.times.goroutine_rows;
  if (rows.empty()) return out + "\nNo goroutine fits.\n";
  out += fmt::format("\n{} of {}\n  {:>10} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}  {}\n", with_commas(rows.size()),
                     counted(facts.times.rows_matching, "goroutine"), "goroutine", "life", "running", "runnable",
                     "syscalls", "blocked", "assists", "starts in; blocked on; at the end");
  for (const TraceGoroutine& row : rows) {
    const std::string blocked = blocked_words(facts.times, row.blocked, 2);
    out += fmt::format("  {:>10} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}  {}{}; {}\n", row.goid,
                       human_duration(row.states.sum_ns()), human_duration(row.states.running_ns),
                       human_duration(row.states.runnable_ns), human_duration(row.states.syscall_ns),
                       human_duration(row.states.waiting_ns), human_duration(row.spent.assist_ns),
                       function_words(symbols, row.function), blocked.empty() ? "" : "; " + blocked,
                       row.ended ? "ended" : printable_line(row.last));
  }
  return out;
}

std::string trace_goroutines_json(const model::Evidence& evidence, const model::Symbols& symbols) {
  const TraceFacts& facts = *evidence.trace_facts;
  std::string out;
  JsonWriter json(out);
  begin_json(json, evidence);
  json.member("matching", facts.times.rows_matching);
  json.key("goroutines");
  json.begin_array();
  for (const TraceGoroutine& row : facts.times.goroutine_rows) {
    json.begin_object();
    add_json_row(json, facts, symbols, row);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return out + "\n";
}

std::string trace_life_text(const model::Evidence& evidence, const model::Symbols& symbols) {
  const TraceFacts& facts = *evidence.trace_facts;
  const TraceLifeStory& story = facts.life;
  std::string out = trace_head_text(evidence);
  if (facts.times.goroutine_rows.empty()) return out + fmt::format("\nNo goroutine {} in it.\n", story.goid);
  const TraceGoroutine& row = facts.times.goroutine_rows[0];
  out += fmt::format("\nGoroutine {}: {}\n", row.goid, function_words(symbols, row.function));
  add_born(out, facts, symbols, row);
  add_spent(out, facts, row);
  if (!story.longest.empty()) {
    out += "\nLongest without running\n";
    for (const TraceLifeStory::Step& step : story.longest) {
      const std::string waker = waker_words(facts, symbols, step);
      const std::string place = place_words(facts, symbols, step.stack);
      out += fmt::format("  {:>10} at {}  {}{}\n", human_duration(step.length_ns), moment(facts.times, step.begin_ns),
                         printable_line(step.what),
                         place.empty() ? "" : (step.what == "runnable" ? ", made so at " : " at ") + place);
      if (!waker.empty()) out += fmt::format("  {:>10}    {}\n", "", waker);
    }
    out += stack_lines(facts, symbols, story.longest[0].stack, "      ");
  }
  out += fmt::format("\nThe last of its {}\n", counted(story.steps, "step"));
  for (const TraceLifeStory::Step& step : story.last) {
    const std::string waker = waker_words(facts, symbols, step);
    out += fmt::format("  {}  {:>10}  {}{}\n", moment(facts.times, step.begin_ns), human_duration(step.length_ns),
                       printable_line(step.what), waker.empty() ? "" : ", " + waker);
  }
  return out;
}

std::string trace_life_json(const model::Evidence& evidence, const model::Symbols& symbols) {
  const TraceFacts& facts = *evidence.trace_facts;
  std::string out;
  JsonWriter json(out);
  begin_json(json, evidence);
  if (facts.times.goroutine_rows.empty()) {
    json.member("goroutine", facts.life.goid);
    json.member("seen", false);
  } else {
    add_json_row(json, facts, symbols, facts.times.goroutine_rows[0]);
    json.member("seen", true);
  }
  json.member("creator_function", symbols.text(facts.life.creator_function));
  json.member("created", facts.life.created);
  json.member("steps", facts.life.steps);
  for (const auto& [name, steps] :
       {std::pair<std::string_view, const std::vector<TraceLifeStory::Step>&>{"longest", facts.life.longest},
        {"last_steps", facts.life.last}}) {
    json.key(name);
    json.begin_array();
    for (const TraceLifeStory::Step& step : steps) add_json_step(json, facts, symbols, step);
    json.end_array();
  }
  json.end_object();
  return out + "\n";
}

}  // namespace gopsy::render
