#include "analyze/lock_holders.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "analyze/per_stack.h"
#include "model/arguments.h"

namespace gopsy::analyze {
namespace {

using model::TracebackFrame;

constexpr std::uint32_t kNoGroup = UINT32_MAX;
/// A lock lies inside the value that a method was called on, mostly near its start.
constexpr std::uint64_t kLargestOffset = 4096;
constexpr std::uint64_t kLargestGuess = 512;
/// More candidates than one are none: only the first few and their number are kept.
constexpr std::size_t kCandidatesKept = 2;

// "main.serve" of its closure "main.serve.func1" and of that one's, "main.serve.func1.2"; empty for what is no closure.
std::string_view family_of(std::string_view function) {
  const std::size_t package = model::package_of(function).size();
  const auto at = function.find(".func", package);
  if (at == std::string_view::npos || at + 5 >= function.size() || function[at + 5] < '0' || function[at + 5] > '9')
    return {};
  return function.substr(0, at);
}

struct Candidate {
  std::uint32_t row = 0;
  const TracebackFrame* frame = nullptr;
};

/// Goroutines inside some code, waiters at that very place left out.
struct Inside {
  std::vector<Candidate> some;

  void add(std::uint32_t row, const TracebackFrame& frame) {
    if (some.size() >= kCandidatesKept + 1) return;
    // Inner frames come first; the outermost one of the code says where it was entered.
    if (!some.empty() && some.back().row == row) {
      some.back().frame = &frame;
    } else {
      some.push_back({.row = row, .frame = &frame});
    }
  }
};

struct InValue {
  std::uint32_t code = 0;  ///< a function, or a type's first function with the top bit
  std::uint64_t value = 0;
  friend bool operator==(const InValue&, const InValue&) = default;
};

struct InValueHash {
  std::size_t operator()(const InValue& key) const {
    return (key.value ^ std::uint64_t{key.code} << 32) * 0x9E3779B97F4A7C15ULL;
  }
};

constexpr std::uint32_t kWholeType = 1U << 31;

class Holders {
 public:
  Holders(const Snapshot& snapshot, const model::Symbols& symbols, std::vector<WaitGroupOf>& groups)
      : snapshot_(snapshot),
        traceback_(*snapshot.traceback),
        symbols_(symbols),
        groups_(groups),
        concerned_(*snapshot.traceback) {}

  void find() {
    group_of_.assign(traceback_.goroutines.size(), kNoGroup);
    for (std::uint32_t g = 0; g < groups_.size(); ++g) note_group(g);
    if (first_line_.empty()) return;
    find_values();
    for (const WaitGroupOf& group : groups_)
      if (group.is_lock && group.value) values_.insert(*group.value);
    for (std::uint32_t row = 0; row < traceback_.goroutines.size(); ++row) note_frames(row);
    for (std::uint32_t g = 0; g < groups_.size(); ++g)
      if (groups_[g].is_lock) decide(g);
  }

 private:
  // The value that has the lock: the argument of the locking function that lies closest below the lock's address.
  void note_group(std::uint32_t g) {
    WaitGroupOf& group = groups_[g];
    if (!group.is_lock) return;
    for (const std::uint32_t row : group.waiters) {
      group_of_[row] = g;
      const TracebackFrame& place = *snapshot_.facts[row].wait.place;
      const auto [line, is_new] = first_line_.try_emplace(place.function, place.line);
      if (!is_new) line->second = std::min(line->second, place.line);
      const auto [sole, first] = sole_group_.try_emplace(place.function, g);
      if (!first && sole->second != g) sole->second = kNoGroup;
      if (const auto type = receiver_type(symbols_.text(place.function)); !type.empty())
        types_.try_emplace(type, place.function.value | kWholeType);
      if (const auto family = family_of(symbols_.text(place.function)); !family.empty())
        families_.try_emplace(family, static_cast<std::uint32_t>(families_.size() + 1));
      if (group.value || !group.address) continue;
      for (const auto word : model::fresh_words(symbols_.text(place.args)))
        if (word && *word != 0 && *word <= *group.address && *group.address - *word < kLargestOffset &&
            (!group.value || *word > *group.value))
          group.value = word;
    }
    if (group.value && group.address &&
        (*group.value > *group.address || *group.address - *group.value >= kLargestOffset))
      group.value.reset();
  }

