#include "analyze/pprof/aggregate.h"
#include "base/format.h"
#include "render/pprof/report.h"
#include "render/profile/profile_writer.h"

namespace gopsy::render {

// The graph that `gopsy pprof -callgrind` writes, in the type's own unit: nothing is rounded away.
std::string callgrind_profile(const ProfileDocument& document) {
  model::Profile profile = document.profile;
  pprof::aggregate(profile, {.granularity = "addresses"});
  pprof::Report report{.profile = profile, .symbols = document.symbols, .format = *pprof::find_format("callgrind")};
  const auto& type = profile.types[document.column];
  report.column = document.column;
  report.sample_type = document.symbols.text(type.type);
  report.sample_unit = document.symbols.text(type.unit);
  report.unit = report.sample_unit;
  report.total = pprof::total_of(profile, report.column, false, document.symbols);
  return report.format.write(report).value_or("");
}

}  // namespace gopsy::render
