#include "analyze/goroutine_groups.h"

#include <algorithm>
#include <string_view>

#include "model/arguments.h"

namespace gopsy::analyze {
namespace {

using model::Goroutine;
using model::Traceback;

constexpr std::uint64_t kMultiplier = 0x9E3779B97F4A7C15ULL;

class Hash {
 public:
  void add(std::uint64_t value) {
    state_ = (state_ ^ value) * kMultiplier;
    state_ ^= state_ >> 32;
  }
  [[nodiscard]] std::uint64_t value() const { return state_; }

 private:
  std::uint64_t state_ = kMultiplier;
};

std::uint64_t place(StringId function, std::uint32_t line) { return std::uint64_t{function.value} << 32 | line; }

/// What makes two goroutines alike: a hash, and the comparison that decides when hashes agree.
class Likeness {
 public:
  Likeness(const Snapshot& snapshot, const GroupOptions& options, const model::Symbols& symbols)
      : snapshot_(snapshot), traceback_(*snapshot.traceback), options_(options), symbols_(symbols) {}

  [[nodiscard]] std::uint64_t hash(std::uint32_t row) const {
    const Goroutine& goroutine = traceback_.goroutines[row];
    Hash hash;
    switch (options_.by) {
      case GroupBy::Stack:
        hash.add(stack_hash(traceback_, goroutine));
        if (options_.exact)
          for (const auto& frame : traceback_.frames_of(goroutine))
            model::for_fresh_words(symbols_.text(frame.args),
                                   [&hash](std::optional<std::uint64_t> word) { hash.add(word.value_or(0)); });
        break;
      case GroupBy::State: hash.add(goroutine.state.value); break;
      case GroupBy::Site:
        if (const auto* user = snapshot_.facts[row].user) hash.add(place(user->function, user->line));
        hash.add(static_cast<std::uint64_t>(snapshot_.facts[row].wait.kind));
        break;
      case GroupBy::Creator: hash.add(place(goroutine.created_by, goroutine.created_line)); break;
      case GroupBy::Label:
        for (const auto& label : traceback_.labels_of(goroutine))
          if (options_.label.none() || label.key == options_.label) hash.add(place(label.key, label.value.value));
        break;
    }
    return hash.value();
  }

  [[nodiscard]] bool same(std::uint32_t left, std::uint32_t right) const {
    const Goroutine& a = traceback_.goroutines[left];
    const Goroutine& b = traceback_.goroutines[right];
    switch (options_.by) {
      case GroupBy::Stack:
        return same_stack(traceback_, a, b) && same_creator(a, b) && (!options_.exact || same_arguments(a, b));
      case GroupBy::State: return a.state == b.state;
      case GroupBy::Site: return same_site(snapshot_.facts[left], snapshot_.facts[right]);
      case GroupBy::Creator: return same_creator(a, b);
      case GroupBy::Label: return same_labels(a, b);
    }
    return false;
  }

 private:
  static bool same_site(const GoroutineFacts& a, const GoroutineFacts& b) {
    if (a.wait.kind != b.wait.kind || (a.user == nullptr) != (b.user == nullptr)) return false;
    return a.user == nullptr ||
           (a.user->function == b.user->function && a.user->line == b.user->line && a.user->file == b.user->file);
  }

  [[nodiscard]] bool same_labels(const Goroutine& a, const Goroutine& b) const {
    const auto left = traceback_.labels_of(a);
    const auto right = traceback_.labels_of(b);
    if (options_.label.none())
      return std::ranges::equal(left, right,
                                [](const auto& x, const auto& y) { return x.key == y.key && x.value == y.value; });
    return value_of(left) == value_of(right);
  }

  [[nodiscard]] StringId value_of(std::span<const model::GoroutineLabel> labels) const {
    const auto found = std::ranges::find(labels, options_.label, &model::GoroutineLabel::key);
    return found == labels.end() ? StringId{} : found->value;
  }

  [[nodiscard]] bool same_arguments(const Goroutine& a, const Goroutine& b) const {
    const auto left = traceback_.frames_of(a);
    const auto right = traceback_.frames_of(b);
    for (std::size_t i = 0; i < left.size(); ++i)
      if (left[i].args != right[i].args &&
          model::fresh_words(symbols_.text(left[i].args)) != model::fresh_words(symbols_.text(right[i].args)))
        return false;
    return true;
  }

  const Snapshot& snapshot_;
  const Traceback& traceback_;
  const GroupOptions& options_;
  const model::Symbols& symbols_;
};

/// Numbers alike goroutines densely, in the order of first sight.
class Buckets {
 public:
  explicit Buckets(std::size_t goroutines) {
    std::size_t slots = 64;
    while (slots < goroutines * 2) slots *= 2;
    slots_.resize(slots);
  }

