#include "render/trace/timeline_svg.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "base/text.h"
#include "base/units.h"
#include "render/runtime/chart.h"
#include "render/svg/xml.h"

namespace gopsy::render {
namespace {

using analyze::PictureBuilder;
using analyze::StateInterval;
using analyze::TracePicture;

constexpr double kWidth = 1200;
constexpr double kLeft = 236;
constexpr double kPlot = kTimelineColumns;
constexpr double kTop = 74;
constexpr double kGoroutineHeight = 16;
constexpr std::size_t kCell = 20;  // columns with one tooltip
constexpr std::size_t kMostArrows = 80;
constexpr std::size_t kLongestName = 33;

// Plain values, no custom properties: viewers that are no browsers know none.
constexpr std::string_view kStyle =
    "text{font:12px system-ui,\"Segoe UI\",Roboto,\"DejaVu Sans\",sans-serif;fill:#50565f}"
    ".t{font-size:17px;font-weight:600;fill:#14161a}.u{font-size:12.5px}.h{font-weight:600;fill:#14161a}"
    ".e{text-anchor:end}.m{text-anchor:middle}.n{font-size:11.5px;text-anchor:end;fill:#24272c}.r{font-size:11px}"
    ".b{fill:#fff}path{fill:none}.grid{stroke:#e6e8ec}.axis{stroke:#8d949e}.row{fill:#f3f4f6}"
    ".live{stroke:#1f66b0;stroke-width:1.6;stroke-linejoin:round}.heap{fill:#bcd8f2;stroke:none}"
    ".goal,.procs{stroke:#7d858f;stroke-width:1.4;stroke-dasharray:5 3}"
    ".s0{fill:#2f9e5b}.s1{fill:#efad1f}.s2{fill:#3f7fd0}.s3{fill:#c3b1e6}.s4{fill:#a9d6ea}.s5{fill:#dcdfe4}"
    ".s6{fill:#ef9f76}.s7{fill:#c3c8d0}"
    ".f0{fill:#3f74b5}.f1{fill:#d1813a}.f2{fill:#8a63b8}.f3{fill:#3a9a8c}.f4{fill:#c9577f}.f5{fill:#8d7a3f}"
    ".f6{fill:#5f7f95}.f7{fill:#b3bac4}.f8{fill:#888f99}.f9{fill:#e5533d}"
    ".gc{fill:#e5533d;fill-opacity:.55}.stop{fill:#b00e46}"
    ".v{fill:transparent}.v:hover{stroke:#14161a;stroke-width:1.2}"
    ".arrow{stroke:#14161a;stroke-opacity:.55;stroke-width:1}.tip{fill:#14161a;fill-opacity:.7}"
    "@media(prefers-color-scheme:dark){text{fill:#a9b0ba}.t,.h,.n{fill:#f1f2f4}.b{fill:#16181c}.grid{stroke:#2c3138}"
    ".axis{stroke:#6b727c}.row{fill:#1e2126}.live{stroke:#6db1f5}.heap{fill:#234c73}.goal,.procs{stroke:#9aa2ad}"
    ".s0{fill:#3fb56d}.s1{fill:#e0a52b}.s2{fill:#5b97e0}.s3{fill:#6b5a94}.s4{fill:#2f6478}.s5{fill:#3a3f47}"
    ".s6{fill:#a8593a}.s7{fill:#565c66}"
    ".f0{fill:#5f94d6}.f1{fill:#df9450}.f2{fill:#a581d2}.f3{fill:#52b5a6}.f4{fill:#dc7297}.f5{fill:#ad9a5c}"
    ".f6{fill:#7f9fb5}.f7{fill:#5c636d}.f8{fill:#787f89}.f9{fill:#f0705c}"
    ".gc{fill:#f0705c;fill-opacity:.55}.stop{fill:#ff5c93}.v:hover{stroke:#f1f2f4}"
    ".arrow{stroke:#f1f2f4}.tip{fill:#f1f2f4}}";

constexpr std::array<std::string_view, 8> kStates{
    "running", "runnable: waits for a P", "in a system call", "blocked: channel, lock", "network",
    "sleep",   "for the collector",       "otherwise"};
constexpr std::array<std::string_view, 8> kStateWords{"running",           "runnable",         "in a system call",
                                                      "blocked",           "on the network",   "sleeping",
                                                      "for the collector", "blocked otherwise"};

template <class... Args>
void add(std::string& out, fmt::format_string<Args...> text, Args&&... args) {
  fmt::format_to(std::back_inserter(out), text, std::forward<Args>(args)...);
}

class Drawing {
 public:
  Drawing(const TracePicture& timeline, const model::Symbols& symbols, std::string_view title)
      : timeline_(timeline), symbols_(symbols), title_(title) {
    from_ns_ = since(timeline.first_ns);
    to_ns_ = std::max(since(timeline.last_ns), from_ns_ + 1);
    times_ = time_ticks(from_ns_, to_ns_);
  }

