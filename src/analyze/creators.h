#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "model/evidence.h"

namespace gopsy::analyze {

/// The closure that `go f(x)` runs in, which GOTRACEBACK=system prints as a frame of the creating function
/// ("F.gowrap1", before Go 1.22 "F.func1") at the line of the go statement.
bool is_go_wrapper(const model::TracebackFrame& frame, const model::Goroutine& goroutine,
                   const model::Symbols& symbols);

/// Functions whose whole work is a go statement for their caller: errgroup's Go and TryGo, since Go 1.25 WaitGroup.Go.
/// Their call is over at once and says nothing; the goroutine that made it does.
bool is_spawner(std::string_view function);

/// Answers whether the call that started a goroutine is still under way.
///
/// Since Go 1.21 a traceback names the goroutine that executed the go statement; before that, a function that no
/// stack holds is one that has returned.
class Creators {
 public:
  Creators(const model::Traceback& traceback, const model::Symbols& symbols);

  /// The creating goroutine is gone, or its stack no longer holds the creating function (before Go 1.21: no stack
  /// does). REQUIRES: it is one of the traceback's. False for main, for goroutines whose creator was not printed, and
  /// below a spawner whose caller lives.
  [[nodiscard]] bool outlived(const model::Goroutine& goroutine) const;

  /// Is the creating goroutine itself gone? False where its id was not printed.
  [[nodiscard]] bool creator_gone(const model::Goroutine& goroutine) const { return row_of(goroutine) == kGone; }

 private:
  static constexpr std::uint32_t kGone = UINT32_MAX;
  static constexpr std::uint32_t kNotPrinted = UINT32_MAX - 1;

  [[nodiscard]] std::uint32_t row_of(const model::Goroutine& goroutine) const {
    return creators_[static_cast<std::size_t>(&goroutine - traceback_.goroutines.data())];
  }

  const model::Traceback& traceback_;
  const model::Symbols& symbols_;
  std::vector<std::uint32_t> creators_;  ///< by goroutine: the row of its creator, looked for once
  std::unordered_set<StringId> functions_;
};

}  // namespace gopsy::analyze
