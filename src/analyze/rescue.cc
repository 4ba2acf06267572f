#include "analyze/rescue.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "analyze/per_stack.h"
#include "analyze/waits.h"

namespace gopsy::analyze {
namespace {

using model::Goroutine;
using model::WaitKind;

constexpr std::uint64_t kMain = 1;

enum class Need : std::uint8_t { Nothing, Lock, Channel, Workers };

// What a goroutine needs from others to go on. A select may have an arm for a timer or a signal; it needs nobody.
Need need_of(WaitKind kind) {
  switch (kind) {
    case WaitKind::MutexLock:
    case WaitKind::RWMutexLock:
    case WaitKind::RWMutexRLock:
    case WaitKind::Semacquire: return Need::Lock;
    case WaitKind::ChanSend:
    case WaitKind::ChanReceive:
    case WaitKind::CondWait: return Need::Channel;
    case WaitKind::WaitGroupWait: return Need::Workers;
    default: return Need::Nothing;
  }
}

bool is_lost(const Goroutine& goroutine) {
  return goroutine.leaked || goroutine.wait == WaitKind::ChanReceiveNil || goroutine.wait == WaitKind::ChanSendNil ||
         goroutine.wait == WaitKind::SelectNoCases;
}

// "main.(*Store)" and "main.Store" as "main.Store", "main.serve.func1.2" as "main.serve": the type or function that
// a frame belongs to, with closures and value receivers.
std::string family_of(std::string_view function) {
  const std::string_view package = model::package_of(function);
  std::string_view rest = function.substr(package.size());
  rest = rest.substr(std::min(rest.find_first_not_of(".(*"), rest.size()));
  return std::string(package) + "." + std::string(rest.substr(0, rest.find_first_of(".)[")));
}

using Key = std::uint32_t;

/// Numbers for packages and families, worked out once a function.
class Kinship {
 public:
  explicit Kinship(const model::Symbols& symbols) : symbols_(symbols) {}

  struct Keys {
    bool program = false;  ///< not of the standard library
    Key package = 0;
    Key family = 0;
  };

  Keys of(StringId function) {
    if (function.value >= keys_.size()) keys_.resize(symbols_.strings.size());
    Keys& keys = keys_[function.value];
    if (keys.program || function.none() || symbols_.is_standard_library(function)) return keys;
    const std::string_view text = symbols_.text(function);
    keys = {.program = true,
            .package = number("package " + std::string(model::package_of(text))),
            .family = number(family_of(text))};
    return keys;
  }

  [[nodiscard]] std::size_t size() const { return numbers_.size(); }

 private:
  Key number(const std::string& name) {
    return numbers_.try_emplace(name, static_cast<Key>(numbers_.size())).first->second;
  }

  const model::Symbols& symbols_;
  std::vector<Keys> keys_;  // by function
  std::unordered_map<std::string, Key> numbers_;
};

struct Member {
  const Goroutine* goroutine = nullptr;
  Need need = Need::Nothing;
  WaitKind wait = WaitKind::None;
  std::vector<Key> packages;  // of its frames
  std::vector<Key> families;  // of its frames and of its creator
  bool live = false;
};

void add_unique(std::vector<Key>& keys, Key key) {
  if (std::ranges::find(keys, key) == keys.end()) keys.push_back(key);
}

Member member_of(const model::Traceback& traceback, const Goroutine& goroutine, const model::Symbols& symbols,
                 Kinship& kinship) {
  const WaitKind wait = wait_of(traceback, goroutine, symbols).kind;
  Member member{.goroutine = &goroutine, .need = need_of(wait), .wait = wait, .packages = {}, .families = {}};
  // Deep recursion repeats its functions; what a goroutine has to do with shows in the first frames.
  constexpr std::size_t kFramesAsked = 64;
  const auto frames = traceback.frames_of(goroutine);
  for (const auto& frame : frames.first(std::min(frames.size(), kFramesAsked))) {
    const auto keys = kinship.of(frame.function);
    if (!keys.program) continue;
    add_unique(member.packages, keys.package);
    add_unique(member.families, keys.family);
  }
  const auto creator = kinship.of(goroutine.created_by);
  if (creator.program) add_unique(member.families, creator.family);
  return member;
}

/// Lets those who may act release those who wait for one of them, until nothing changes.
class Rescue {
 public:
  Rescue(std::vector<Member>& members, std::size_t keys) : members_(members), live_keys_(keys), waiting_for_(keys) {
    for (std::size_t i = 0; i < members.size(); ++i) {
      const Member& member = members[i];
      // A channel may be anybody's who runs: it is passed on by value, and leaves no trace in a stack.
      if (member.need == Need::Nothing && member.wait != WaitKind::Select) someone_runs_ = true;
      for (const Key key : member.need == Need::Channel ? member.families : member.packages)
        waiting_for_[key].push_back(i);
      by_id_.emplace(member.goroutine->id, i);
    }
  }

