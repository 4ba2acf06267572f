#include "render/profile/diff_report.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "base/units.h"

namespace gopsy::render {
namespace {

using analyze::ProfileDiff;

std::string_view state_of(const ProfileDiff::Stack& stack) {
  if (stack.before == 0) return "new";
  if (stack.after == 0) return "gone";
  if (stack.after == stack.before) return "same";
  return stack.after > stack.before ? "grown" : "shrunk";
}

// Wraps instead of overflowing: a difference of two totals at the limit has no better answer.
std::int64_t delta(std::int64_t before, std::int64_t after) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(after) - static_cast<std::uint64_t>(before));
}

class Text {
 public:
  explicit Text(const DiffDocument& document)
      : document_(document), diff_(document.diff), unit_(document.symbols.text(document.diff.unit)) {}

  std::string write() {
    const std::int64_t change = delta(diff_.before_total, diff_.after_total);
    add("{} in {}\n", printable(document_.symbols.text(diff_.type)), printable(unit_));
    add("  before {:>12}  {}\n", amount(diff_.before_total), document_.before);
    add("  after  {:>12}  {}\n", amount(diff_.after_total), document_.after);
    add("  delta  {:>12}  {}\n", signed_amount(change), share(change));
    if (diff_.scale != 1) add("  after was multiplied by {:.6g}, so that the totals compare\n", diff_.scale);
    if (diff_.saturated) out_ += "  a sum met the limit of 64 bits and stayed there\n";
    functions();
    stacks();
    return std::move(out_);
  }

 private:
  template <class... Args>
  void add(fmt::format_string<Args...> text, Args&&... args) {
    fmt::format_to(std::back_inserter(out_), text, std::forward<Args>(args)...);
  }

  [[nodiscard]] std::string amount(std::int64_t value) const { return human_value(value, unit_); }
  [[nodiscard]] std::string signed_amount(std::int64_t value) const {
    if (value > 0) return '+' + amount(value);
    if (value == 0 || value == INT64_MIN) return amount(value);
    return '-' + amount(-value);
  }
  // Of the total before; without one there is nothing to be a share of.
  [[nodiscard]] std::string share(std::int64_t value) const {
    if (diff_.before_total == 0) return value == 0 ? "0.0%" : "new";
    const double ratio = static_cast<double>(value) / std::abs(static_cast<double>(diff_.before_total));
    return fmt::format("{:+.1f}%", ratio * 100);
  }

  void functions() {
    add("\nFunctions by change of their own cost\n{:>12} {:>12} {:>12} {:>8} {:>12} {:>8}  {}\n", "before", "after",
        "delta", "share", "with callees", "share", "function");
    std::int64_t shown = 0;
    std::size_t rows = 0;
    for (const auto& f : diff_.functions) {
      const std::int64_t own = delta(f.before_own, f.after_own);
      const std::int64_t all = delta(f.before_all, f.after_all);
      if (rows == document_.most_rows || (own == 0 && all == 0)) break;
      ++rows;
      shown = static_cast<std::int64_t>(static_cast<std::uint64_t>(shown) + static_cast<std::uint64_t>(own));
      add("{:>12} {:>12} {:>12} {:>8} {:>12} {:>8}  {}\n", amount(f.before_own), amount(f.after_own),
          signed_amount(own), share(own), signed_amount(all), share(all), printable(document_.symbols.text(f.name)));
    }
    rest(diff_.functions.size() - rows, "function", shown);
  }

  void stacks() {
    std::size_t count[2] = {};
    std::int64_t sum[2] = {};
    for (const auto& stack : diff_.stacks) {
      if (stack.before != 0 && stack.after != 0) continue;
      const std::size_t gone = stack.after == 0 ? 1 : 0;
      ++count[gone];
      sum[gone] = static_cast<std::int64_t>(static_cast<std::uint64_t>(sum[gone]) +
                                            static_cast<std::uint64_t>(delta(stack.before, stack.after)));
    }
    add("\nStacks by change: {} of {} new ({}), {} gone ({})\n", count[0], diff_.stacks.size(), signed_amount(sum[0]),
        count[1], signed_amount(sum[1]));
    std::int64_t shown = 0;
    std::size_t rows = 0;
    for (const auto& stack : diff_.stacks) {
      const std::int64_t change = delta(stack.before, stack.after);
      if (rows == document_.most_rows || change == 0) break;
      ++rows;
      shown = static_cast<std::int64_t>(static_cast<std::uint64_t>(shown) + static_cast<std::uint64_t>(change));
      add("{:>12} {:>8}  {:<6}  {}\n", signed_amount(change), share(change), state_of(stack), path(stack));
    }
    rest(diff_.stacks.size() - rows, "stack", shown);
  }

  void rest(std::size_t left, std::string_view what, std::int64_t shown) {
    const std::int64_t change = delta(diff_.before_total, diff_.after_total);
    const std::int64_t others = delta(shown, change);
    if (left != 0) add("{:>12} {:>8}  in {} more\n", signed_amount(others), share(others), counted(left, what));
    add("{:>12} {:>8}  in all\n", signed_amount(change), share(change));
  }

  // Of a long stack both ends: where the work comes from, and what does it.
  [[nodiscard]] std::string path(const ProfileDiff::Stack& stack) const {
    constexpr std::uint32_t kEnds = 4;
    std::string text;
    for (std::uint32_t i = 0; i < stack.depth; ++i) {
      if (!text.empty()) text += " → ";
      if (stack.depth > 2 * kEnds + 1 && i == kEnds) {
        i = stack.depth - kEnds - 1;
        text += fmt::format("[{} more]", stack.depth - 2 * kEnds);
        continue;
      }
      text += printable(model::short_function(document_.symbols.text(diff_.frames[stack.first + i])));
    }
    return text;
  }

  const DiffDocument& document_;
  const ProfileDiff& diff_;
  std::string_view unit_;
  std::string out_;
};

}  // namespace

std::string diff_text(const DiffDocument& document) { return Text(document).write(); }

std::string diff_json(const DiffDocument& document) {
  const ProfileDiff& diff = document.diff;
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.member("type", document.symbols.text(diff.type));
  json.member("unit", document.symbols.text(diff.unit));
  json.member("before", diff.before_total);
  json.member("after", diff.after_total);
  json.member("delta", delta(diff.before_total, diff.after_total));
  json.member("scale", diff.scale);
  json.member("saturated", diff.saturated);
  json.key("functions");
  json.begin_array();
  for (const auto& function : diff.functions) {
    json.begin_object();
    json.member("name", document.symbols.text(function.name));
    json.member("before_own", function.before_own);
    json.member("after_own", function.after_own);
    json.member("delta_own", delta(function.before_own, function.after_own));
    json.member("before_all", function.before_all);
    json.member("after_all", function.after_all);
    json.member("delta_all", delta(function.before_all, function.after_all));
    json.end_object();
  }
  json.end_array();
  json.key("stacks");
  json.begin_array();
  for (const auto& stack : diff.stacks) {
    json.begin_object();
    json.member("state", state_of(stack));
    json.member("before", stack.before);
    json.member("after", stack.after);
    json.member("delta", delta(stack.before, stack.after));
    json.key("functions");
    json.begin_array();
    for (std::uint32_t i = 0; i < stack.depth; ++i) json.value(document.symbols.text(diff.frames[stack.first + i]));
    json.end_array();
    json.end_object();
  }
  json.end_array();
  json.end_object();
  out += '\n';
  return out;
}

}  // namespace gopsy::render
