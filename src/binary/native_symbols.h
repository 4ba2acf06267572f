#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "binary/pclntab.h"

namespace gopsy::binary {

/// Lines and inlined calls of code that is not Go's, from DWARF.
///
/// Cost    elfutils reads the unit of an address when it is first asked for one in it.
class NativeSymbols {
 public:
  /// Null if the file has no DWARF, or elfutils cannot read it.
  static std::unique_ptr<NativeSymbols> open(const std::string& path);
  ~NativeSymbols();
  NativeSymbols(const NativeSymbols&) = delete;
  NativeSymbols& operator=(const NativeSymbols&) = delete;

  /// The frames at an address of the file, innermost first; empty where DWARF has nothing.
  [[nodiscard]] std::vector<SourceFrame> frames(std::uint64_t address);

 private:
  struct State;
  explicit NativeSymbols(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace gopsy::binary
