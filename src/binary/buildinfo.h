#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "binary/elf.h"

namespace gopsy::binary {

/// What `go version -m` prints of a binary.
struct BuildInfo {
  struct Module {
    std::string path;
    std::string version;
    std::string sum;
    std::string replaced_by;  ///< the path of a replacement; its version is then in `version`
  };
  std::string go_version;  ///< "go1.26.3"
  std::string path;        ///< of the main package
  Module main;
  std::vector<Module> dependencies;
  std::vector<std::pair<std::string, std::string>> settings;  ///< "-trimpath" = "true", "GOOS" = "linux", …

  /// The minor version: 26 of "go1.26.3"; 0 if it is unknown.
  [[nodiscard]] unsigned minor() const;
  [[nodiscard]] std::string_view setting(std::string_view key) const;
};

/// Empty if the binary is not of Go, or was linked before Go 1.13.
///
/// Source  debug/buildinfo/buildinfo.go (readRawBuildInfo): magic "\xff Go buildinf:", flags, and either two pointers
///         to string headers (before Go 1.18) or two strings with their lengths as varints.
BuildInfo build_info(const Elf& elf);

}  // namespace gopsy::binary
