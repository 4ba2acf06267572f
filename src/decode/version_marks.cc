#include "decode/version_marks.h"

#include <string>

#include "base/text.h"

namespace gopsy::decode {
namespace {

// "go1.23.5", "go1.24rc1" from the front of `text`, or nothing.
std::string_view version_at(std::string_view text) {
  std::string_view rest = text;
  if (!consume(rest, "go1.")) return {};
  const auto end = rest.find_first_not_of("0123456789.rcbeta");
  rest = rest.substr(0, end);
  while (rest.ends_with('.')) rest.remove_suffix(1);
  return rest.empty() || rest[0] < '0' || rest[0] > '9' ? std::string_view() : text.substr(0, rest.size() + 4);
}

// The version that the folder of the toolchain or of GOROOT is named after, or nothing.
std::string_view version_of_goroot(std::string_view file) {
  std::string_view rest = file;
  if (consume_until(rest, "golang.org/toolchain@v0.0.1-")) return version_at(rest);
  const auto sources = file.find("/src/runtime/");
  if (sources == std::string_view::npos) return {};
  const auto folder = file.substr(0, sources).rfind('/');
  const std::string_view name = file.substr(folder + 1, sources - folder - 1);
  return version_at(name) == name ? name : std::string_view();
}

void note_goroot(model::GoVersion& version, std::string_view file) {
  constexpr std::string_view kMark = "the path of its GOROOT";
  // Debian's and Ubuntu's packages name the minor version only: /usr/lib/go-1.19/src/…
  std::string_view minor = file;
  if (!consume(minor, "/usr/lib/go-1.")) {
    minor = version_of_goroot(file);
    if (!minor.empty()) version.is_exactly(minor, kMark);
    consume(minor, "go1.");
  }
  if (const auto number = consume_decimal(minor); number && *number < 1000) {
    version.at_least(static_cast<unsigned>(*number), kMark);
    version.at_most(static_cast<unsigned>(*number), kMark);
  }
}

}  // namespace

void note_version(model::GoVersion& version, std::string_view function, std::string_view file) {
  if (function.starts_with("runtime.")) note_goroot(version, file);
  if (function.starts_with("internal/runtime/maps.")) version.at_least(24, "package internal/runtime/maps");
  if (function.starts_with("internal/sync.(")) version.at_least(24, "package internal/sync");
  if (function.starts_with("internal/runtime/atomic.")) version.at_least(23, "package internal/runtime/atomic");
  if (function.starts_with("runtime/internal/atomic.")) version.at_most(22, "package runtime/internal/atomic");
  if (function.contains("[go.shape.")) version.at_least(21, "shapes in function names");
}

}  // namespace gopsy::decode
