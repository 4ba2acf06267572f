#include "analyze/creators.h"

#include <algorithm>
#include <string_view>

namespace gopsy::analyze {

bool is_go_wrapper(const model::TracebackFrame& frame, const model::Goroutine& goroutine,
                   const model::Symbols& symbols) {
  const std::string_view function = symbols.text(frame.function);
  const std::string_view creator = symbols.text(goroutine.created_by);
  return !creator.empty() && frame.line == goroutine.created_line && function.starts_with(creator) &&
         function.substr(creator.size()).starts_with('.');
}

bool is_spawner(std::string_view function) {
  return function == "golang.org/x/sync/errgroup.(*Group).Go" ||
         function == "golang.org/x/sync/errgroup.(*Group).TryGo" || function == "sync.(*WaitGroup).Go";
}

Creators::Creators(const model::Traceback& traceback, const model::Symbols& symbols)
    : traceback_(traceback), symbols_(symbols) {
  by_id_.reserve(traceback.goroutines.size());
  bool creators_without_id = false;
  for (const auto& goroutine : traceback.goroutines) {
    by_id_.emplace(goroutine.id, &goroutine);
    creators_without_id |= goroutine.creator == 0 && !goroutine.created_by.none();
  }
  // Before Go 1.21 only: a dump of a million frames is not walked for nothing.
  if (!creators_without_id) return;
  for (const auto& frame : traceback.frames) functions_.insert(frame.function);
}

bool Creators::outlived(const model::Goroutine& goroutine) const {
  if (goroutine.created_by.none()) return false;
  if (is_spawner(symbols_.text(goroutine.created_by))) return creator_gone(goroutine);
  if (goroutine.creator == 0) return !functions_.contains(goroutine.created_by);
  const auto creator = by_id_.find(goroutine.creator);
  if (creator == by_id_.end()) return true;
  return std::ranges::none_of(traceback_.frames_of(*creator->second),
                              [&](const auto& frame) { return frame.function == goroutine.created_by; });
}

}  // namespace gopsy::analyze
