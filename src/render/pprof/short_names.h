#pragma once

#include <string>
#include <string_view>

namespace gopsy::pprof {

/// A function's name as pprof's graphs shorten it: import path, Java package and arguments, C++ namespaces go.
/// Source  internal/graph/graph.go ShortenFunctionName.
std::string shortened_name(std::string_view function);

}  // namespace gopsy::pprof
