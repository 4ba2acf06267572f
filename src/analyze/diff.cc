#include "analyze/diff.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "analyze/merge_index.h"
#include "analyze/merge_units.h"
#include "base/text.h"

namespace gopsy::analyze {
namespace {

using model::Profile;

std::uint64_t size_of_change(std::int64_t before, std::int64_t after) {
  return after > before ? static_cast<std::uint64_t>(after) - static_cast<std::uint64_t>(before)
                        : static_cast<std::uint64_t>(before) - static_cast<std::uint64_t>(after);
}

class Differ {
 public:
  Differ(model::Symbols& symbols, ProfileDiff& out) : symbols_(symbols), out_(out) {}

  // Values of this side are multiplied by `ratio`; sums go to the members that are given.
  void add(const Profile& profile, std::size_t column, double ratio, bool is_after) {
    make_names(profile);
    for (std::size_t i = 0; i < profile.sample_count(); ++i) {
      const std::int64_t value = scaled(profile.value(i, column), ratio);
      if (value == 0) continue;
      const std::size_t begin = out_.frames.size();
      push_stack(profile, i);
      count_functions(begin, value, is_after);
      ProfileDiff::Stack& stack = out_.stacks[stack_row(begin)];
      sum(is_after ? stack.after : stack.before, value);
      sum(is_after ? out_.after_total : out_.before_total, value);
    }
  }

 private:
  std::int64_t scaled(std::int64_t value, double ratio) {
    if (ratio == 1) return value;
    const double product = std::round(static_cast<double>(value) * ratio);
    constexpr double kLimit = 9223372036854775808.0;
    if (product < kLimit && product >= -kLimit) return static_cast<std::int64_t>(product);
    out_.saturated = true;
    return product < 0 ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max();
  }

  void sum(std::int64_t& total, std::int64_t value) {
    if (!__builtin_add_overflow(total, value, &total)) return;
    out_.saturated = true;
    total = value < 0 ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max();
  }

  // The functions of each location, root first, as rows of `functions`.
  void make_names(const Profile& profile) {
    first_.assign(1, 0);
    names_.clear();
    for (const auto& location : profile.locations) {
      for (std::uint32_t i = location.line_count; i-- > 0;) {
        const auto& function = profile.functions[profile.lines[location.first_line + i].function];
        const StringId name = function.name ? function.name : function.system_name;
        names_.push_back(name ? symbols_.canonical(name) : unknown(profile, location));
      }
      if (location.line_count == 0) names_.push_back(unknown(profile, location));
      first_.push_back(names_.size());
    }
  }

  // Addresses move from build to build; the file is what two profiles share.
  StringId unknown(const Profile& profile, const Profile::Location& location) {
    if (location.mapping == Profile::kNoMapping) return symbols_.intern("[unknown]");
    std::string_view file = symbols_.text(profile.mappings[location.mapping].file);
    file.remove_prefix(file.rfind('/') + 1);
    return symbols_.intern(file.empty() ? "[unknown]" : '[' + std::string(file) + ']');
  }

  void push_stack(const Profile& profile, std::size_t sample) {
    const auto stack = profile.stack(sample);
    for (auto at = stack.rbegin(); at != stack.rend(); ++at)
      out_.frames.insert(out_.frames.end(), names_.begin() + static_cast<std::ptrdiff_t>(first_[*at]),
                         names_.begin() + static_cast<std::ptrdiff_t>(first_[*at + 1]));
    if (stack.empty()) out_.frames.push_back(symbols_.intern("[no stack]"));
  }

  std::uint32_t function_row(StringId name) {
    if (name.value >= function_rows_.size()) function_rows_.resize(std::size_t{name.value} * 2 + 1);
    std::uint32_t& row = function_rows_[name.value];
    if (row == 0) {
      out_.functions.push_back({.name = name});
      seen_in_.push_back(0);
      row = static_cast<std::uint32_t>(out_.functions.size());
    }
    return row - 1;
  }

  void count_functions(std::size_t begin, std::int64_t value, bool is_after) {
    ++samples_;
    for (std::size_t i = begin; i < out_.frames.size(); ++i) {
      const std::uint32_t row = function_row(out_.frames[i]);
      ProfileDiff::Function& function = out_.functions[row];
      if (seen_in_[row] != samples_) sum(is_after ? function.after_all : function.before_all, value);
      seen_in_[row] = samples_;
      if (i + 1 == out_.frames.size()) sum(is_after ? function.after_own : function.before_own, value);
    }
  }