  std::string draw() {
    double y = kTop;
    heap(y, 54);
    goroutine_counts(y, 54);
    collector(y);
    procs(y);
    goroutines(y);
    const double rows_end = y;
    axis(y);
    legend(y);
    notes(y);
    std::string out = head(y + 6);
    grid(out, rows_end);
    out += body_;
    out += "</svg>\n";
    return out;
  }

 private:
  [[nodiscard]] std::int64_t since(std::int64_t ns) const { return ns - timeline_.trace_begin_ns; }

  [[nodiscard]] double x(std::int64_t ns) const {
    const double part = (static_cast<double>(ns) - static_cast<double>(timeline_.first_ns)) /
                        (static_cast<double>(timeline_.last_ns) - static_cast<double>(timeline_.first_ns));
    return kLeft + std::clamp(part, 0.0, 1.0) * kPlot;
  }

  [[nodiscard]] std::string when(std::int64_t ns) const {
    return fmt::format("{:.6f} s", static_cast<double>(since(ns)) / 1e9);
  }

  static std::string seconds(std::int64_t ns) { return fmt::format("{:.6g}", static_cast<double>(ns) / 1e9); }

  [[nodiscard]] std::string summary() const {
    std::string text = fmt::format("{} s to {} s ({}) · {} · {}", seconds(from_ns_), seconds(to_ns_),
                                   human_duration(to_ns_ - from_ns_), counted(timeline_.proc_count, "P"),
                                   counted(timeline_.goroutine_count, "goroutine"));
    if (timeline_.goroutines.size() < timeline_.goroutine_count)
      text += fmt::format(", {} shown", timeline_.goroutines.size());
    text += fmt::format(" · {}", counted(timeline_.collection_count, "collection"));
    return text;
  }

  [[nodiscard]] std::string head(double height) const {
    std::string out;
    const std::string title = xml_text(shorten(title_, 110));
    add(out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" viewBox=\"0 0 {0:.0f} "
        "{1:.0f}\" "
        "role=\"img\" aria-labelledby=\"title desc\">\n<title id=\"title\">{2}</title>\n<desc id=\"desc\">{3}</desc>\n"
        "<style>{4}</style>\n<rect class=\"b\" width=\"100%\" height=\"100%\"/>\n",
        kWidth, std::ceil(height), title, xml_text(summary()), kStyle);
    add(out, "<text class=\"t\" x=\"12\" y=\"27\">{}</text>\n<text class=\"u\" x=\"12\" y=\"47\">{}</text>\n", title,
        xml_text(summary()));
    return out;
  }

  void grid(std::string& out, double bottom) const {
    out += "<path class=\"grid\" d=\"";
    for (const Tick& tick : times_) add(out, "M{:.1f} {:.0f}V{:.0f}", tick_x(tick), kTop, bottom);
    out += "\"/>\n";
  }

  [[nodiscard]] double tick_x(const Tick& tick) const {
    return x(static_cast<std::int64_t>(tick.at) + timeline_.trace_begin_ns);
  }

  Strip strip(double top, double height, double highest) {
    return {{.left = kLeft,
             .width = kPlot,
             .top = top,
             .height = height,
             .from_ns = from_ns_,
             .to_ns = to_ns_,
             .highest = highest},
            body_};
  }

