#include "app/pprof/sources.h"

#include <cstring>
#include <filesystem>

#include "analyze/pprof/paths.h"
#include "app/pprof/module_paths.h"
#include "base/format.h"
#include "base/text.h"
#include "io/file.h"

namespace gopsy::pprof {
namespace {

// Source files are small; what is larger is none.
constexpr std::uint64_t kMostBytes = std::uint64_t{64} << 20;

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.emplace_back(line);
    at = end + 1;
  }
  return lines;
}

bool read(const std::string& path, SourceText& out) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return false;
  const auto bytes = io::read_whole(path, kMostBytes);
  if (!bytes) return false;
  out = {.path = path, .lines = lines_of(bytes->view()), .error = {}};
  return true;
}

SourceText find_as_pprof(std::string_view file, const std::string& source_path, const std::string& trim_path) {
  SourceText out;
  const std::string path = trimmed_path(file, trim_path, source_path);
  if (path.starts_with('/')) {
    if (!read(path, out)) out.error = fmt::format("open {}: {}", path, std::strerror(ENOENT));
    return out;
  }
  for (const std::string_view folder : split(source_path, ':')) {
    for (std::string at(folder);;) {
      if (read(clean_path(at + "/" + path), out)) return out;
      const std::string above = clean_path(at + "/..");
      if (above == at || at.empty() || at == "." || above.starts_with("..")) break;
      at = above;
    }
  }
  out.error = fmt::format("could not find file {} on path {}", path, source_path);
  return out;
}

// Files that are not where pprof looks may be where Go's tools keep them.
SourceText find(std::string_view file, const std::string& source_path, const std::string& trim_path) {
  SourceText found = find_as_pprof(file, source_path, trim_path);
  if (found.error.empty()) return found;
  SourceText other;
  for (const std::string& path : module_paths(trimmed_path(file, trim_path, source_path), source_path))
    if (read(path, other)) return other;
  return found;
}

}  // namespace

SourceFinder source_finder(std::string source_path, std::string trim_path) {
  if (source_path.empty()) {
    std::error_code error;
    source_path = std::filesystem::current_path(error).string();
  }
  return [source_path = std::move(source_path), trim_path = std::move(trim_path)](std::string_view file) {
    return find(file, source_path, trim_path);
  };
}

}  // namespace gopsy::pprof