  // The stack that was pushed last, as a row: known ones are taken off the end again.
  std::uint32_t stack_row(std::size_t begin) {
    const auto last = std::span(out_.frames).subspan(begin);
    const auto next = static_cast<std::uint32_t>(out_.stacks.size());
    const std::uint32_t row =
        index_.find_or_add(XXH3_64bits(last.data(), last.size_bytes()), next, [&](std::uint32_t other) {
          const auto& known = out_.stacks[other];
          return std::ranges::equal(last, std::span(out_.frames).subspan(known.first, known.depth));
        });
    if (row == next) {
      out_.stacks.push_back({.first = begin, .depth = static_cast<std::uint32_t>(last.size())});
    } else {
      out_.frames.resize(begin);
    }
    return row;
  }

  model::Symbols& symbols_;
  ProfileDiff& out_;
  MergeIndex index_;
  std::vector<StringId> names_;
  std::vector<std::size_t> first_;
  std::vector<std::uint32_t> function_rows_;  // by name: row + 1
  std::vector<std::uint64_t> seen_in_;        // by row: the last sample with it
  std::uint64_t samples_ = 0;
};

double total_of(const Profile& profile, std::size_t column) {
  double total = 0;
  for (std::size_t i = 0; i < profile.sample_count(); ++i) total += static_cast<double>(profile.value(i, column));
  return total;
}

}  // namespace

WeightedStacks stacks_of(const ProfileDiff& diff, model::Symbols& symbols) {
  const auto weight = [](std::int64_t side) { return side < 0 ? -std::max(side, -INT64_MAX) : side; };
  WeightedStacks out{.type = diff.type, .unit = diff.unit};
  for (const auto& stack : diff.stacks) {
    std::uint32_t at = 0;
    for (std::uint32_t i = 0; i < stack.depth; ++i)
      at = out.push(at, symbols.frame({.function = diff.frames[stack.first + i]}));
    out.stacks.push_back(at);
    out.weights.push_back(std::max(weight(stack.before), weight(stack.after)));
    out.sides.push_back({.before = stack.before, .after = stack.after});
  }
  return out;
}

std::size_t find_column(const Profile& profile, std::string_view sample_index, const model::Symbols& symbols) {
  if (sample_index.empty()) return profile.default_column();
  for (std::size_t i = 0; i < profile.types.size(); ++i)
    if (symbols.text(profile.types[i].type) == sample_index) return i;
  const auto number = parse_decimal(sample_index);
  return number && *number < profile.types.size() ? static_cast<std::size_t>(*number) : profile.types.size();
}

Result<ProfileDiff> diff(const Profile& before, const Profile& after, const DiffOptions& options,
                         model::Symbols& symbols) {
  const std::size_t column = find_column(after, options.sample_index, symbols);
  if (column >= after.types.size())
    return std::unexpected(Error{.code = Errc::Usage,
                                 .what = "the profiles have no such sample type; the later one has {} of them",
                                 .a = after.types.size()});
  const model::ValueType type = after.types[column];
  const auto same = std::ranges::find(before.types, type.type, &model::ValueType::type);
  if (same == before.types.end())
    return std::unexpected(Error{.code = Errc::Malformed, .what = "the earlier profile does not measure that"});
  const auto ratio = unit_ratio(symbols.text(same->unit), symbols.text(type.unit));
  if (!ratio)
    return std::unexpected(
        Error{.code = Errc::Malformed, .what = "the profiles count it in units that do not compare"});
  const auto before_column = static_cast<std::size_t>(same - before.types.begin());
  ProfileDiff out{.type = type.type, .unit = type.unit};
  // Both sides in the finer unit, so that nothing is rounded away.
  double before_ratio = *ratio;
  double after_ratio = 1;
  if (*ratio < 1) {
    out.unit = same->unit;
    before_ratio = 1;
    after_ratio = 1 / *ratio;
  }
  if (options.normalize) {
    const double sum = total_of(after, column) * after_ratio;
    if (sum != 0) out.scale = total_of(before, before_column) * before_ratio / sum;
  }
  Differ differ(symbols, out);
  differ.add(before, before_column, before_ratio, false);
  differ.add(after, column, after_ratio * out.scale, true);
  std::ranges::stable_sort(out.functions, std::greater{}, [](const auto& f) {
    return std::pair(size_of_change(f.before_own, f.after_own), size_of_change(f.before_all, f.after_all));
  });
  std::ranges::stable_sort(out.stacks, std::greater{}, [](const auto& s) { return size_of_change(s.before, s.after); });
  return out;
}

}  // namespace gopsy::analyze
