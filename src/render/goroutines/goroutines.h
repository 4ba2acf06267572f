#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <optional>
#include "analyze/creator_tree.h"

#include "analyze/deadlock.h"
#include "analyze/depth_outliers.h"
#include "analyze/goroutine_groups.h"
#include "analyze/growth.h"
#include "analyze/snapshots.h"
#include "analyze/wait_groups.h"
#include "render/renderer.h"

namespace gopsy::render {

/// Everything `gopsy goroutines` says.
struct GoroutineReport {
  enum class View : std::uint8_t { List, Groups, Tree };

  const model::Symbols& symbols;
  std::vector<analyze::Snapshot> snapshots;
  std::size_t shown = 0;            ///< index of the dump that is shown
  std::vector<std::uint32_t> rows;  ///< its goroutines that passed the filter, in the order of the text
  std::uint64_t goroutines = 0;     ///< of it, before the filter, without the runtime's own
  std::uint64_t of_runtime = 0;     ///< left out
  std::string filter;               ///< as typed; empty: none
  View view = View::List;
  bool view_chosen = false;  ///< by the user, not by the number of goroutines
  analyze::GroupOptions grouping;
  analyze::GoroutineGroups groups;
  analyze::CreatorTree tree;
  analyze::WaitGroups waits;
  std::optional<analyze::Deadlock> asleep;  ///< the deadlock that the runtime reported with this dump
  analyze::DepthOutliers deep;
  std::vector<analyze::Growth> growth;
  std::size_t most_rows = 0;       ///< of each table; 0: all
  bool full = false;               ///< whole stacks
  std::vector<std::string> notes;  ///< what the evidence cannot answer, and inputs that were left out

  [[nodiscard]] const analyze::Snapshot& snapshot() const { return snapshots[shown]; }
};

/// Tables for people, as wide as the style says.
void goroutines_text(const GoroutineReport& report, const Style& style, std::string& out);

/// One object; docs/goroutines.md has its shape.
void goroutines_json(const GoroutineReport& report, std::string& out);

/// The graph of waits for Graphviz: goroutines that stand at one line and wait for one thing are one node, the thing is
/// another, and an arrow leads from it to who has it. What waits for nothing that anybody has is left out.
void wait_graph_dot(const GoroutineReport& report, std::string& out);

}  // namespace gopsy::render
