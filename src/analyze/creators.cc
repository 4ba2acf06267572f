#include "analyze/creators.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

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
  std::unordered_map<std::uint64_t, std::uint32_t> rows;
  rows.reserve(traceback.goroutines.size());
  for (std::uint32_t row = 0; row < traceback.goroutines.size(); ++row) rows.emplace(traceback.goroutines[row].id, row);
  bool creators_without_id = false;
  creators_.reserve(traceback.goroutines.size());
  for (const auto& goroutine : traceback.goroutines) {
    creators_without_id |= goroutine.creator == 0 && !goroutine.created_by.none();
    const auto creator = goroutine.creator == 0 ? rows.end() : rows.find(goroutine.creator);
    creators_.push_back(creator != rows.end() ? creator->second : (goroutine.creator == 0 ? kNotPrinted : kGone));
  }
  // Before Go 1.21 only: a dump of a million frames is not walked for nothing.
  if (!creators_without_id) return;
  for (const auto& frame : traceback.frames) functions_.insert(frame.function);
}

bool Creators::outlived(const model::Goroutine& goroutine) const {
  if (goroutine.created_by.none()) return false;
  if (is_spawner(symbols_.text(goroutine.created_by))) return creator_gone(goroutine);
  if (goroutine.creator == 0) return !functions_.contains(goroutine.created_by);
  const std::uint32_t creator = row_of(goroutine);
  if (creator == kGone) return true;
  return std::ranges::none_of(traceback_.frames_of(traceback_.goroutines[creator]),
                              [&](const auto& frame) { return frame.function == goroutine.created_by; });
}

}  // namespace gopsy::analyze