  // Values of the columns as the corners of steps.
  template <class Value>
  std::vector<Strip::Point> steps(const Value& value) const {
    std::vector<Strip::Point> points;
    const double width = static_cast<double>(to_ns_ - from_ns_) / static_cast<double>(timeline_.columns.size());
    for (std::size_t i = 0; i < timeline_.columns.size(); ++i) {
      const double here = value(timeline_.columns[i]);
      const auto at = from_ns_ + static_cast<std::int64_t>(static_cast<double>(i) * width);
      if (i > 0 && points.back().value == here) continue;
      if (i > 0) points.push_back({.ns = at, .value = points.back().value});
      points.push_back({.ns = at, .value = here});
    }
    if (!points.empty()) points.push_back({.ns = to_ns_, .value = points.back().value});
    return points;
  }

  void strip_labels(double top, double height, std::string_view title, std::string_view highest) {
    add(body_, "<text class=\"n\" x=\"{:.0f}\" y=\"{:.1f}\">{}</text>\n", kLeft - 8, top + height / 2 + 4, title);
    add(body_, "<text class=\"r\" x=\"{:.0f}\" y=\"{:.1f}\">{}</text>\n", kLeft + kPlot + 8, top + 10,
        xml_text(highest));
    add(body_, "<path class=\"axis\" d=\"M{:.0f} {:.1f}h{:.0f}\"/>\n", kLeft, top + height, kPlot);
  }

  void heap(double& y, double height) {
    double highest = 0;
    for (const auto& column : timeline_.columns) highest = std::max({highest, column.heap, column.goal});
    if (highest <= 0) return;
    const Strip chart = strip(y, height, highest * 1.04);
    const auto heap = steps([](const auto& column) { return column.heap; });
    auto zero = heap;
    for (auto& point : zero) point.value = 0;
    body_ += "<g><title>heap in use; dashed: the goal, at which a collection is to end</title>\n";
    chart.band("heap", zero, heap);
    chart.line("live", heap, false);
    if (std::ranges::any_of(timeline_.columns, [](const auto& column) { return column.goal > 0; }))
      chart.line("goal", steps([](const auto& column) { return column.goal; }), false);
    body_ += "</g>\n";
    strip_labels(y, height, "heap, goal", human_bytes(static_cast<std::uint64_t>(highest)));
    y += height + 12;
  }

  void goroutine_counts(double& y, double height) {
    double highest = 1;
    for (const auto& column : timeline_.columns)
      highest = std::max(
          {highest, column.states[0] + column.states[1] + column.states[2], static_cast<double>(column.max_procs)});
    const Strip chart = strip(y, height, highest * 1.04);
    auto low = steps([](const auto&) { return 0.0; });
    body_ += "<g><title>goroutines running, runnable and in system calls; dashed: GOMAXPROCS</title>\n";
    // Stacked from below: running, in system calls, runnable.
    constexpr std::array<std::pair<std::string_view, std::array<bool, 3>>, 3> kLayers{
        {{"s0", {true, false, false}}, {"s2", {true, false, true}}, {"s1", {true, true, true}}}};
    for (std::size_t k = kLayers.size(); k-- > 0;) {
      const auto& [css, parts] = kLayers[k];
      const auto high = steps([&parts](const auto& column) {
        double sum = 0;
        for (std::size_t i = 0; i < parts.size(); ++i) sum += parts[i] ? column.states[i] : 0;
        return std::round(sum * 50) / 50;
      });
      chart.band(css, {{.ns = from_ns_, .value = 0}, {.ns = to_ns_, .value = 0}}, high);
    }
    const bool known = std::ranges::any_of(timeline_.columns, [](const auto& column) { return column.max_procs != 0; });
    if (known)
      chart.line("procs", steps([](const auto& column) { return static_cast<double>(column.max_procs); }), false);
    body_ += "</g>\n";
    strip_labels(y, height, "goroutines", fmt::format("up to {:.3g}", highest));
    y += height + 12;
  }

