#include "analyze/function_classes.h"

namespace gopsy::analyze {

std::uint8_t FunctionClasses::classify(std::string_view function) {
  std::uint8_t bits = 0;
  if (model::is_standard_library(function)) bits |= kStandard;
  // C code has no package and is nobody's goroutine.
  if (function.find('.') == std::string_view::npos) bits |= kStandard;
  if (model::is_runtime(function)) bits |= kRuntime;
  const std::string_view package = model::package_of(function);
  if (package == "sync" || package == "internal/sync") bits |= kSync;
  return bits;
}

}  // namespace gopsy::analyze
