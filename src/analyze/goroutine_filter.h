#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analyze/snapshots.h"

namespace gopsy::analyze {

/// A condition on goroutines: `state == "chan send" && minutes > 5 && func ~ "handler" && !(label.tenant == "x")`.
///
/// Shape   comparisons of a field with a value (== != < <= > >= ~ !~), bare names of yes-or-no fields, ! && || and
///         parentheses. ~ is an RE2 expression that matches anywhere. A field with several values (func, file) fits
///         if one of them does; != and !~ fit if none of them does the opposite.
/// Cost    compiled once; an expression runs once for each distinct text, however many goroutines have it.
class GoroutineFilter {
 public:
  /// What is wrong with the text, and where: `column` counts bytes from 0.
  struct Mistake {
    std::size_t column = 0;
    std::string what;
  };

  static std::expected<GoroutineFilter, Mistake> compile(std::string_view text);
  GoroutineFilter(GoroutineFilter&&) noexcept;
  GoroutineFilter& operator=(GoroutineFilter&&) noexcept;
  ~GoroutineFilter();

  /// Of `rows`, those that fit, in their order.
  [[nodiscard]] std::vector<std::uint32_t> matching(const Snapshot& snapshot, std::span<const std::uint32_t> rows,
                                                    const model::Symbols& symbols) const;

 private:
  struct Program;
  explicit GoroutineFilter(std::unique_ptr<Program> program);
  std::unique_ptr<Program> program_;
};

/// A field of filters, for the help.
struct FilterField {
  std::string_view name;
  std::string_view kind;  ///< "number", "text", "yes or no"
  std::string_view what;
};

std::span<const FilterField> filter_fields();

}  // namespace gopsy::analyze
