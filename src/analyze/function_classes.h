#pragma once

#include <cstdint>
#include <vector>

#include "model/symbols.h"

namespace gopsy::analyze {

/// Whose code a function is, asked once for each name: a dump of 100,000 goroutines has a million frames and a few
/// hundred names.
class FunctionClasses {
 public:
  enum Class : std::uint8_t {
    kStandard = 1,  ///< comes with Go
    kRuntime = 2,   ///< of the runtime itself
    kSync = 4,      ///< of package sync, or of the internal package that backs it
  };

  explicit FunctionClasses(const model::Symbols& symbols) : symbols_(symbols) {}

  /// A set of Class bits; 0: the program's own.
  std::uint8_t of(StringId function) {
    if (function.value >= known_.size()) known_.resize(symbols_.strings.size(), kUnknown);
    std::uint8_t& known = known_[function.value];
    if (known == kUnknown) known = classify(symbols_.text(function));
    return known;
  }

  bool own(StringId function) { return of(function) == 0; }

 private:
  static constexpr std::uint8_t kUnknown = 0x80;
  static std::uint8_t classify(std::string_view function);

  const model::Symbols& symbols_;
  std::vector<std::uint8_t> known_;
};

}  // namespace gopsy::analyze
