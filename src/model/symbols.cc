#include "model/symbols.h"

#include <algorithm>
#include <array>

namespace gopsy::model {

Symbols::Symbols() : frames_(1) {}

std::size_t Symbols::FrameHash::operator()(const Frame& frame) const noexcept {
  const std::uint64_t place = std::uint64_t{frame.function.value} << 32 | frame.file.value;
  const std::uint64_t line = std::uint64_t{frame.line} << 8 | static_cast<std::uint64_t>(frame.kind);
  return static_cast<std::size_t>((place * 0x9E3779B97F4A7C15ULL) ^ (line * 0xC2B2AE3D27D4EB4FULL));
}

FrameId Symbols::frame(const Frame& frame) {
  const auto [found, is_new] = frame_ids_.try_emplace(frame, FrameId{frames_.size()});
  if (is_new) frames_.push_back(frame);
  return found->second;
}

StringId Symbols::canonical(StringId function) {
  const auto known = canonical_.find(function);
  if (known != canonical_.end()) return known->second;
  const StringId id = intern(canonical_function(text(function)));
  canonical_.emplace(function, id);
  return id;
}

std::uint8_t Symbols::find_origin(StringId function) const {
  if (function.value >= origins_.size()) origins_.resize(strings.size(), kUnknown);
  const std::string_view name = text(function);
  std::uint8_t bits = 0;
  if (model::is_standard_library(name)) bits |= Origin::StandardLibrary;
  if (is_runtime(name)) bits |= Origin::Runtime;
  if (!name.contains('.')) bits |= Origin::NoPackage;
  const std::string_view package = package_of(name);
  if (package == "sync" || package == "internal/sync") bits |= Origin::Sync;
  return origins_[function.value] = bits;
}

std::string canonical_function(std::string_view function) {
  std::string out;
  out.reserve(function.size());
  int depth = 0;
  for (std::size_t i = 0; i < function.size(); ++i) {
    if (function[i] == '[') ++depth;
    if (depth == 0) {
      if (function.substr(i, 3) == "%2e") {
        out += '.';
        i += 2;
      } else {
        out += function[i];
      }
    }
    if (function[i] == ']' && depth > 0) --depth;
  }
  return out;
}

// The import path ends at the first '.' after the last '/' that stands outside type arguments.
static std::size_t package_end(std::string_view function) {
  const std::size_t arguments = std::min(function.find_first_of("[("), function.size());
  const auto slash = function.substr(0, arguments).rfind('/');
  const auto dot = function.find('.', slash == std::string_view::npos ? 0 : slash);
  return dot == std::string_view::npos ? 0 : dot;
}

std::string_view package_of(std::string_view function) { return function.substr(0, package_end(function)); }

std::string short_function(std::string_view function) {
  const std::size_t end = package_end(function);
  std::string_view path = function.substr(0, end);
  const std::string_view rest = function.substr(end);
  const auto last_slash = path.rfind('/');
  if (last_slash == std::string_view::npos) return canonical_function(function);
  std::string_view last = path.substr(last_slash + 1);
  // "example.com/lib/v2.F": the version says nothing, the element before it does.
  const bool is_version =
      last.size() >= 2 && last[0] == 'v' && last.find_first_not_of("0123456789", 1) == std::string_view::npos;
  if (is_version) {
    path = path.substr(0, last_slash);
    const auto previous = path.rfind('/');
    last = previous == std::string_view::npos ? path : path.substr(previous + 1);
  }
  return canonical_function(std::string(last) + std::string(rest));
}

bool is_runtime(std::string_view function) {
  const std::string_view package = package_of(function);
  return function == "panic" || package == "runtime" || package.starts_with("runtime/internal/") ||
         package.starts_with("internal/runtime/") || package == "internal/abi";
}

bool is_standard_library(std::string_view function) {
  // go list std, first elements, Go 1.10 to 1.27.
  constexpr std::array<std::string_view, 52> kFirstElements{
      "archive",  "bufio",  "builtin", "bytes",    "cmp",      "compress", "container", "context", "crypto",
      "database", "debug",  "embed",   "encoding", "errors",   "expvar",   "flag",      "fmt",     "go",
      "hash",     "html",   "image",   "index",    "internal", "io",       "iter",      "log",     "maps",
      "math",     "mime",   "net",     "os",       "path",     "plugin",   "reflect",   "regexp",  "runtime",
      "simd",     "slices", "sort",    "strconv",  "strings",  "structs",  "sync",      "syscall", "testing",
      "text",     "time",   "unicode", "unique",   "unsafe",   "vendor",   "weak"};
  if (function == "panic") return true;
  const std::string_view package = package_of(function);
  return std::ranges::find(kFirstElements, package.substr(0, package.find('/'))) != kFirstElements.end();
}

}  // namespace gopsy::model