  void collector(double& y) {
    const double height = 16;
    add(body_, "<text class=\"n\" x=\"{:.0f}\" y=\"{:.1f}\">collector; world stopped</text>\n", kLeft - 8, y + 12);
    add(body_, "<rect class=\"row\" x=\"{:.0f}\" y=\"{:.0f}\" width=\"{:.0f}\" height=\"{:.0f}\"/>\n", kLeft, y, kPlot,
        height);
    for (const TracePicture::Span& span : timeline_.collections)
      add(body_,
          "<rect class=\"gc\" x=\"{:.1f}\" y=\"{:.0f}\" width=\"{:.1f}\" height=\"{:.0f}\"><title>concurrent mark: {}, "
          "from "
          "{}</title></rect>\n",
          x(span.begin_ns), y, std::max(0.8, x(span.end_ns) - x(span.begin_ns)), height / 2,
          human_duration(span.end_ns - span.begin_ns), when(span.begin_ns));
    for (const TracePicture::Column& column : timeline_.columns) {
      const TracePicture::Stop& stop = column.stops;
      if (stop.count == 0) continue;
      const std::string kind = printable(symbols_.text(stop.kind));
      const std::string words =
          stop.count == 1 ? fmt::format("the world stopped for {}: {}", human_duration(stop.longest_ns), kind)
                          : fmt::format("the world stopped {} times for {} in all, the longest {}: {}", stop.count,
                                        human_duration(stop.total_ns), human_duration(stop.longest_ns), kind);
      const double left = x(stop.begin_ns);
      add(body_,
          "<rect class=\"stop\" x=\"{:.1f}\" y=\"{:.0f}\" width=\"{:.1f}\" height=\"{:.0f}\"><title>{}, at "
          "{}</title></rect>\n",
          left, y + height / 2, std::max(1.2, x(stop.begin_ns + stop.longest_ns) - left), height / 2, xml_text(words),
          when(stop.begin_ns));
    }
    y += height + 14;
  }

  void section(double& y, std::string_view words) {
    add(body_, "<text class=\"h\" x=\"12\" y=\"{:.1f}\">{}</text>\n", y + 4, words);
    y += 12;
  }

  void procs(double& y) {
    if (timeline_.procs.empty()) return;
    section(y, "Ps: who runs");
    const double height = timeline_.procs.size() <= 8 ? 22 : 13;
    for (const TracePicture::Row& row : timeline_.procs) {
      std::int64_t busy = 0;
      for (const std::int64_t ns : row.total_ns) busy += ns;
      const auto words = [&](std::size_t k) { return class_words(k); };
      draw_row(row, y, height, 'f',
               percent(static_cast<double>(busy) / static_cast<double>(to_ns_ - from_ns_)) + " busy", words, "idle");
      y += height + 3;
    }
    y += 12;
  }

  [[nodiscard]] std::string class_words(std::size_t k) const {
    if (k < timeline_.functions.size() && k < PictureBuilder::kFunctions)
      return model::short_function(timeline_.functions[k]);
    if (k == PictureBuilder::kCollectorCode) return "mark workers";
    return k == PictureBuilder::kRuntimeCode ? "runtime" : "others";
  }

  void goroutines(double& y) {
    if (timeline_.goroutines.empty()) return;
    section(y, "Goroutines");
    const double begin = y;
    for (const TracePicture::Row& row : timeline_.goroutines) {
      draw_row(
          row, y, kGoroutineHeight, 's', human_duration(row.total_ns[TracePicture::Running]) + " run",
          [](std::size_t k) { return std::string(kStateWords[std::min(k, kStateWords.size() - 1)]); }, "");
      y += kGoroutineHeight + 4;
    }
    arrows(begin);
    y += 4;
  }

