#include "analyze/goroutine_filter.h"

#include <algorithm>
#include <unordered_map>

#include "analyze/filter_program.h"
#include "analyze/goroutine_groups.h"

namespace gopsy::analyze {
namespace {

using model::Goroutine;
using model::Symbols;
using Field = FilterFieldId;

bool compare(std::uint64_t left, FilterOperator op, std::uint64_t right) {
  switch (op) {
    case FilterOperator::Equal: return left == right;
    case FilterOperator::NotEqual: return left != right;
    case FilterOperator::Less: return left < right;
    case FilterOperator::LessEqual: return left <= right;
    case FilterOperator::Greater: return left > right;
    case FilterOperator::GreaterEqual: return left >= right;
    default: return false;
  }
}

/// A comparison with a text, its verdict on each distinct text remembered.
class TextTest {
 public:
  TextTest(const FilterStep& step, const Symbols& symbols) : step_(step), symbols_(symbols) {}

  bool fits(StringId text) {
    if (text.value >= known_.size()) known_.resize(symbols_.strings.size(), kUnknown);
    std::uint8_t& known = known_[text.value];
    if (known == kUnknown) known = judge(symbols_.text(text)) ? 1 : 0;
    return known == 1;
  }

 private:
  static constexpr std::uint8_t kUnknown = 2;

  [[nodiscard]] bool judge(std::string_view text) const {
    if (step_.expression) return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *step_.expression);
    return text == step_.text;
  }

  const FilterStep& step_;
  const Symbols& symbols_;
  std::vector<std::uint8_t> known_;
};

class Evaluation {
 public:
  Evaluation(const std::vector<FilterStep>& steps, const Snapshot& snapshot, const Symbols& symbols)
      : steps_(steps), snapshot_(snapshot), traceback_(*snapshot.traceback) {
    for (const FilterStep& step : steps) {
      tests_.emplace_back(step, symbols);
      keys_.push_back(symbols.strings.find(step.key));
    }
    const bool counts = std::ranges::any_of(
        steps, [](const auto& s) { return s.kind == FilterStep::Kind::Compare && s.field == Field::Count; });
    if (counts) count_stacks(symbols);
  }

  bool fits(std::uint32_t row) {
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      switch (steps_[i].kind) {
        case FilterStep::Kind::Compare: answers_.push_back(test(i, row)); break;
        case FilterStep::Kind::Not: answers_.back() = !answers_.back(); break;
        case FilterStep::Kind::And: take([](bool a, bool b) { return a && b; }); break;
        case FilterStep::Kind::Or: take([](bool a, bool b) { return a || b; }); break;
      }
    }
    const bool answer = answers_.back();
    answers_.clear();
    return answer;
  }

 private:
  template <class Join>
  void take(Join join) {
    const bool right = answers_.back();
    answers_.pop_back();
    answers_.back() = join(answers_.back(), right);
  }

  void count_stacks(const Symbols& symbols) {
    std::vector<std::uint32_t> all(traceback_.goroutines.size());
    for (std::uint32_t i = 0; i < all.size(); ++i) all[i] = i;
    counts_.resize(all.size());
    for (const auto& group : group_goroutines(snapshot_, all, {}, symbols).groups)
      for (const std::uint32_t row : group.rows) counts_[row] = group.count;
  }

  bool test(std::size_t i, std::uint32_t row) {
    const FilterStep& step = steps_[i];
    if (step.field < Field::State || step.field > Field::Label)
      return compare(number(step.field, row), step.op, step.number);
    const bool negated = step.op == FilterOperator::NotEqual || step.op == FilterOperator::NoMatch;
    return any_text(i, row) != negated;
  }

  [[nodiscard]] std::uint64_t number(Field field, std::uint32_t row) const {
    const Goroutine& goroutine = traceback_.goroutines[row];
    switch (field) {
      case Field::Id: return goroutine.id;
      case Field::Minutes: return goroutine.minutes;
      case Field::Frames: return depth_of(goroutine);
      case Field::Count: return counts_[row];
      case Field::Creator: return goroutine.creator;
      case Field::Address: return snapshot_.facts[row].wait.address.value_or(0);
      case Field::Locked: return goroutine.locked_to_thread ? 1 : 0;
      case Field::Leaked: return goroutine.leaked ? 1 : 0;
      case Field::Crashed: return &goroutine == snapshot_.crashed ? 1 : 0;
      case Field::Cut: return goroutine.cut ? 1 : 0;
      case Field::Runtime: return snapshot_.of_runtime(goroutine) ? 1 : 0;
      default: return 0;
    }
  }

  bool any_text(std::size_t i, std::uint32_t row) {
    TextTest& test = tests_[i];
    const Goroutine& goroutine = traceback_.goroutines[row];
    const auto frames = traceback_.frames_of(goroutine);
    switch (steps_[i].field) {
      case Field::State: return test.fits(goroutine.state);
      case Field::Func: return std::ranges::any_of(frames, [&](const auto& f) { return test.fits(f.function); });
      case Field::File: return std::ranges::any_of(frames, [&](const auto& f) { return test.fits(f.file); });
      case Field::User: {
        const auto* user = snapshot_.facts[row].user;
        return user != nullptr && test.fits(user->function);
      }
      case Field::Top: return !frames.empty() && test.fits(frames.front().function);
      case Field::Created: return test.fits(goroutine.created_by);
      case Field::Label: {
        const auto labels = traceback_.labels_of(goroutine);
        return std::ranges::any_of(labels, [&](const auto& l) { return l.key == keys_[i] && test.fits(l.value); });
      }
      default: return false;
    }
  }

  const std::vector<FilterStep>& steps_;
  const Snapshot& snapshot_;
  const model::Traceback& traceback_;
  std::vector<TextTest> tests_;
  std::vector<StringId> keys_;
  std::vector<std::uint64_t> counts_;
  std::vector<bool> answers_;
};

}  // namespace

struct GoroutineFilter::Program {
  std::vector<FilterStep> steps;
};

GoroutineFilter::GoroutineFilter(std::unique_ptr<Program> program) : program_(std::move(program)) {}
GoroutineFilter::GoroutineFilter(GoroutineFilter&&) noexcept = default;
GoroutineFilter& GoroutineFilter::operator=(GoroutineFilter&&) noexcept = default;
GoroutineFilter::~GoroutineFilter() = default;

std::expected<GoroutineFilter, GoroutineFilter::Mistake> GoroutineFilter::compile(std::string_view text) {
  auto steps = parse_filter(text);
  if (!steps) return std::unexpected(steps.error());
  return GoroutineFilter(std::make_unique<Program>(Program{.steps = *std::move(steps)}));
}

std::vector<std::uint32_t> GoroutineFilter::matching(const Snapshot& snapshot, std::span<const std::uint32_t> rows,
                                                     const Symbols& symbols) const {
  Evaluation evaluation(program_->steps, snapshot, symbols);
  std::vector<std::uint32_t> fitting;
  std::ranges::copy_if(rows, std::back_inserter(fitting), [&](std::uint32_t row) { return evaluation.fits(row); });
  return fitting;
}

}  // namespace gopsy::analyze
