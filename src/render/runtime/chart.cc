#include "render/runtime/chart.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/format.h"
#include "base/units.h"
#include "render/svg/xml.h"

namespace gopsy::render {
namespace {

constexpr double kCharacterWidth = 7.1;  // of the legend's font, on average

template <class... Args>
void add(std::string& out, fmt::format_string<Args...> text, Args&&... args) {
  fmt::format_to(std::back_inserter(out), text, std::forward<Args>(args)...);
}

// 1, 2 or 5 times a power of ten, the least that is at least `step`.
double round_step(double step) {
  const double power = std::pow(10, std::floor(std::log10(step)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (factor * power >= step * 0.999) return factor * power;
  return 10 * power;
}

}  // namespace

std::vector<Tick> value_ticks(double highest, std::string_view unit) {
  std::vector<Tick> ticks;
  const double step = std::max(round_step(std::max(highest, 1e-9) / 6), unit.empty() ? 1.0 : 0.0);
  for (double at = 0; at <= highest * 1.0001 && ticks.size() < 12; at += step)
    ticks.push_back({.at = at, .label = fmt::format("{:.6g}", at)});
  if (!unit.empty() && !ticks.empty()) ticks.back().label += fmt::format(" {}", unit);
  return ticks;
}

std::vector<Tick> decade_ticks(double lowest_ns, double highest_ns) {
  std::vector<Tick> ticks;
  for (double at = std::pow(10, std::ceil(std::log10(lowest_ns) - 1e-9)); at <= highest_ns * 1.0001; at *= 10) {
    constexpr std::array<std::string_view, 4> kUnits{"ns", "µs", "ms", "s"};
    std::size_t unit = 0;
    double shown = at;
    for (; shown >= 999.5 && unit + 1 < kUnits.size(); ++unit) shown /= 1000;
    ticks.push_back({.at = at, .label = fmt::format("{:.0f} {}", shown, kUnits[unit])});
  }
  return ticks;
}

std::vector<Tick> time_ticks(std::int64_t from_ns, std::int64_t to_ns) {
  constexpr double kSecond = 1e9;
  constexpr std::array kSteps{1.0,   2.0,   5.0,    10.0,   15.0,   30.0,    60.0,    120.0,  300.0,
                              600.0, 900.0, 1800.0, 3600.0, 7200.0, 21600.0, 43200.0, 86400.0};
  const double length = static_cast<double>(to_ns - from_ns) / kSecond;
  double step = length / 10;
  if (step <= 1) {
    step = round_step(std::max(step, 1e-6));
  } else {
    const auto* found = std::ranges::find_if(kSteps, [&](double candidate) { return candidate >= step; });
    step = found != kSteps.end() ? *found : 86400 * std::ceil(step / 86400);
  }
  const double unit = step < 0.5 && length < 2 ? 0.001 : (step < 60 ? 1 : (step < 3600 ? 60 : 3600));
  const std::string_view name = unit < 1 ? "ms" : (unit < 60 ? "s" : (unit < 3600 ? "min" : "h"));
  std::vector<Tick> ticks;
  // Plus zero: no label shall read "-0".
  const double begin = std::ceil(static_cast<double>(from_ns) / kSecond / step - 1e-9) * step + 0.0;
  for (double at = begin; at * kSecond <= static_cast<double>(to_ns) * 1.0001 && ticks.size() < 24; at += step)
    ticks.push_back({.at = at * kSecond, .label = fmt::format("{:.6g} {}", at / unit, name)});
  return ticks;
}

double Strip::x(std::int64_t ns) const {
  const auto length = static_cast<double>(std::max<std::int64_t>(1, frame_.to_ns - frame_.from_ns));
  return frame_.left + static_cast<double>(ns - frame_.from_ns) / length * frame_.width;
}

double Strip::y(double value) const {
  double part = 0;
  if (frame_.decades) {
    part = std::log(std::max(value, frame_.lowest) / frame_.lowest) / std::log(frame_.highest / frame_.lowest);
  } else {
    part = (value - frame_.lowest) / (frame_.highest - frame_.lowest);
  }
  return frame_.top + frame_.height * (1 - std::clamp(part, 0.0, 1.0));
}

void Strip::axes(std::string_view title, const std::vector<Tick>& values, const std::vector<Tick>& times) const {
  const double right = frame_.left + frame_.width;
  const double bottom = frame_.top + frame_.height;
  add(out_, "<text class=\"h\" x=\"{:.0f}\" y=\"{:.1f}\">{}</text>\n", frame_.left, frame_.top - 9, xml_text(title));
  add(out_, "<path class=\"grid\" d=\"");
  for (const Tick& tick : values) add(out_, "M{:.0f} {:.1f}H{:.0f}", frame_.left, y(tick.at), right);
  for (const Tick& tick : times)
    add(out_, "M{:.1f} {:.1f}V{:.1f}", x(static_cast<std::int64_t>(tick.at)), frame_.top, bottom);
  add(out_, "\"/>\n<path class=\"axis\" d=\"M{:.0f} {:.1f}H{:.0f}\"/>\n", frame_.left, bottom, right);
  for (const Tick& tick : values)
    add(out_, "<text class=\"e\" x=\"{:.0f}\" y=\"{:.1f}\">{}</text>\n", frame_.left - 7, y(tick.at) + 4,
        xml_text(tick.label));
  for (const Tick& tick : times)
    add(out_, "<text class=\"m\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", x(static_cast<std::int64_t>(tick.at)),
        bottom + 16, xml_text(tick.label));
}

void Strip::legend(const std::vector<Entry>& entries) const {
  double at = frame_.left + frame_.width;
  for (std::size_t i = entries.size(); i-- > 0;) {
    const Entry& entry = entries[i];
    at -= static_cast<double>(entry.words.size()) * kCharacterWidth;
    add(out_, "<text x=\"{:.1f}\" y=\"{:.1f}\">{}</text>", at, frame_.top - 9, xml_text(entry.words));
    at -= 20;
    if (entry.is_line) {
      add(out_, "<path class=\"{}\" d=\"M{:.1f} {:.1f}h15\"/>\n", entry.css, at, frame_.top - 13);
    } else {
      add(out_, "<rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"13\" height=\"9\" rx=\"2\"/>\n", entry.css,
          at + 1, frame_.top - 18);
    }
    at -= 14;
  }
}

void Strip::line(std::string_view css, const std::vector<Point>& points, bool steps) const {
  if (points.empty()) return;
  add(out_, "<path class=\"{}\" d=\"M{:.1f} {:.1f}", css, x(points[0].ns), y(points[0].value));
  for (std::size_t i = 1; i < points.size(); ++i) {
    if (steps) {
      add(out_, "H{:.1f}V{:.1f}", x(points[i].ns), y(points[i].value));
    } else {
      add(out_, "L{:.1f} {:.1f}", x(points[i].ns), y(points[i].value));
    }
  }
  // A single value is a short stroke: a point would not show.
  add(out_, "{}\"/>\n", points.size() == 1 ? "h3" : "");
}

void Strip::band(std::string_view css, const std::vector<Point>& low, const std::vector<Point>& high) const {
  if (high.empty()) return;
  add(out_, "<path class=\"{}\" d=\"M", css);
  for (const Point& point : high) add(out_, "{:.1f} {:.1f} ", x(point.ns), y(point.value));
  for (std::size_t i = low.size(); i-- > 0;) add(out_, "{:.1f} {:.1f} ", x(low[i].ns), y(low[i].value));
  add(out_, "Z\"/>\n");
}

void Strip::dot(std::string_view css, const Point& point, std::string_view title) const {
  add(out_, "<circle class=\"{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"2.2\"><title>{}</title></circle>\n", css, x(point.ns),
      y(point.value), xml_text(title));
}

void Strip::shade(std::string_view css, std::int64_t from_ns, std::int64_t to_ns, std::string_view title) const {
  add(out_,
      "<rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"><title>{}</title></rect>\n", css,
      x(from_ns), frame_.top, std::max(1.0, x(to_ns) - x(from_ns)), frame_.height, xml_text(title));
}

void Strip::level(std::string_view css, double value, std::string_view words) const {
  add(out_, "<path class=\"{}\" d=\"M{:.0f} {:.1f}h{:.0f}\"/>\n", css, frame_.left, y(value), frame_.width);
  add(out_, "<text class=\"{}t\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", css, frame_.left + 6, y(value) - 4,
      xml_text(words));
}

}  // namespace gopsy::render