  template <class Words>
  void draw_row(const TracePicture::Row& row, double y, double height, char css, const std::string& right,
                const Words& words, std::string_view nothing) {
    add(body_, "<g><text class=\"n\" x=\"{:.0f}\" y=\"{:.1f}\">{}", kLeft - 8, y + height / 2 + 4,
        xml_text(shorten(row.name, kLongestName)));
    if (row.name.size() > kLongestName) add(body_, "<title>{}</title>", xml_text(shorten(row.name, 300)));
    add(body_, "</text><text class=\"r\" x=\"{:.0f}\" y=\"{:.1f}\">{}</text>\n", kLeft + kPlot + 8, y + height / 2 + 4,
        right);
    add(body_, "<rect class=\"row\" x=\"{:.0f}\" y=\"{:.0f}\" width=\"{:.0f}\" height=\"{:.0f}\"/>\n", kLeft, y, kPlot,
        height);
    shares(row, y, height, css);
    const std::vector<bool> covered = blocks(row, y, height, css == 'f', words);
    cells(row, y, height, covered, words, nothing);
    body_ += "</g>\n";
  }

  // The mix of each column as heights, the classes stacked from below; half pixels, and columns that are the same are
  // one step.
  void shares(const TracePicture::Row& row, double y, double height, char css) {
    const int most = static_cast<int>(height) * 2;
    std::vector<std::array<int, TracePicture::kClasses + 1>> edges(row.columns.size());
    for (std::size_t i = 0; i < row.columns.size(); ++i) {
      double sum = 0;
      for (std::size_t k = 0; k < TracePicture::kClasses; ++k) {
        sum += static_cast<double>(row.columns[i][k]);
        edges[i][k + 1] = std::min(most, static_cast<int>(std::lround(sum * most)));
        // What is there at all is seen.
        if (row.columns[i][k] > 0 && edges[i][k + 1] == 0) edges[i][k + 1] = 1;
        edges[i][k + 1] = std::max(edges[i][k + 1], edges[i][k]);
      }
    }
    for (std::size_t k = 0; k < TracePicture::kClasses; ++k) {
      std::string d;
      for (std::size_t i = 0; i < edges.size();) {
        if (edges[i][k + 1] == edges[i][k]) {
          ++i;
          continue;
        }
        std::size_t end = i;
        while (end < edges.size() && edges[end][k + 1] != edges[end][k]) ++end;
        outline(d, edges, k, i, end, most);
        i = end;
      }
      if (!d.empty())
        add(body_, "<path class=\"{}{}\" transform=\"translate({:.0f} {:.0f}) scale(1 .5)\" d=\"{}\"/>\n", css, k,
            kLeft, y, d);
    }
  }

  template <class Edges>
  static void outline(std::string& d, const Edges& edges, std::size_t k, std::size_t begin, std::size_t end, int most) {
    const auto walk = [&](std::size_t first, std::size_t upto, std::size_t edge, int step) {
      std::size_t run = 1;
      for (std::size_t i = first; i != upto; i += static_cast<std::size_t>(step), ++run) {
        const std::size_t next = i + static_cast<std::size_t>(step);
        if (next != upto && edges[next][edge] == edges[i][edge]) continue;
        add(d, "h{}", static_cast<int>(run) * step);
        run = 0;
        if (next != upto) add(d, "v{}", edges[i][edge] - edges[next][edge]);
      }
    };
    add(d, "M{} {}", begin, most - edges[begin][k + 1]);
    walk(begin, end, k + 1, 1);
    add(d, "V{}", most - edges[end - 1][k]);
    walk(end - 1, begin - 1, k, -1);
    d += "z";
  }

  template <class Words>
  std::vector<bool> blocks(const TracePicture::Row& row, double y, double height, bool of_proc, const Words& words) {
    std::vector<bool> covered(row.columns.size() / kCell + 1);
    for (const TracePicture::Block& block : row.blocks) {
      const double left = x(block.begin_ns);
      const double right = x(block.end_ns);
      if (right - left < 2) continue;
      std::string text = of_proc ? block.who : words(block.what);
      if (block.p != 0 && !of_proc) text += fmt::format(" on P{}", block.p - 1);
      if (block.reason) text = fmt::format("blocked: {}", printable(symbols_.text(block.reason)));
      text += fmt::format(" for {}, from {}", human_duration(block.end_ns - block.begin_ns), when(block.begin_ns));
      if ((block.flags & StateInterval::kFound) != 0) text += ", when the trace began or earlier";
      if ((block.flags & StateInterval::kOpen) != 0) text += ", still in the end";
      if (block.place)
        text += fmt::format("\nin {}, line {}", shorten(printable(symbols_.text(block.place)), 200), block.line);
      if (!block.waker_name.empty()) text += fmt::format("\nwoken by {}", shorten(printable(block.waker_name), 200));
      add(body_,
          "<rect class=\"v\" x=\"{:.1f}\" y=\"{:.0f}\" width=\"{:.1f}\" height=\"{:.0f}\"><title>{}</title></rect>\n",
          left, y, right - left, height, xml_text(text));
      for (auto cell = static_cast<std::size_t>((left - kLeft) / kCell + 0.7);
           static_cast<double>(cell + 1) * kCell <= right - kLeft + 6 && cell < covered.size(); ++cell)
        covered[cell] = true;
    }
    return covered;
  }