  void run() {
    for (std::size_t i = 0; i < members_.size(); ++i)
      if (members_[i].need == Need::Nothing || (members_[i].need == Need::Channel && someone_runs_)) release(i);
    while (!work_.empty()) {
      const Member& member = members_[work_.back()];
      work_.pop_back();
      for (const Key key : member.packages) open(key);
      for (const Key key : member.families) open(key);
      // A worker that lives may yet call Done.
      const auto parent = by_id_.find(member.goroutine->creator);
      if (parent != by_id_.end() && members_[parent->second].need == Need::Workers) release(parent->second);
    }
  }

 private:
  void release(std::size_t i) {
    if (members_[i].live) return;
    members_[i].live = true;
    work_.push_back(i);
  }

  void open(Key key) {
    if (live_keys_[key]) return;
    live_keys_[key] = true;
    for (const std::size_t i : waiting_for_[key]) release(i);
  }

  std::vector<Member>& members_;
  std::vector<bool> live_keys_;
  std::vector<std::vector<std::size_t>> waiting_for_;
  std::unordered_map<std::uint64_t, std::size_t> by_id_;
  std::vector<std::size_t> work_;
  bool someone_runs_ = false;
};

bool is_unfinished_work(const Member& member) {
  return member.need == Need::Lock || member.need == Need::Workers || member.wait == WaitKind::ChanSend;
}

}  // namespace

bool is_infrastructure(const model::Traceback& traceback, const Goroutine& goroutine, const model::Symbols& symbols) {
  bool program = false;
  for (const auto& frame : traceback.frames_of(goroutine)) {
    const std::string_view function = symbols.text(frame.function);
    program |= !symbols.is_standard_library(frame.function);
    if (function.starts_with("net/http/pprof.") || function.starts_with("os/signal.")) return true;
    if (function.ends_with(").Accept") || function == "net/http.(*Server).Serve") return true;
  }
  return !program;
}

std::unordered_set<const Goroutine*> without_partner(const model::Traceback& traceback, const model::Symbols& symbols) {
  if (traceback.cut) return {};
  std::vector<Member> members;
  Kinship kinship(symbols);
  PerStack<bool> infrastructure(traceback);
  bool unfinished = false;
  for (const Goroutine& goroutine : traceback.goroutines) {
    if (goroutine.system || is_lost(goroutine)) continue;
    if (infrastructure.of(goroutine, [&] { return is_infrastructure(traceback, goroutine, symbols); })) continue;
    members.push_back(member_of(traceback, goroutine, symbols, kinship));
    unfinished |= is_unfinished_work(members.back());
  }
  if (!unfinished) return {};
  Rescue(members, kinship.size()).run();

  std::unordered_set<const Goroutine*> stuck;
  std::unordered_set<Key> stuck_families;
  for (const Member& member : members) {
    if (member.live || !is_unfinished_work(member)) continue;
    stuck_families.insert(member.families.begin(), member.families.end());
    if (member.goroutine->id != kMain) stuck.insert(member.goroutine);
  }
  for (const Member& member : members) {
    if (member.live || member.goroutine->id == kMain) continue;
    if (std::ranges::any_of(member.families, [&](Key key) { return stuck_families.contains(key); }))
      stuck.insert(member.goroutine);
  }
  return stuck;
}

}  // namespace gopsy::analyze
