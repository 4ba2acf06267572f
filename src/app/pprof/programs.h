#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace gopsy::pprof {

/// Runs a program of the PATH. With `output` not empty, its standard output becomes that file.
/// Yields  0, or an errno, or -1 for a failure of its own; with `wait` false 0 once it has started.
int run_program(std::vector<std::string> words, const std::string& output, bool wait);

/// What Graphviz's `dot -T` makes of a graph; SVG moves and scales under the pointer.
/// Errors  it is not installed, or cannot draw this.
std::expected<std::string, std::string> draw_graph(const std::string& dot, std::string_view format);

/// Shows a file or a URL in the first of the programs ("chrome|firefox") that can be started; $BROWSER goes first where
/// they are browsers. False if there is none.
bool show_with(std::string_view programs, const std::string& what);

inline constexpr std::string_view kBrowsers = "chrome|google-chrome|chromium|firefox|sensible-browser|xdg-open";

}  // namespace gopsy::pprof
