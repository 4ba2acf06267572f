#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gopsy::render {

/// A mark on an axis.
struct Tick {
  double at = 0;
  std::string label;
};

/// Round values from 0 to `highest`, about five of them, with `unit` behind the last.
std::vector<Tick> value_ticks(double highest, std::string_view unit);

/// Powers of ten between two times in ns.
std::vector<Tick> decade_ticks(double lowest_ns, double highest_ns);

/// Round times, about ten of them, in the unit that suits their distance.
std::vector<Tick> time_ticks(std::int64_t from_ns, std::int64_t to_ns);

/// One strip of the chart: a value axis over the common time axis.
///
/// Shape  x counts from the left edge of the plot in pixels, y from the top of the drawing.
class Strip {
 public:
  struct Frame {
    double left = 0;
    double width = 0;
    double top = 0;
    double height = 0;
    std::int64_t from_ns = 0;
    std::int64_t to_ns = 0;
    double highest = 1;    ///< value at the top
    double lowest = 0;     ///< … and at the bottom; of decades, above 0
    bool decades = false;  ///< logarithmic
  };

  Strip(const Frame& frame, std::string& out) : frame_(frame), out_(out) {}

  [[nodiscard]] double x(std::int64_t ns) const;
  [[nodiscard]] double y(double value) const;

  /// Title above, lines and labels of the ticks of both axes.
  void axes(std::string_view title, const std::vector<Tick>& values, const std::vector<Tick>& times) const;

  /// Entries of a legend, flush right above the plot: a class of the stylesheet, and words.
  struct Entry {
    std::string_view css;
    std::string_view words;
    bool is_line = false;
  };
  void legend(const std::vector<Entry>& entries) const;

  struct Point {
    std::int64_t ns = 0;
    double value = 0;
  };
  void line(std::string_view css, const std::vector<Point>& points, bool steps) const;
  /// The area between two curves over the same times.
  void band(std::string_view css, const std::vector<Point>& low, const std::vector<Point>& high) const;
  void dot(std::string_view css, const Point& point, std::string_view title) const;
  void shade(std::string_view css, std::int64_t from_ns, std::int64_t to_ns, std::string_view title) const;
  void level(std::string_view css, double value, std::string_view words) const;

 private:
  Frame frame_;
  std::string& out_;
};

}  // namespace gopsy::render
