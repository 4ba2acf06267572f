#include "app/pprof/binaries.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "base/format.h"
#include "base/text.h"
#include "binary/object.h"

namespace gopsy::pprof {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> search_path() {
  const char* const path = std::getenv("PPROF_BINARY_PATH");
  if (path != nullptr && *path != '\0') {
    std::vector<std::string> folders;
    for (const std::string_view folder : split(path, ':')) folders.emplace_back(folder);
    return folders;
  }
  const char* const home = std::getenv("HOME");
  return {std::string(home == nullptr ? "" : home) + "/pprof/binaries"};
}

// Where the file of a mapping may lie in one folder, in the order they are tried.
std::vector<fs::path> candidates(const fs::path& folder, const fs::path& file, const std::string& build_id) {
  std::vector<fs::path> names;
  const fs::path base = file.filename();
  const fs::path inside = file.relative_path();
  if (!build_id.empty()) {
    names.push_back(folder / build_id / base);
    std::error_code code;
    std::vector<fs::path> any;
    for (fs::directory_iterator at(folder / build_id, code); !code && at != fs::directory_iterator();
         at.increment(code))
      any.push_back(at->path());
    std::ranges::sort(any);
    names.insert(names.end(), any.begin(), any.end());
    names.push_back(folder / inside / build_id);  // as perf keeps them
    if (build_id.size() >= 2) names.push_back(folder / build_id.substr(0, 2) / (build_id.substr(2) + ".debug"));
  }
  if (!file.empty()) {
    names.push_back(folder / base);
    names.push_back(folder / inside);
    names.push_back(folder / (inside.string() + ".debug"));
    names.push_back(folder / inside.parent_path() / ".debug" / (base.string() + ".debug"));
    names.push_back(folder / "usr/lib/debug" / inside.parent_path() / (base.string() + ".debug"));
  }
  return names;
}

}  // namespace

void locate_binaries(model::Profile& profile, const Source& source, model::Symbols& symbols, const Notice& notice) {
  const auto folders = search_path();
  for (auto& mapping : profile.mappings) {
    const std::string build_id(symbols.text(mapping.build_id));
    const fs::path file(symbols.text(mapping.file));
    bool found = false;
    for (const std::string& folder : folders) {
      for (const fs::path& name : candidates(folder, file, build_id)) {
        std::error_code code;
        if (found || !fs::is_regular_file(name, code)) continue;
        const auto object = binary::Object::open(name.string());
        if (!object) continue;
        if (!build_id.empty() && object->build_id() != build_id) {
          notice(fmt::format("Ignoring local file {}: build-id mismatch ({} != {})", name.string(), build_id,
                             object->build_id()));
          continue;
        }
        mapping.file = symbols.intern(name.string());
        found = true;
      }
    }
  }
  if (profile.mappings.empty()) {
    profile.mappings.push_back({.id = 1});
    for (auto& location : profile.locations) location.mapping = 0;
  }
  auto& main = profile.mappings[0];
  if (!source.executable.empty()) main.file = symbols.intern(source.executable);
  if (!source.build_id.empty() && !main.build_id) main.build_id = symbols.intern(source.build_id);
}

}  // namespace gopsy::pprof
