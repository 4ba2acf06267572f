#include "analyze/pprof/aggregate.h"

namespace gopsy::pprof {

bool aggregate(model::Profile& profile, const Config& config) {
  const std::string_view granularity = config.granularity.empty() ? "functions" : std::string_view(config.granularity);
  const bool addresses = granularity == "addresses";
  const bool inlines = !config.noinlines;
  if (addresses && inlines) return true;
  const bool lines = addresses || granularity == "lines";
  const bool files = lines || granularity == "files" || granularity == "filefunctions";
  const bool functions = granularity != "files";
  if (!files && granularity != "functions") return false;

  for (auto& mapping : profile.mappings) {
    mapping.has_inline_frames = mapping.has_inline_frames && inlines;
    mapping.has_functions = mapping.has_functions && functions;
    mapping.has_filenames = mapping.has_filenames && files;
    mapping.has_line_numbers = mapping.has_line_numbers && lines;
  }
  for (auto& function : profile.functions) {
    if (!functions) function.name = function.system_name = {};
    if (!files) function.file = {};
  }
  for (auto& location : profile.locations) {
    if (!inlines && location.line_count > 1) {
      location.first_line += location.line_count - 1;
      location.line_count = 1;
    }
    if (!addresses) location.address = 0;
    for (std::uint32_t i = 0; i < location.line_count; ++i) {
      auto& line = profile.lines[location.first_line + i];
      if (!lines) line.line = 0;
      if (!lines || !config.showcolumns) line.column = 0;
    }
  }
  return true;
}

}  // namespace gopsy::pprof
