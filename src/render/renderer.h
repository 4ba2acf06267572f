#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analyze/flame_graph.h"
#include "model/evidence.h"
#include "rules/rule.h"

namespace gopsy::render {

/// Everything `gopsy diagnose` says.
struct Report {
  const model::Incident& incident;
  std::vector<rules::Finding> findings;
};

/// A graph to draw, with what stands around it.
struct FlamePicture {
  const analyze::FlameGraph& graph;
  const model::Symbols& symbols;
  std::string title;
  std::string subtitle;
};

struct Style {
  bool color = false;    ///< ANSI, only on terminals
  unsigned width = 100;  ///< columns to wrap text at
};

/// One output form: a row of the registry. Output is a function of its input only: no times, no
/// addresses, no hash order.
struct Renderer {
  std::string_view name;       ///< for `--to`
  std::string_view extension;  ///< ".svg": chosen by `-o x.svg`
  std::string_view mime;
  std::string_view summary;
  std::size_t most_nodes = 0;  ///< of a flame graph that it can show; 0: all, and each round of a recursion
  void (*report)(const Report& report, const Style& style, std::string& out) = nullptr;        ///< null: cannot
  void (*flame)(const FlamePicture& picture, const Style& style, std::string& out) = nullptr;  ///< null: cannot
};

/// All renderers, in the order the help lists them.
std::span<const Renderer* const> renderers();

const Renderer* find_renderer(std::string_view name);

/// The renderer whose extension ends `path`, or null.
const Renderer* renderer_for_path(std::string_view path);

}  // namespace gopsy::render
