#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "binary/pclntab.h"

namespace gopsy::binary {

/// A member of a struct.
struct StructField {
  std::string name;
  std::uint64_t offset = 0;
};

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

  /// The members of a struct ("runtime.g") that a unit of that name ("runtime") has; empty if there is none.
  /// Cost    a walk over the units up to that one, and over what stands at its top.
  [[nodiscard]] std::vector<StructField> fields(std::string_view unit, std::string_view type);

 private:
  struct State;
  explicit NativeSymbols(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace gopsy::binary
