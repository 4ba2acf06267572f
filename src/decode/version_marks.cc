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

void note_goroot(model::GoVersion& version, std::string_view file) {
  if (!version.exact.empty()) return;
  std::string_view rest = file;
  if (consume_until(rest, "golang.org/toolchain@v0.0.1-")) {
    version.exact = version_at(rest);
  } else {
    const auto sources = file.find("/src/runtime/");
    if (sources == std::string_view::npos) return;
    const auto folder = file.substr(0, sources).rfind('/');
    const std::string_view name = file.substr(folder + 1, sources - folder - 1);
    if (version_at(name) == name) version.exact = name;
  }
  std::string_view minor = version.exact;
  consume(minor, "go1.");
  if (const auto number = consume_decimal(minor); number && *number < 1000) {
    version.at_least(static_cast<unsigned>(*number), "the path of its GOROOT");
    version.at_most(static_cast<unsigned>(*number), "the path of its GOROOT");
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
