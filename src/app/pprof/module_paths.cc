#include "app/pprof/module_paths.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "analyze/pprof/paths.h"
#include "base/text.h"
#include "io/file.h"

namespace gopsy::pprof {
namespace {

namespace fs = std::filesystem;

std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

// Folders whose name starts with `prefix`, the last by name first: the newest version, mostly.
void add_folders(const std::string& parent, std::string_view prefix, std::vector<std::string>& folders) {
  std::error_code code;
  std::vector<std::string> found;
  for (fs::directory_iterator at(parent, code); !code && at != fs::directory_iterator(); at.increment(code))
    if (at->path().filename().string().starts_with(prefix)) found.push_back(at->path().string());
  std::ranges::sort(found, std::greater{});
  folders.insert(folders.end(), found.begin(), found.end());
}

std::vector<std::string> module_caches() {
  std::vector<std::string> caches;
  if (const std::string cache = environment("GOMODCACHE"); !cache.empty()) caches.push_back(cache);
  const std::string path = environment("GOPATH");
  for (const std::string_view folder : split(path, ':'))
    if (!folder.empty()) caches.push_back(std::string(folder) + "/pkg/mod");
  if (const std::string home = environment("HOME"); !home.empty()) caches.push_back(home + "/go/pkg/mod");
  return caches;
}

std::vector<std::string> go_roots() {
  std::vector<std::string> roots;
  if (const std::string root = environment("GOROOT"); !root.empty()) roots.push_back(root);
  roots.emplace_back("/usr/local/go");
  roots.emplace_back("/usr/lib/go");
  add_folders("/usr/lib", "go-", roots);
  if (const std::string home = environment("HOME"); !home.empty()) add_folders(home + "/sdk", "go", roots);
  for (const std::string& cache : module_caches()) add_folders(cache + "/golang.org", "toolchain@", roots);
  return roots;
}

// What a path says behind a mark; all of it where the mark is not there and the path is relative, as -trimpath writes.
std::string_view behind(std::string_view file, std::string_view mark) {
  const auto at = file.find(mark);
  if (at != std::string_view::npos) return file.substr(at + mark.size());
  return file.starts_with('/') ? std::string_view{} : file;
}

void add_from_modules(std::string_view file, std::vector<std::string>& paths) {
  const std::string_view inside = behind(file, "/pkg/mod/");
  if (!inside.contains('@')) return;
  for (const std::string& cache : module_caches()) {
    paths.push_back(cache + "/" + std::string(inside));
    paths.push_back(cache + "/" + escaped_module_path(inside));
  }
}

// "github.com/a/b@v1.2.0/x.go" -> "github.com/a/b/x.go"
std::string without_version(std::string_view path) {
  const auto at = path.find('@');
  if (at == std::string_view::npos) return std::string(path);
  const auto slash = path.find('/', at);
  return std::string(path.substr(0, at)) + std::string(slash == std::string_view::npos ? "" : path.substr(slash));
}

// The module that a go.mod declares; empty if there is none.
std::string declared_module(const std::string& folder) {
  std::error_code code;
  if (!fs::is_regular_file(folder + "/go.mod", code)) return {};
  constexpr std::uint64_t kMostBytes = std::uint64_t{16} << 20;
  const auto content = io::read_whole(folder + "/go.mod", kMostBytes);
  if (!content) return {};
  LineReader lines(content->view());
  while (lines.next()) {
    std::string_view line = trim(lines.line());
    if (!consume(line, "module ")) continue;
    line = trim(line.substr(0, line.find("//")));
    return std::string(line.starts_with('"') && line.size() > 1 ? line.substr(1, line.size() - 2) : line);
  }
  return {};
}

// Vendored packages and the module itself, in each folder of the source path and those above it.
void add_from_checkouts(std::string_view file, std::string_view source_path, std::vector<std::string>& paths) {
  const std::string name = without_version(behind(file, "/pkg/mod/"));
  for (const std::string_view folder : split(source_path, ':')) {
    std::error_code code;
    for (fs::path at = fs::absolute(folder.empty() ? "." : std::string(folder), code).lexically_normal(); !code;) {
      if (!name.empty()) {
        paths.push_back((at / "vendor" / name).string());
        const std::string module = declared_module(at.string());
        if (!module.empty() && name.starts_with(module + "/"))
          paths.push_back((at / name.substr(module.size() + 1)).string());
      }
      if (!at.has_parent_path() || at == at.parent_path()) break;
      at = at.parent_path();
    }
  }
}

}  // namespace

std::string escaped_module_path(std::string_view path) {
  std::string out;
  for (const char c : path) {
    if (c >= 'A' && c <= 'Z') {
      out += '!';
      out += static_cast<char>(c | 0x20);
    } else {
      out += c;
    }
  }
  return out;
}

std::vector<std::string> module_paths(std::string_view file, std::string_view source_path) {
  std::vector<std::string> paths;
  if (file.empty() || file.contains('\0')) return paths;
  add_from_modules(file, paths);
  add_from_checkouts(file, source_path, paths);
  const std::string_view inside = behind(file, "/src/");
  if (!inside.empty() && !inside.contains('@'))
    for (const std::string& root : go_roots()) paths.push_back(root + "/src/" + std::string(inside));
  return paths;
}

}  // namespace gopsy::pprof
