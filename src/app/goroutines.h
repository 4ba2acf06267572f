#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>

#include "analyze/goroutine_filter.h"
#include "base/stats.h"
#include "model/evidence.h"
#include "render/goroutines/goroutines.h"

namespace gopsy::app {

struct GoroutineRequest {
  std::size_t dump = 0;                               ///< from 1; 0: the one that ended the process, else the last
  std::optional<render::GoroutineReport::View> view;  ///< none: a list of few, groups of many
  analyze::GroupBy by = analyze::GroupBy::Stack;
  std::string label;  ///< of GroupBy::Label: the key; empty: all labels
  bool exact = false;
  const analyze::GoroutineFilter* filter = nullptr;
  std::string filter_text;
  bool runtime = false;  ///< the runtime's own goroutines too
  bool full = false;
  std::optional<std::size_t> rows;  ///< of each table; 0: all
};

/// Works out everything `gopsy goroutines` says about what was loaded.
///
/// Errors  a sentence: nothing has goroutines, no such dump, no goroutine has such a label.
std::expected<render::GoroutineReport, std::string> goroutines_of(model::Incident& incident,
                                                                  const GoroutineRequest& request, Stats& stats);

/// Leaves in `incident` only the goroutines that `report` shows: what is drawn is what was filtered.
void keep_shown(const render::GoroutineReport& report, model::Incident& incident);

}  // namespace gopsy::app
