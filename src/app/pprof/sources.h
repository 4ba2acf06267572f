#pragma once

#include <string>
#include <string_view>

#include "render/pprof/report.h"

namespace gopsy::pprof {

/// Finds source files as pprof does: by the path that a profile names, without the prefixes of -trim_path, in each
/// folder of `source_path` (default: the current one) and all folders above it; then, unlike pprof, where Go's tools
/// keep files (module_paths).
/// Source  internal/report/source.go openSourceFile.
SourceFinder source_finder(std::string source_path, std::string trim_path);

}  // namespace gopsy::pprof
