#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "analyze/race_source.h"
#include "render/pprof/report.h"

namespace gopsy::app {

/// The source files of racing frames: at the path of the frame, where Go's tools keep them, or under the longest end of
/// that path below a folder. A file that was found by its end only must have the frame's function in it.
/// Cost    each file is read once.
class RaceSourceFiles {
 public:
  /// `folder`: where the tree is; empty: the current one.
  explicit RaceSourceFiles(std::string folder);

  /// Null if it is not there.
  const pprof::SourceText* find(const model::RaceFrame& frame, const model::Symbols& symbols);

 private:
  pprof::SourceText search(std::string_view file, std::string_view function);

  std::string folder_;
  pprof::SourceFinder finder_;
  std::unordered_map<std::string, std::unique_ptr<pprof::SourceText>> files_;
};

/// Reads the source of both sides of each race: see analyze::read_source.
void read_sources(std::vector<analyze::Race>& races, RaceSourceFiles& files, const model::Symbols& symbols);

}  // namespace gopsy::app