  std::uint32_t number(std::uint32_t row, const Likeness& likeness) {
    const std::uint64_t hash = likeness.hash(row);
    std::size_t at = hash & (slots_.size() - 1);
    for (; slots_[at].number != 0; at = (at + 1) & (slots_.size() - 1))
      if (slots_[at].hash == hash && likeness.same(firsts_[slots_[at].number - 1], row)) return slots_[at].number - 1;
    firsts_.push_back(row);
    slots_[at] = {.hash = hash, .number = static_cast<std::uint32_t>(firsts_.size())};
    return static_cast<std::uint32_t>(firsts_.size() - 1);
  }

  [[nodiscard]] const std::vector<std::uint32_t>& firsts() const { return firsts_; }

 private:
  struct Slot {
    std::uint64_t hash = 0;
    std::uint32_t number = 0;
  };
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> firsts_;
};

// A header has few states: "running", "chan receive", …; a hostile one may have many, and then the rest is one sum.
constexpr std::size_t kStatesKept = 64;

void add_state(std::vector<StateCount>& states, StringId state, std::uint64_t count) {
  auto found = std::ranges::find(states, state, &StateCount::state);
  if (found == states.end() && states.size() >= kStatesKept) {
    found = std::ranges::find(states, StringId{}, &StateCount::state);
    state = {};
  }
  if (found == states.end()) {
    states.push_back({.state = state, .count = count});
  } else {
    found->count += count;
  }
}

void describe(GoroutineGroup& group, const Snapshot& snapshot, const GroupOptions& options) {
  const Traceback& traceback = *snapshot.traceback;
  const Goroutine& first = traceback.goroutines[group.rows.front()];
  group.least_minutes = UINT32_MAX;
  for (const std::uint32_t row : group.rows) {
    const Goroutine& goroutine = traceback.goroutines[row];
    const std::uint64_t count = snapshot.count(row);
    group.count += std::min(count, UINT64_MAX - group.count);
    add_state(group.states, goroutine.state, count);
    group.least_minutes = std::min(group.least_minutes, goroutine.minutes);
    group.most_minutes = std::max(group.most_minutes, goroutine.minutes);
    group.leaked += goroutine.leaked ? count : 0;
    group.locked += goroutine.locked_to_thread ? count : 0;
    if (options.by == GroupBy::Stack) continue;
    group.one_stack = group.one_stack && same_stack(traceback, first, goroutine);
    group.one_creator = group.one_creator && same_creator(first, goroutine);
  }
  std::ranges::stable_sort(group.states, std::ranges::greater{}, &StateCount::count);
}

}  // namespace

std::uint64_t stack_hash(const Traceback& traceback, const Goroutine& goroutine) {
  Hash hash;
  for (const auto& frame : traceback.frames_of(goroutine)) hash.add(place(frame.function, frame.line));
  hash.add(goroutine.elided_frames);
  hash.add(place(goroutine.created_by, goroutine.created_line));
  return hash.value();
}

bool same_stack(const Traceback& traceback, const Goroutine& a, const Goroutine& b) {
  return a.elided_frames == b.elided_frames &&
         std::ranges::equal(traceback.frames_of(a), traceback.frames_of(b), [](const auto& x, const auto& y) {
           return x.function == y.function && x.line == y.line && x.file == y.file;
         });
}

bool same_creator(const Goroutine& a, const Goroutine& b) {
  return a.created_by == b.created_by && a.created_line == b.created_line && a.created_file == b.created_file;
}

GoroutineGroups group_goroutines(const Snapshot& snapshot, std::span<const std::uint32_t> rows,
                                 const GroupOptions& options, const model::Symbols& symbols) {
  const Likeness likeness(snapshot, options, symbols);
  Buckets buckets(rows.size());
  std::vector<std::uint32_t> number_of(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) number_of[i] = buckets.number(rows[i], likeness);

  GoroutineGroups result{.groups = std::vector<GoroutineGroup>(buckets.firsts().size()),
                         .members = std::vector<std::uint32_t>(rows.size())};
  std::vector<std::size_t> start(result.groups.size() + 1);
  for (const std::uint32_t number : number_of) ++start[number + 1];
  for (std::size_t g = 0; g < result.groups.size(); ++g) start[g + 1] += start[g];
  std::vector<std::size_t> next(start.begin(), start.end() - 1);
  for (std::size_t i = 0; i < rows.size(); ++i) result.members[next[number_of[i]]++] = rows[i];
  for (std::size_t g = 0; g < result.groups.size(); ++g) {
    result.groups[g].rows = std::span(result.members).subspan(start[g], start[g + 1] - start[g]);
    describe(result.groups[g], snapshot, options);
  }
  std::ranges::stable_sort(result.groups, std::ranges::greater{}, &GoroutineGroup::count);
  return result;
}

}  // namespace gopsy::analyze
