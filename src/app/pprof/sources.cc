#include "app/pprof/sources.h"

#include <cerrno>
#include <filesystem>

#include "analyze/pprof/paths.h"
#include "app/pprof/module_paths.h"
#include "base/error.h"
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

// 0, or the errno of what went wrong.
int read(const std::string& path, SourceText& out) {
  std::error_code error;
  const auto type = std::filesystem::status(path, error).type();
  if (error && type != std::filesystem::file_type::not_found) return error.value();
  if (type != std::filesystem::file_type::regular) return ENOENT;
  const auto bytes = io::read_whole(path, kMostBytes);
  if (!bytes) return bytes.error().code == Errc::Io && bytes.error().a != 0 ? static_cast<int>(bytes.error().a) : EFBIG;
  out = {.path = path, .lines = lines_of(bytes->view()), .error = {}};
  return 0;
}

SourceText find_as_pprof(std::string_view file, const std::string& source_path, const std::string& trim_path) {
  SourceText out;
  const std::string path = trimmed_path(file, trim_path, source_path);
  if (path.starts_with('/')) {
    if (const int error = read(path, out); error != 0) out.error = fmt::format("open {}: {}", path, errno_text(error));
    return out;
  }
  for (const std::string_view folder : split(source_path, ':')) {
    for (std::string at(folder);;) {
      if (read(clean_path(at + "/" + path), out) == 0) return out;
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
    if (read(path, other) == 0) return other;
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