  template <class Words>
  void cells(const TracePicture::Row& row, double y, double height, const std::vector<bool>& covered,
             const Words& words, std::string_view nothing) {
    const double column_ns = static_cast<double>(to_ns_ - from_ns_) / static_cast<double>(row.columns.size());
    for (std::size_t begin = 0; begin < row.columns.size(); begin += kCell) {
      if (covered[begin / kCell]) continue;
      const std::size_t end = std::min(begin + kCell, row.columns.size());
      std::array<double, TracePicture::kClasses> sums{};
      std::uint64_t changes = 0;
      for (std::size_t i = begin; i < end; ++i) {
        changes += row.changes[i];
        for (std::size_t k = 0; k < sums.size(); ++k) sums[k] += static_cast<double>(row.columns[i][k]);
      }
      if (changes == 0) continue;
      std::vector<std::pair<double, std::size_t>> order;
      double sum = 0;
      for (std::size_t k = 0; k < sums.size(); ++k) {
        sum += sums[k];
        if (sums[k] > 0) order.emplace_back(sums[k] / static_cast<double>(end - begin), k);
      }
      std::ranges::stable_sort(order, std::greater(), [](const auto& one) { return one.first; });
      if (order.size() > 4) order.resize(4);
      std::vector<std::string> parts;
      for (const auto& [share, k] : order) parts.push_back(fmt::format("{} {}", words(k), percent(share)));
      const double idle = 1 - sum / static_cast<double>(end - begin);
      if (!nothing.empty() && idle > 0.0005) parts.push_back(fmt::format("{} {}", nothing, percent(idle)));
      const auto at = timeline_.first_ns + static_cast<std::int64_t>(static_cast<double>(begin) * column_ns);
      add(body_,
          "<rect class=\"v\" x=\"{:.0f}\" y=\"{:.0f}\" width=\"{}\" height=\"{:.0f}\"><title>{} from {}, {}:\n{}"
          "</title></rect>\n",
          kLeft + static_cast<double>(begin), y, end - begin, height,
          human_duration(static_cast<std::int64_t>(static_cast<double>(end - begin) * column_ns)), when(at),
          counted(changes, "interval"), xml_text(join(parts, ", ")));
    }
  }

  // From who ended a block down or up to who could go on, the longest blocks first.
  void arrows(double top) {
    struct Arrow {
      std::int64_t length_ns;
      std::size_t to;
      const TracePicture::Block* block;
    };
    std::vector<Arrow> all;
    for (std::size_t i = 0; i < timeline_.goroutines.size(); ++i)
      for (const TracePicture::Block& block : timeline_.goroutines[i].blocks)
        if (block.waker >= 0 && static_cast<std::size_t>(block.waker) != i &&
            (block.flags & StateInterval::kOpen) == 0 && x(block.end_ns) - x(block.begin_ns) >= 4)
          all.push_back({.length_ns = block.end_ns - block.begin_ns, .to = i, .block = &block});
    std::ranges::stable_sort(all, std::greater(), &Arrow::length_ns);
    if (all.size() > kMostArrows) all.resize(kMostArrows);
    for (const Arrow& arrow : all) {
      const auto middle = [&](double row) { return top + row * (kGoroutineHeight + 4) + kGoroutineHeight / 2; };
      const double from = middle(arrow.block->waker);
      const double to = middle(static_cast<double>(arrow.to));
      const double at = x(arrow.block->end_ns);
      const double tip = to > from ? -6 : 6;
      add(body_,
          "<g><title>{} wakes {} at {} after {}</title><path class=\"arrow\" d=\"M{:.1f} {:.0f}V{:.0f}\"/><path "
          "class=\"tip\" d=\"M{:.1f} {:.0f}l-3 {:.0f}h6z\"/><circle class=\"tip\" cx=\"{:.1f}\" cy=\"{:.0f}\" "
          "r=\"1.6\"/></g>\n",
          xml_text(shorten(arrow.block->waker_name, 100)), xml_text(shorten(timeline_.goroutines[arrow.to].name, 100)),
          when(arrow.block->end_ns), human_duration(arrow.length_ns), at, from, to, at, to, tip, at, from);
    }
  }