  // What is asked of every frame: does its function take a lock, or belong to a type whose methods do?
  struct Code {
    bool known = false;
    bool locks = false;
    std::uint32_t type = 0;    ///< 0: no such type
    std::uint32_t family = 0;  ///< 0: no closure of such a function
    std::uint32_t first_line = 0;
  };

  const Code& code_of(StringId function) {
    if (function.value >= codes_.size()) codes_.resize(symbols_.strings.size());
    Code& code = codes_[function.value];
    if (code.known) return code;
    code.known = true;
    if (const auto line = first_line_.find(function); line != first_line_.end()) {
      code.locks = true;
      code.first_line = line->second;
    }
    if (const auto type = types_.find(receiver_type(symbols_.text(function))); type != types_.end())
      code.type = type->second;
    if (const auto family = families_.find(family_of(symbols_.text(function))); family != families_.end())
      code.family = family->second;
    return code;
  }

  // Most stacks have nothing to do with a lock that somebody waits for.
  bool is_concerned(const model::Goroutine& goroutine) {
    return concerned_.of(goroutine, [&] {
      return std::ranges::any_of(traceback_.frames_of(goroutine), [&](const TracebackFrame& frame) {
        const Code& code = code_of(frame.function);
        return code.locks || code.type != 0 || code.family != 0;
      });
    });
  }

  // A waiting frame's own receiver is often stale. Then the value is the one of that type that lies closest below the
  // lock, among those whose methods are on some stack.
  void find_values() {
    const auto lacks = [](const WaitGroupOf& group) { return group.is_lock && group.address && !group.value; };
    if (std::ranges::none_of(groups_, lacks)) return;
    std::unordered_map<std::uint32_t, std::vector<std::uint64_t>> receivers;
    for (const model::Goroutine& goroutine : traceback_.goroutines) {
      if (!is_concerned(goroutine)) continue;
      for (const TracebackFrame& frame : traceback_.frames_of(goroutine))
        if (const std::uint32_t type = code_of(frame.function).type; type != 0)
          if (const auto word = model::first_argument(symbols_.text(frame.args)); word && *word != 0)
            receivers[type].push_back(*word);
    }
    for (auto& [type, list] : receivers) std::ranges::sort(list);
    std::unordered_map<std::uint64_t, std::uint32_t> taken;  // which lock each value was given
    for (std::uint32_t g = 0; g < groups_.size(); ++g) {
      WaitGroupOf& group = groups_[g];
      if (!group.is_lock || group.value || !group.address) continue;
      const auto list = receivers.find(code_of(group.place->function).type);
      if (list == receivers.end()) continue;
      const auto above = std::ranges::upper_bound(list->second, *group.address);
      if (above == list->second.begin() || *group.address - above[-1] >= kLargestGuess) continue;
      const auto [other, is_new] = taken.try_emplace(above[-1], g);
      if (is_new) {
        group.value = above[-1];
      } else if (other->second != kNoGroup) {
        // Two locks next to one value: at least one of them is another value's.
        groups_[other->second].value.reset();
        other->second = kNoGroup;
      }
    }
  }

  void note_frames(std::uint32_t row) {
    const model::Goroutine& goroutine = traceback_.goroutines[row];
    if (goroutine.system || !is_concerned(goroutine)) return;
    const std::uint32_t waits_in = group_of_[row];
    const auto wanted = waits_in == kNoGroup ? std::nullopt : groups_[waits_in].value;
    for (const TracebackFrame& frame : traceback_.frames_of(goroutine)) {
      const Code& code = code_of(frame.function);
      // Who waits for workers has started them and holds nothing of theirs.
      if (code.family != 0 && snapshot_.facts[row].wait.kind != model::WaitKind::WaitGroupWait)
        in_family_[code.family].add(row, frame);
      // What stands above the first line that takes the lock cannot have it yet.
      if ((!code.locks && code.type == 0) || (code.locks && frame.line < code.first_line)) continue;
      const bool waits_here = waits_in != kNoGroup && &frame == snapshot_.facts[row].wait.place;
      if (code.locks && !waits_here) in_function_[frame.function].add(row, frame);
      model::for_fresh_words(symbols_.text(frame.args), [&](std::optional<std::uint64_t> word) {
        // What is no value of a lock is asked for by nobody.
        if (!word || !values_.contains(*word)) return;
        const bool wants_it = wanted == word;
        // In the frame it waits in, a goroutine may hold every lock but that one.
        if (waits_here && wants_it) return;
        if (code.locks) in_value_[{.code = frame.function.value, .value = *word}].add(row, frame);
        if (code.type == 0) return;
        if (wants_it) {
          waits_inside_[waits_in].add(row, frame);
        } else {
          in_value_[{.code = code.type, .value = *word}].add(row, frame);
        }
      });
    }
  }

