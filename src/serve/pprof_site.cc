#include "serve/pprof_site.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <utility>

#include "app/pprof/programs.h"
#include "app/pprof/settings.h"
#include "base/format.h"
#include "base/text.h"
#include "io/deflate.h"
#include "io/url.h"
#include "render/svg/xml.h"

namespace gopsy::pprof {
namespace {

using render::xml_text;
using serve::Answer;

// One page; `report` is empty where it is no plain text.
struct Page {
  std::string_view path;
  std::string_view title;
  std::string_view report = {};
  bool takes_expression = false;
};

constexpr std::array kPages{
    Page{"/flamegraph", "Flame graph"},
    Page{"/top", "Top", "top"},
    Page{"/graph", "Graph"},
    Page{"/tree", "Tree", "tree"},
    Page{"/peek", "Peek", "peek", true},
    Page{"/source", "Source", {}, true},
    Page{"/disasm", "Disassemble", "disasm", true},
    Page{"/traces", "Traces", "traces"},
    Page{"/tags", "Labels", "tags"},
};

// pprof's short names of settings in links. Source  internal/driver/config.go.
constexpr std::array<std::pair<std::string_view, std::string_view>, 25> kShortNames{{
    {"f", "focus"},
    {"i", "ignore"},
    {"h", "hide"},
    {"s", "show"},
    {"sf", "show_from"},
    {"prunefrom", "prune_from"},
    {"tf", "tagfocus"},
    {"ti", "tagignore"},
    {"ts", "tagshow"},
    {"th", "taghide"},
    {"si", "sample_index"},
    {"g", "granularity"},
    {"n", "nodecount"},
    {"nf", "nodefraction"},
    {"ef", "edgefraction"},
    {"unit", "unit"},
    {"sort", "sort"},
    {"rel", "relative_percentages"},
    {"calltree", "call_tree"},
    {"mean", "mean"},
    {"norm", "normalize"},
    {"noinlines", "noinlines"},
    {"dropneg", "drop_negative"},
    {"trim", "trim"},
    {"intel", "intel_syntax"},
}};

// The settings that the form shows, by their short names.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kFields{
    {{"f", "Focus"}, {"i", "Ignore"}, {"h", "Hide"}, {"s", "Show"}}};

constexpr std::string_view kStyle = R"(
:root { color-scheme: light dark; font: 15px/1.4 system-ui, sans-serif }
body { margin: 0; display: flex; flex-direction: column; min-height: 100vh }
header { padding: .5rem 1rem; border-bottom: 1px solid color-mix(in srgb, currentColor 25%, transparent) }
h1 { font-size: 1rem; margin: 0 1rem 0 0; display: inline }
nav { display: inline }
nav a { margin-right: .8rem }
nav a[aria-current] { font-weight: bold; text-decoration: none; color: inherit }
form { margin-top: .4rem }
label { margin-right: .8rem; white-space: nowrap }
input, select { font: inherit; max-width: 11rem }
main { flex: 1; display: flex; flex-direction: column; padding: .5rem 1rem }
pre { font: 13px/1.35 monospace; margin: 0; overflow-x: auto }
pre a { color: inherit; text-decoration-color: color-mix(in srgb, currentColor 35%, transparent) }
iframe { flex: 1; min-height: 80vh; border: 0; width: 100% }
.drawing svg { max-width: 100%; height: 80vh; background: #fff }
.notice { color: #b45309 }
)";

struct View {
  const Page* page;
  std::string query;
  Config config;
  std::string expression;  // of pages that take one
  std::vector<std::string> notices;

  [[nodiscard]] std::string link(std::string_view path) const {
    return xml_text(query.empty() ? std::string(path) : fmt::format("{}?{}", path, query));
  }
};

const Page* find_page(std::string_view path) {
  if (path == "/") return kPages.data();
  const auto found = std::ranges::find(kPages, path, &Page::path);
  return found == kPages.end() ? nullptr : &*found;
}

// What a query says over the settings of the command line.
void apply_query(View& view) {
  for (const std::string_view pair : split(view.query, '&')) {
    const auto equals = pair.find('=');
    const std::string key = io::percent_decoded(pair.substr(0, equals), true);
    const std::string value =
        equals == std::string_view::npos ? "" : io::percent_decoded(pair.substr(equals + 1), true);
    const auto named = std::ranges::find(kShortNames, key, &std::pair<std::string_view, std::string_view>::first);
    const Setting* setting = find_setting(named == kShortNames.end() ? std::string_view(key) : named->second);
    if (setting == nullptr || setting->name == "output" || setting->name == "source_path" || value.empty()) continue;
    if (std::string error = set(view.config, *setting, value); !error.empty()) view.notices.push_back(error);
  }
  if (view.page->takes_expression) view.expression = std::exchange(view.config.focus, "");
}

class Writer {
 public:
  Writer(Session& session, View& view) : session_(session), view_(view) {}

  std::string document() {
    std::string main = content();
    std::string notices;
    for (const std::string& notice : view_.notices)
      notices += fmt::format("<p class=\"notice\">{}</p>\n", xml_text(notice));
    const std::string title = heading();
    return fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width\">\n<title>{} - {}</title>\n<style>{}</style>\n</head>\n"
        "<body>\n<header>\n<h1>{}</h1>\n{}{}</header>\n<main>\n{}{}</main>\n</body>\n</html>\n",
        view_.page->title, title, kStyle, title, menu(), form(), notices, main);
  }

  // Bytes of a report; what is wrong becomes a notice.
  std::string report(const std::vector<std::string>& command) {
    auto bytes = session_.report(command, view_.config, [this](std::string_view text) { add_notice(text); });
    if (bytes) return *std::move(bytes);
    add_notice(bytes.error());
    return {};
  }

 private:
  void add_notice(std::string_view text) { view_.notices.emplace_back(text); }

  std::string heading() {
    std::string out;
    for (const std::string& line : session_.labels(view_.config))
      for (const std::string_view key : {"File: ", "Type: ", "Duration: "})
        if (line.starts_with(key)) out += (out.empty() ? "" : ", ") + line.substr(key.size());
    return xml_text(out.empty() ? "profile" : out);
  }

  std::string menu() const {
    std::string out = "<nav>";
    for (const Page& page : kPages) {
      const bool here = &page == view_.page;
      out += fmt::format("<a href=\"{}\"{}>{}</a>", view_.link(page.path), here ? " aria-current=\"page\"" : "",
                         page.title);
    }
    return out + fmt::format("<a href=\"{}\">Download</a></nav>\n", view_.link("/download"));
  }

  std::string choice(std::string_view name, std::string_view label, const std::vector<std::string>& values,
                     std::string_view chosen) const {
    std::string out = fmt::format("<label>{} <select name=\"{}\">", label, name);
    for (const std::string& value : values)
      out += fmt::format("<option{}>{}</option>", value == chosen ? " selected" : "", xml_text(value));
    return out + "</select></label>\n";
  }

  // Settings that it does not show stay as the link had them.
  std::string form() const {
    std::string out = "<form>\n";
    for (const auto& [name, label] : kFields)
      out += fmt::format("<label>{} <input name=\"{}\" value=\"{}\"></label>\n", label, name,
                         xml_text(io::percent_decoded(io::query_value(view_.query, name))));
    const auto type = session_.sample_type(view_.config.sample_index);
    out += choice("si", "Value", session_.sample_types(), type ? *type : "");
    std::vector<std::string> granularities;
    for (const std::string_view word : split(find_setting("granularity")->choices, '|'))
      granularities.emplace_back(word);
    out += choice("g", "Granularity", granularities,
                  view_.config.granularity.empty() ? "functions" : view_.config.granularity);
    for (const std::string_view pair : split(view_.query, '&')) {
      const auto key = pair.substr(0, pair.find('='));
      const bool shown = key == "si" || key == "g" || key.empty() ||
                         std::ranges::any_of(kFields, [&](const auto& field) { return field.first == key; });
      if (!shown)
        out += fmt::format("<input type=\"hidden\" name=\"{}\" value=\"{}\">\n", xml_text(key),
                           xml_text(io::query_value(view_.query, key)));
    }
    return out + "<button>Apply</button>\n</form>\n";
  }

  std::string content() {
    const Page& page = *view_.page;
    if (page.takes_expression && view_.expression.empty())
      return "<p>Say in <em>Focus</em> which functions to show: a regular expression.</p>\n";
    if (page.path == "/top") return top();
    if (page.path == "/graph") return graph();
    if (page.report.empty()) {
      const std::string frame = page.path == "/source" ? "/source.html" : "/flamegraph.svg";
      return fmt::format("<iframe title=\"{}\" src=\"{}\"></iframe>\n", page.title, view_.link(frame));
    }
    std::vector<std::string> command{std::string(page.report)};
    if (page.takes_expression) command.push_back(view_.expression);
    return fmt::format("<pre>{}</pre>\n", xml_text(report(command)));
  }

  std::string graph() {
    const std::string dot = report({"dot"});
    if (dot.empty()) return {};
    auto drawing = draw_graph(dot, "svg");
    if (drawing) {
      const auto begin = drawing->find("<svg");
      return fmt::format("<div class=\"drawing\">{}</div>\n", drawing->substr(begin == std::string::npos ? 0 : begin));
    }
    add_notice(drawing.error() + ". The same as text:");
    return fmt::format("<pre>{}</pre>\n", xml_text(report({"tree"})));
  }

  // The table, with each name leading to its callers and callees.
  std::string top() {
    if (view_.config.nodecount == -1) view_.config.nodecount = 500;  // as pprof's page
    const std::string table = report({"top"});
    std::string others;
    for (const std::string_view pair : split(view_.query, '&'))
      if (!pair.empty() && !pair.starts_with("f=")) others += fmt::format("&{}", pair);
    std::string out = "<pre>";
    std::size_t column = 0;
    for (const std::string_view line : split(table, '\n')) {
      if (column == 0 || line.size() <= column) {
        if (line.ends_with("cum%")) column = line.size() + 2;
        out += xml_text(line) + "\n";
        continue;
      }
      const std::string_view label = line.substr(column);
      const std::string_view name = label.substr(0, label.rfind(label.ends_with("inline)") ? " (" : "\n"));
      const std::string quoted = fmt::format("^{}$", RE2::QuoteMeta({name.data(), name.size()}));
      out += fmt::format("{}<a href=\"{}\">{}</a>\n", xml_text(line.substr(0, column)),
                         xml_text(fmt::format("/peek?f={}{}", io::percent_encoded(quoted), others)), xml_text(label));
    }
    return out + "</pre>\n";
  }

  Session& session_;
  View& view_;
};

// A document of its own that a page frames, or a file.
Answer whole(Session& session, View& view, std::string_view path) {
  Writer writer(session, view);
  Answer answer;
  if (path == "/download") {
    auto packed = io::gzip(writer.report({"proto"}));
    answer = {
        .type = "application/octet-stream", .body = packed ? *std::move(packed) : "", .file_name = "profile.pb.gz"};
  } else if (path == "/flamegraph.svg") {
    answer = {.type = "image/svg+xml", .body = writer.report({"flamegraph"})};
  } else {
    answer.body = writer.report({"weblist", view.expression});
  }
  if (answer.body.empty())
    return {.status = 400, .type = "text/plain; charset=utf-8", .body = join(view.notices, "\n") + "\n"};
  return answer;
}

}  // namespace

Site::Site(Session& session, Config config) : session_(session), config_(std::move(config)) {}

Answer Site::answer(const serve::Question& question) {
  const std::string_view path = question.path;
  const bool is_whole = path == "/download" || path == "/flamegraph.svg" || path == "/source.html";
  const Page* page = find_page(path == "/source.html" ? "/source" : is_whole ? "/" : path);
  if (page == nullptr)
    return {.status = 404, .type = "text/plain; charset=utf-8", .body = "there is no such page: / has links to all\n"};
  View view{.page = page, .query = question.query, .config = config_, .expression = {}, .notices = {}};
  apply_query(view);
  if (is_whole) return whole(session_, view, path);
  return {.body = Writer(session_, view).document()};
}

}  // namespace gopsy::pprof
