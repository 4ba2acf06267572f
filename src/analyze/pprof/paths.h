#pragma once

#include <string>
#include <string_view>

namespace gopsy::pprof {

/// The shortest path of the same meaning, by Go's filepath.Clean: no "//", no ".", no "x/..", "" becomes ".".
std::string clean_path(std::string_view path);

/// The last element, by Go's filepath.Base: "" becomes ".", a path of slashes "/".
std::string_view base_name(std::string_view path);

}  // namespace gopsy::pprof
