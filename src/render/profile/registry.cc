#include <algorithm>
#include <array>

#include "render/profile/pprof_writer.h"
#include "render/profile/profile_writer.h"

namespace gopsy::render {
namespace {

std::string pprof_profile(const ProfileDocument& document) { return pprof_bytes(document.profile, document.symbols); }

// A row is all it takes; the test then asks for its line in docs/renderers.md and for a round trip.
constexpr std::array kWriters{
    ProfileWriter{.name = "pprof",
                  .extension = ".pb.gz",
                  .summary = "profile.proto, compressed: go tool pprof, PGO, every profile store",
                  .gzip = true,
                  .write = pprof_profile},
    ProfileWriter{.name = "folded",
                  .extension = ".folded",
                  .summary = "one line a stack: flamegraph.pl, inferno, sort and grep",
                  .write = folded_profile},
    ProfileWriter{.name = "speedscope",
                  .extension = ".speedscope.json",
                  .summary = "speedscope's own file format, one view a value type",
                  .write = speedscope_profile},
    ProfileWriter{.name = "firefox",
                  .extension = ".firefox.json",
                  .summary = "the processed format of profiler.firefox.com, one track a value type",
                  .write = firefox_profile},
    ProfileWriter{.name = "otlp",
                  .extension = ".otlp",
                  .summary = "OpenTelemetry ProfilesData (v1development), one Profile a value type",
                  .write = otlp_profile},
    ProfileWriter{.name = "json",
                  .extension = ".json",
                  .summary = "everything a profile holds as one plain object, for jq and scripts",
                  .write = json_profile},
    ProfileWriter{.name = "callgrind",
                  .extension = ".callgrind",
                  .summary = "the call graph for KCachegrind and QCachegrind, one value, by address",
                  .write = callgrind_profile},
};

}  // namespace

std::span<const ProfileWriter> profile_writers() { return kWriters; }

const ProfileWriter* find_profile_writer(std::string_view name) {
  const auto* found = std::ranges::find(kWriters, name, &ProfileWriter::name);
  return found == kWriters.end() ? nullptr : found;
}

const ProfileWriter* profile_writer_for_path(std::string_view path) {
  const ProfileWriter* best = nullptr;
  for (const ProfileWriter& writer : kWriters)
    if (path.ends_with(writer.extension) && (best == nullptr || writer.extension.size() > best->extension.size()))
      best = &writer;
  return best;
}

}  // namespace gopsy::render
