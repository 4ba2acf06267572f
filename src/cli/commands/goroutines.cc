#include "app/goroutines.h"

#include <array>

#include "base/format.h"
#include "base/text.h"
#include "cli/catalog.h"
#include "cli/drawing.h"
#include "cli/inputs.h"
#include "cli/terminal.h"
#include "render/goroutines/goroutines.h"
#include "render/renderer.h"

namespace gopsy::cli {
namespace {

using analyze::GroupBy;
using View = render::GoroutineReport::View;

constexpr std::array kFlags{
    Flag{"--group", "BY", "put together what is alike in: stack, state, site, creator, label or label=KEY"},
    Flag{"--exact", "",
         "with --group stack: keep different arguments apart, but for those the runtime marks as stale (?)"},
    Flag{"--list", "", "single goroutines, however many"},
    Flag{"--tree", "", "who started whom"},
    Flag{"--filter", "EXPR",
         "only goroutines that fit, as in 'state == \"chan send\" && minutes > 5 && func ~ \"handler\"'"},
    Flag{"--dump", "N",
         "of several dumps, the one to show, from 1 (default: the one that ended the process, else the last)"},
    Flag{"--full", "", "whole stacks with full paths"},
    Flag{"--rows", "N", "rows of each table; 0 shows all"},
    Flag{"--runtime", "", "the runtime's own goroutines too"},
    Flag{"--json", "", "print one JSON object (docs/goroutines.md)"},
    Flag{"--to", "FORM", "draw the goroutines that are shown as a flame graph, or (dot) who waits for whom",
         "svg|folded|dot"},
    Flag{"--output,-o", "FILE",
         "where to (default: stdout); .json, .txt, .svg and .folded for a flame graph, .dot for who waits for whom"},
    GOPSY_INPUT_FLAGS,
};

constexpr std::array kExamples{
    Example{"gopsy goroutines examples/incident/goroutines.txt", "what all goroutines do, alike ones together"},
    Example{"gopsy goroutines 4711", "what the goroutines of a living process do; it is not stopped"},
    Example{"gopsy goroutines core.4711 --exe ./server", "what they did when it died"},
    Example{"gopsy goroutines 'http://localhost:6060/debug/pprof/goroutine?debug=2' --filter 'minutes >= 10'",
            "who has waited long in a live process"},
    Example{"gopsy goroutines dump-1.txt dump-2.txt", "what grew between two dumps, by the go statement that made it"},
    Example{"gopsy goroutines dump.txt --group label=tenant --filter 'state ~ \"chan\"'", "whose requests are stuck"},
    Example{"gopsy goroutines crash.log --tree", "who started whom"},
    Example{"gopsy goroutines 4711 --to dot | dot -Tsvg > waits.svg", "who waits for whom in a living process"},
    Example{"gopsy goroutines dump.txt --filter '!(func ~ \"net/http\")' -o rest.svg", "a flame graph of the others"},
};

void print_mistake(const std::string& text, const analyze::GoroutineFilter::Mistake& mistake) {
  std::string message = fmt::format("--filter: column {}: {}\n", mistake.column + 1, mistake.what);
  const std::string before = printable(std::string_view(text).substr(0, mistake.column));
  std::size_t column = 0;
  for (const char c : before) column += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
  message += fmt::format("  {}\n  {}^", printable(text), std::string(column, ' '));
  print_error(message);
}

// "label=tenant" and the plain words; false for any other.
bool read_group(const Invocation& invocation, app::GoroutineRequest& request) {
  if (!invocation.has("group")) return true;
  constexpr std::array kNames{std::pair{"stack", GroupBy::Stack}, std::pair{"state", GroupBy::State},
                              std::pair{"site", GroupBy::Site}, std::pair{"creator", GroupBy::Creator},
                              std::pair{"label", GroupBy::Label}};
  const std::string text = invocation.get("group");
  std::string_view rest = text;
  request.view = View::Groups;
  if (consume(rest, "label=") && !rest.empty()) {
    request.by = GroupBy::Label;
    request.label = rest;
    return true;
  }
  for (const auto& [name, by] : kNames)
    if (text == name) {
      request.by = by;
      return true;
    }
  print_error(fmt::format("--group {}: one of stack, state, site, creator, label, label=KEY", text));
  return false;
}

bool read_number(const Invocation& invocation, std::string_view flag, std::optional<std::size_t>& number) {
  if (!invocation.has(flag)) return true;
  const auto value = parse_decimal(invocation.get(flag));
  if (value) number = static_cast<std::size_t>(*value);
  if (!value) print_error(fmt::format("--{} {}: not a number", flag, invocation.get(flag)));
  return value.has_value();
}

bool read_request(const Invocation& invocation, app::GoroutineRequest& request) {
  if (!read_group(invocation, request)) return false;
  const int views = int{invocation.has("group")} + int{invocation.has("list")} + int{invocation.has("tree")};
  if (views > 1) {
    print_error("--group, --list and --tree exclude each other");
    return false;
  }
  if (invocation.has("list")) request.view = View::List;
  if (invocation.has("tree")) request.view = View::Tree;
  request.exact = invocation.has("exact");
  if (request.exact && (request.by != GroupBy::Stack || (views == 1 && !invocation.has("group")))) {
    print_error("--exact is about --group stack");
    return false;
  }
  if (request.exact) request.view = View::Groups;
  request.full = invocation.has("full");
  request.runtime = invocation.has("runtime");
  std::optional<std::size_t> dump;
  if (!read_number(invocation, "rows", request.rows) || !read_number(invocation, "dump", dump)) return false;
  if (dump == 0U) {
    print_error("--dump counts from 1");
    return false;
  }
  request.dump = dump.value_or(0);
  return true;
}

enum class Form : std::uint8_t { Text, Json, Flame, Dot, Unknown };

// What --to, --json or the ending of --output asks for.
Form form_of(const Invocation& invocation, const render::Renderer*& renderer) {
  if (invocation.has("json")) return Form::Json;
  const std::string output = invocation.get("output");
  if (invocation.has("to") ? invocation.get("to") == "dot" : output.ends_with(".dot")) return Form::Dot;
  renderer = invocation.has("to") ? render::find_renderer(invocation.get("to"))
             : output.empty()     ? nullptr
                                  : render::renderer_for_path(output);
  if (renderer != nullptr && renderer->flame != nullptr) return Form::Flame;
  if (renderer != nullptr && renderer->name == "json") return Form::Json;
  if (output.empty() || output == "-" || (renderer != nullptr && renderer->name == "text")) return Form::Text;
  print_error(fmt::format("{}: goroutines are written as .txt or .json, and drawn as .svg, .folded or .dot", output));
  return Form::Unknown;
}

int show(const Invocation& invocation, const render::GoroutineReport& report, Form form, const render::Renderer* flame,
         model::Incident& incident, Stats& stats) {
  const std::string output = invocation.get("output");
  const bool to_stdout = output.empty() || output == "-";
  if (form == Form::Flame) {
    if (report.rows.empty()) {
      print_error("no goroutine fits: there is nothing to draw");
      return kInconclusive;
    }
    app::keep_shown(report, incident);
    return draw_flame(*flame, {}, to_stdout ? "-" : output, incident, stats, false) ? int{kDone} : int{kUsage};
  }
  std::string out;
  {
    Stats::Timer timer(stats, "render");
    if (form == Form::Dot) {
      render::wait_graph_dot(report, out);
    } else if (form == Form::Json) {
      render::goroutines_json(report, out);
    } else {
      render::goroutines_text(report, {.color = to_stdout && wants_color(), .width = terminal_width()}, out);
    }
  }
  return write_output(to_stdout ? "-" : output, out) ? int{kDone} : int{kUsage};
}

int run(const Invocation& invocation) {
  app::GoroutineRequest request;
  const render::Renderer* flame = nullptr;
  const Form form = form_of(invocation, flame);
  if (form == Form::Unknown || !read_request(invocation, request)) return kUsage;
  std::optional<analyze::GoroutineFilter> filter;
  if (invocation.has("filter")) {
    request.filter_text = invocation.get("filter");
    auto compiled = analyze::GoroutineFilter::compile(request.filter_text);
    if (!compiled) {
      print_mistake(request.filter_text, compiled.error());
      return kUsage;
    }
    filter = std::move(*compiled);
    request.filter = &*filter;
  }
  Stats stats;
  model::Incident incident;
  if (!load_inputs(invocation, incident, stats)) return kUsage;
  for (const auto& row : incident.unreadable) print_error(fmt::format("{}: {}", row.path, row.message));
  if (incident.evidence.empty()) return exit_for_inputs(incident);
  const auto report = app::goroutines_of(incident, request, stats);
  if (!report) {
    print_error(report.error());
    return kUsage;
  }
  const int inputs = exit_for_inputs(incident);
  const int shown = show(invocation, *report, form, flame, incident, stats);
  print_stats(invocation, stats);
  return shown != kDone ? shown : inputs;
}

}  // namespace

constinit const Command kGoroutines{
    .name = "goroutines",
    .summary = "say what goroutines do, what they wait for, who holds it, and which grow",
    .operands = "WHAT...",
    .description =
        "Reads dumps, crash logs and goroutine profiles, and without symbols or a stop the memory of a process that "
        "runs, "
        "by its number, or of a core (docs/processes.md). Few goroutines are listed, many grouped by stack. Below "
        "stand "
        "what grew between dumps, who waits for the same lock or channel and who holds it, deadlocks, and stacks far "
        "deeper than the others. Filters compare fields of a goroutine with values: numbers with == != < <= > >=, "
        "texts "
        "with == != ~ !~ (RE2), joined by && || ! and parentheses. Fields: id minutes frames count creator address "
        "state func file user top created label.KEY locked leaked crashed cut runtime; docs/goroutines.md explains "
        "them.",
    .flags = kFlags,
    .examples = kExamples,
    .needs_operand = true,
    .run = run,
};

}  // namespace gopsy::cli