  void decide(std::uint32_t g) {
    WaitGroupOf& group = groups_[g];
    const auto functions = functions_of(group);
    if (group.value) {
      if (settle(
              group, g, [&](StringId f) { return at({.code = f.value, .value = *group.value}); }, functions,
              HolderProof::SameFunctionAndValue))
        return;
      const std::uint32_t type = functions.empty() ? 0 : code_of(functions.front()).type;
      if (type != 0 && settle(
                           group, g, [&](StringId) { return at({.code = type, .value = *group.value}); },
                           {functions.front()}, HolderProof::SameValue))
        return;
      if (waits_for_itself(group, g)) return;
    }
    // Without the value, a function that takes several locks tells nothing.
    const bool sole = std::ranges::all_of(functions, [&](StringId f) { return sole_group_.at(f) == g; });
    if (sole && settle(
                    group, g, [&](StringId f) { return in_function_.contains(f) ? &in_function_.at(f) : nullptr; },
                    functions, HolderProof::SameFunction))
      return;
    if (functions.size() == 1) by_family(group, g, functions.front());
  }

  // Two closures of one function that wait for two locks: nobody else is there who could have them.
  void by_family(WaitGroupOf& group, std::uint32_t g, StringId function) {
    const auto inside = in_family_.find(code_of(function).family);
    if (inside == in_family_.end()) return;
    const Candidate* other = nullptr;
    for (const Candidate& candidate : inside->second.some) {
      if (group_of_[candidate.row] == g) continue;
      if (other != nullptr) return;
      other = &candidate;
    }
    // Only the first few are kept: with more than one waiter, others may be missing.
    if (other == nullptr || inside->second.some.size() > kCandidatesKept) return;
    group.proof = HolderProof::SameFamily;
    group.holder = other->row;
    group.held_in = other->frame;
  }

  // Nobody else is inside the value, and one of the waiters came through another of its methods.
  bool waits_for_itself(WaitGroupOf& group, std::uint32_t g) {
    const auto found = waits_inside_.find(g);
    if (found == waits_inside_.end() || found->second.some.size() != 1) return false;
    group.proof = HolderProof::SameValue;
    group.holder = found->second.some[0].row;
    group.held_in = found->second.some[0].frame;
    return true;
  }

  // Do the frame's arguments say that it works on another value? Of a method the receiver does, of a function all of
  // them.
  [[nodiscard]] bool has_another(const TracebackFrame& frame, std::uint64_t value) const {
    const auto words = model::fresh_words(symbols_.text(frame.args));
    if (words.empty() || !words[0]) return false;
    if (!receiver_type(symbols_.text(frame.function)).empty()) return *words[0] != value;
    return std::ranges::none_of(words, [&](const auto& word) { return !word || *word == value; });
  }

  // True if somebody is there at all: then a weaker proof may not name another.
  template <class Lookup>
  bool settle(WaitGroupOf& group, std::uint32_t g, Lookup lookup, const std::vector<StringId>& functions,
              HolderProof proof) {
    std::vector<Candidate> candidates;
    for (const StringId function : functions)
      if (const Inside* inside = lookup(function))
        for (const Candidate& candidate : inside->some)
          if (std::ranges::find(candidates, candidate.row, &Candidate::row) == candidates.end())
            candidates.push_back(candidate);
    if (candidates.empty()) return false;
    if (candidates.size() > 1) return true;
    if (proof == HolderProof::SameFunction && group.value && has_another(*candidates[0].frame, *group.value))
      return false;
    // Who waits for the lock has it only if it took it in a frame further out.
    if (group_of_[candidates[0].row] == g && proof != HolderProof::SameFunctionAndValue) return true;
    group.proof = proof;
    group.holder = candidates[0].row;
    group.held_in = candidates[0].frame;
    return true;
  }