  void axis(double& y) {
    add(body_, "<path class=\"axis\" d=\"M{:.0f} {:.1f}h{:.0f}\"/>\n", kLeft, y, kPlot);
    for (const Tick& tick : times_)
      add(body_, "<text class=\"m\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", tick_x(tick), y + 16, xml_text(tick.label));
    y += 40;
  }

  void swatches(double& y, std::string_view title, char css,
                const std::vector<std::pair<std::size_t, std::string>>& entries) {
    double at = kLeft;
    add(body_, "<text class=\"n\" x=\"{:.0f}\" y=\"{:.1f}\">{}</text>\n", kLeft - 8, y, title);
    for (const auto& [k, words] : entries) {
      const std::string text = shorten(words, 40);
      const double width = 32 + static_cast<double>(text.size()) * 6.6;
      if (at + width > kWidth - 12) {
        at = kLeft;
        y += 19;
      }
      add(body_,
          "<rect class=\"{}{}\" x=\"{:.0f}\" y=\"{:.1f}\" width=\"13\" height=\"11\" rx=\"2\"/><text x=\"{:.0f}\" "
          "y=\"{:.1f}\">{}</text>\n",
          css, k, at, y - 10, at + 18, y, xml_text(text));
      at += width;
    }
    y += 22;
  }

  void legend(double& y) {
    std::vector<std::pair<std::size_t, std::string>> entries;
    const auto used = [](const std::vector<TracePicture::Row>& rows, std::size_t k) {
      return std::ranges::any_of(rows, [k](const TracePicture::Row& row) { return row.total_ns[k] > 0; });
    };
    for (std::size_t k = 0; k < kStates.size(); ++k)
      if (used(timeline_.goroutines, k) || k < 3) entries.emplace_back(k, kStates[k]);
    swatches(y, "goroutines", 's', entries);
    entries.clear();
    for (std::size_t k = 0; k < TracePicture::kClasses; ++k)
      if (used(timeline_.procs, k)) entries.emplace_back(k, class_words(k));
    if (!entries.empty()) swatches(y, "Ps, by start function", 'f', entries);
  }

  void notes(double& y) {
    std::string text = fmt::format("A pixel is {}; what is faster shows as shares of the row's height.",
                                   human_duration((to_ns_ - from_ns_) / static_cast<std::int64_t>(kTimelineColumns)));
    text += " --from and --to look closer, --top shows more goroutines. An arrow leads from who ended a block.";
    if (timeline_.procs.size() < timeline_.proc_count)
      text += fmt::format(" {} of {} Ps are shown.", timeline_.procs.size(), timeline_.proc_count);
    add(body_, "<text class=\"u\" x=\"12\" y=\"{:.1f}\">{}</text>\n", y, xml_text(text));
    y += 10;
  }

  const TracePicture& timeline_;
  const model::Symbols& symbols_;
  std::string_view title_;
  std::string body_;
  std::vector<Tick> times_;
  std::int64_t from_ns_ = 0;
  std::int64_t to_ns_ = 1;
};

}  // namespace

std::string timeline_svg(const analyze::TracePicture& timeline, const model::Symbols& symbols, std::string_view title) {
  return Drawing(timeline, symbols, title).draw();
}

}  // namespace gopsy::render
