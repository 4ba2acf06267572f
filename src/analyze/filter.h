#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/symbols.h"

namespace gopsy::analyze {

/// pprof's filters, as RE2 on function and file names; empty = off.
///
/// Shape   unanchored, case-sensitive. Every frame stands alone, those inlined into it too. A marker
///         frame is tested by its text, like pprof's pseudo frames of labels.
/// Source  google/pprof profile/filter.go FilterSamplesByName; reference/pprof.md section 3.
struct StackFilter {
  std::string focus;   ///< keep stacks with a matching frame
  std::string ignore;  ///< drop stacks with a matching frame
  std::string hide;    ///< drop matching frames
  std::string show;    ///< keep only matching frames
};

/// A StackFilter compiled, with the verdict on every name remembered.
///
/// Yields  what to do with a frame. A stack goes if any frame is Ignored, if none is Focused (all are,
///         without a focus), or if all of them are Hidden.
/// Errors  Usage: a filter is not a regular expression (`a` = which: 0 focus, 1 ignore, 2 hide, 3 show).
/// Cost    one run of each expression per distinct name, however many stacks hold it.
class FrameFilter {
 public:
  enum Verdict : std::uint8_t { kFocused = 1, kIgnored = 2, kHidden = 4 };

  static Result<FrameFilter> compile(const StackFilter& filter);
  FrameFilter(FrameFilter&&) noexcept;
  FrameFilter& operator=(FrameFilter&&) noexcept;
  ~FrameFilter();

  /// A set of Verdict bits.
  std::uint8_t verdict(model::FrameId frame, const model::Symbols& symbols);

  /// False if every frame is Focused and none is Hidden.
  [[nodiscard]] bool active() const;

 private:
  struct Expressions;

  FrameFilter();
  std::uint8_t matches(StringId name, const model::Symbols& symbols);

  std::unique_ptr<Expressions> expressions_;
  std::vector<std::uint8_t> known_;  // by StringId; bit 7 = known, bits 0..3 = which expressions match
};

}  // namespace gopsy::analyze