  const Inside* at(InValue key) const {
    const auto found = in_value_.find(key);
    return found == in_value_.end() ? nullptr : &found->second;
  }

  static constexpr std::size_t kFunctionsAsked = 8;

  std::vector<StringId> functions_of(const WaitGroupOf& group) const {
    std::vector<StringId> functions;
    for (const std::uint32_t row : group.waiters) {
      const StringId function = snapshot_.facts[row].wait.place->function;
      if (functions.size() < kFunctionsAsked && std::ranges::find(functions, function) == functions.end())
        functions.push_back(function);
    }
    return functions;
  }

  const Snapshot& snapshot_;
  const model::Traceback& traceback_;
  const model::Symbols& symbols_;
  std::vector<WaitGroupOf>& groups_;
  PerStack<bool> concerned_;
  std::vector<std::uint32_t> group_of_;                     // of each goroutine: the lock it waits for
  std::unordered_map<StringId, std::uint32_t> first_line_;  // of each function that takes a lock: where, at the first
  std::unordered_map<StringId, std::uint32_t> sole_group_;  // … and which lock, kNoGroup if several
  std::unordered_map<std::string_view, std::uint32_t> types_;
  std::vector<Code> codes_;  // of each function, by its id
  std::unordered_map<std::string_view, std::uint32_t> families_;
  std::unordered_map<StringId, Inside> in_function_;
  std::unordered_map<std::uint32_t, Inside> in_family_;
  std::unordered_set<std::uint64_t> values_;  // that have a lock somebody waits for
  std::unordered_map<InValue, Inside, InValueHash> in_value_;
  std::unordered_map<std::uint32_t, Inside>
      waits_inside_;  // of each lock: its waiters that are in its value further out
};

}  // namespace

std::string_view receiver_type(std::string_view function) {
  const std::size_t package = model::package_of(function).size();
  const std::string_view rest = function.substr(package);
  if (rest.starts_with(".(")) {
    const auto close = rest.find(")");
    return close == std::string_view::npos ? std::string_view{} : function.substr(0, package + close + 1);
  }
  return {};
}

void find_holders(const Snapshot& snapshot, const model::Symbols& symbols, std::vector<WaitGroupOf>& groups) {
  Holders(snapshot, symbols, groups).find();
}

std::vector<WaitCycle> wait_cycles(const Snapshot& snapshot, const std::vector<WaitGroupOf>& groups) {
  std::vector<std::uint32_t> waits_in(snapshot.traceback->goroutines.size(), kNoGroup);
  for (std::uint32_t g = 0; g < groups.size(); ++g)
    for (const std::uint32_t row : groups[g].waiters) waits_in[row] = g;
  // From a lock to the lock that its holder waits for.
  const auto next = [&](std::uint32_t g) {
    return groups[g].proof == HolderProof::None ? kNoGroup : waits_in[groups[g].holder];
  };
  std::vector<std::uint32_t> walk_of(groups.size(), kNoGroup);
  std::vector<WaitCycle> cycles;
  for (std::uint32_t start = 0; start < groups.size(); ++start) {
    std::uint32_t g = start;
    while (g != kNoGroup && walk_of[g] == kNoGroup) {
      walk_of[g] = start;
      g = next(g);
    }
    if (g == kNoGroup || walk_of[g] != start) continue;
    WaitCycle cycle{.groups = {}, .confidence = 1};
    for (std::uint32_t at = g; cycle.groups.empty() || at != g; at = next(at)) {
      cycle.groups.push_back(at);
      cycle.confidence = std::min(cycle.confidence, confidence_of(groups[at].proof));
    }
    cycles.push_back(std::move(cycle));
  }
  return cycles;
}

}  // namespace gopsy::analyze
