#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gopsy::binary {

/// How much of a C++ or Rust name is shown.
enum class Demangle : std::uint8_t {
  None,
  Simple,     ///< no return type, parameters, template arguments: pprof's default
  Templates,  ///< no return type and parameters
  Full,
};

/// The name as people write it; the text itself if it is not mangled.
///
/// Shape   names that are demangled already are shortened as well, which leaves Go's alone: "]).": a generic receiver.
/// Source  internal/symbolizer/symbolizer.go demangleSingleFunction; the Itanium C++ ABI's __cxa_demangle.
std::string demangled(std::string_view name, Demangle mode);

}  // namespace gopsy::binary
