#include "analyze/memory_waits.h"

#include <algorithm>

namespace gopsy::analyze {
namespace {

using model::LockHold;
using model::WaitEdge;
using model::WaitFacts;
using model::WaitObject;
using Kind = model::WaitObject::Kind;
using model::WaitKind;

constexpr std::uint32_t kNone = UINT32_MAX;

bool has_holders(Kind kind) { return kind == Kind::Mutex || kind == Kind::RWMutex || kind == Kind::WaitGroup; }

// A walk in depth over goroutines and objects by turns, in which each is entered once: what is met again while it
// stands on the path closes a ring.
class Rings {
 public:
  explicit Rings(const WaitFacts& facts) : facts_(facts), of_objects_(facts.objects.size(), kNone) {
    std::uint32_t goroutines = 0;
    for (const WaitEdge& edge : facts.edges) goroutines = std::max(goroutines, edge.goroutine + 1);
    for (const LockHold& hold : facts.holds) goroutines = std::max(goroutines, hold.goroutine + 1);
    of_goroutines_.resize(goroutines, kNone);
    told_.resize(goroutines);
  }

  std::vector<std::vector<WaitStep>> find() {
    for (const WaitEdge& edge : facts_.edges)
      if (of_goroutines_[edge.goroutine] == kNone) walk(edge.goroutine);
    return std::move(rings_);
  }

 private:
  // Where the walk stands: a goroutine, the object it waits for, and which of that one's holds is next.
  struct Place {
    std::uint32_t goroutine = 0;
    std::size_t edge = 0;  // of its edges
    std::size_t hold = 0;  // of the object's holds; 0: the object was not entered yet
  };
  static constexpr std::uint32_t kLeft = UINT32_MAX - 1;

  [[nodiscard]] bool is_on_path(std::uint32_t place) const { return place != kNone && place != kLeft; }

  void walk(std::uint32_t start) {
    enter(start);
    while (!path_.empty()) {
      Place& place = path_.back();
      const auto edges = facts_.edges_of(place.goroutine);
      if (place.edge >= edges.size()) {
        of_goroutines_[place.goroutine] = kLeft;
        path_.pop_back();
        continue;
      }
      const std::uint32_t object = edges[place.edge].object;
      std::uint32_t& entered = of_objects_[object];
      if (place.hold == 0 && is_on_path(entered)) {
        const Place& first = path_[entered];
        close(entered + 1, &facts_.holds_of(object)[first.hold - 1]);
      }
      const auto holds = facts_.holds_of(object);
      const bool is_first = place.hold > 0 || entered == kNone;
      if (!is_first || place.hold >= holds.size() || !has_holders(facts_.objects[object].kind)) {
        if (is_first) entered = kLeft;
        ++place.edge;
        place.hold = 0;
        continue;
      }
      entered = static_cast<std::uint32_t>(path_.size() - 1);
      const LockHold& hold = holds[place.hold++];
      const std::uint32_t next = of_goroutines_[hold.goroutine];
      if (next == kNone) {
        enter(hold.goroutine);
      } else if (is_on_path(next)) {
        close(next, &hold);
      }
    }
  }

  void enter(std::uint32_t goroutine) {
    of_goroutines_[goroutine] = static_cast<std::uint32_t>(path_.size());
    path_.push_back({.goroutine = goroutine});
  }

  // From `begin` on, the path is a ring; `last` leads from its end back to there. One of a knot is enough.
  void close(std::size_t begin, const LockHold* last) {
    for (std::size_t i = begin; i < path_.size(); ++i)
      if (told_[path_[i].goroutine]) return;
    if (begin >= path_.size()) return;
    auto& ring = rings_.emplace_back();
    for (std::size_t i = begin; i < path_.size(); ++i) {
      const Place& place = path_[i];
      told_[place.goroutine] = true;
      const std::uint32_t object = facts_.edges_of(place.goroutine)[place.edge].object;
      const LockHold* const hold = i + 1 == path_.size() ? last : &facts_.holds_of(object)[place.hold - 1];
      ring.push_back({.goroutine = place.goroutine,
                      .object = object,
                      .hold = static_cast<std::uint32_t>(hold - facts_.holds.data())});
    }
  }

  const WaitFacts& facts_;
  std::vector<std::uint32_t> of_objects_;     // where on the path it was entered
  std::vector<std::uint32_t> of_goroutines_;  // … it stands
  std::vector<bool> told_;
  std::vector<Place> path_;
  std::vector<std::vector<WaitStep>> rings_;
};

HolderProof proof_of(const LockHold& hold) {
  if (hold.confidence < confidence_of(HolderProof::UnlockAhead)) return HolderProof::OneOfSeveral;
  return hold.proof == model::HoldProof::Deferred ? HolderProof::UnlockDeferred : HolderProof::UnlockAhead;
}

class Groups {
 public:
  Groups(const Snapshot& snapshot, const model::Symbols& symbols)
      : snapshot_(snapshot), facts_(*snapshot.traceback->waits), symbols_(symbols) {}

  WaitGroups build() {
    std::vector<WaitGroupOf> groups(facts_.objects.size());
    for (const WaitEdge& edge : facts_.edges) join(groups[edge.object], edge);
    for (std::uint32_t i = 0; i < groups.size(); ++i) hold(groups[i], i);
    for (const std::uint32_t orphan : facts_.orphans) {
      groups[orphan].orphan = true;
      groups[orphan].orphan_confidence = facts_.orphan_confidence;
    }
    const auto rings = wait_rings(facts_);
    for (const auto& ring : rings)
      for (const WaitStep& step : ring) set_holder(groups[step.object], facts_.holds[step.hold]);
    collect(std::move(groups), rings);
    if (std::ranges::any_of(snapshot_.facts, [](const GoroutineFacts& facts) { return facts.wait.in_once; }))
      for (const Sleeper& sleeper : analyze::recursive_onces(*snapshot_.traceback, symbols_))
        result_.recursive_onces.push_back(
            static_cast<std::uint32_t>(sleeper.goroutine - snapshot_.traceback->goroutines.data()));
    return std::move(result_);
  }

 private:
  void join(WaitGroupOf& group, const WaitEdge& edge) {
    const WaitObject& object = facts_.objects[edge.object];
    const auto& goroutine = snapshot_.traceback->goroutines[edge.goroutine];
    const GoroutineFacts& facts = snapshot_.facts[edge.goroutine];
    const model::TracebackFrame* place = facts.wait.place != nullptr ? facts.wait.place : facts.user;
    // Nobody waits for another at a nil channel, a timer or a socket; the runtime's own are its own business.
    const bool told = has_holders(object.kind) || object.kind == Kind::Channel || object.kind == Kind::Cond;
    if (!told || place == nullptr || goroutine.system || object.timed) return;
    if (group.waiters.empty()) {
      group.is_lock = object.is_lock();
      group.object = &object;
      group.address = object.address;
      group.kind = facts.wait.kind;
      group.place = place;
    }
    group.waiters.push_back(edge.goroutine);
    if (edge.act == WaitEdge::Act::Send) ++group.senders;
  }

  void set_holder(WaitGroupOf& group, const LockHold& hold) {
    if (hold.frame >= snapshot_.traceback->frames.size()) return;
    if (group.proof != HolderProof::None && group.holder != hold.goroutine) {
      std::erase(group.other_holders, hold.goroutine);
      group.other_holders.push_back(group.holder);
    }
    group.proof = proof_of(hold);
    group.holder = hold.goroutine;
    group.held_in = &snapshot_.traceback->frames[hold.frame];
  }

  void hold(WaitGroupOf& group, std::uint32_t object) {
    for (const LockHold& hold : facts_.holds_of(object)) {
      if (group.proof == HolderProof::None) {
        set_holder(group, hold);
      } else {
        group.other_holders.push_back(hold.goroutine);
      }
    }
  }

  // Most waiters first; the rings in the new numbers.
  void collect(std::vector<WaitGroupOf> groups, const std::vector<std::vector<WaitStep>>& rings) {
    std::vector<std::uint32_t> order;
    for (std::uint32_t i = 0; i < groups.size(); ++i)
      if (!groups[i].waiters.empty()) order.push_back(i);
    std::ranges::stable_sort(order, std::ranges::greater{}, [&](std::uint32_t i) { return groups[i].waiters.size(); });
    std::vector<std::size_t> number(groups.size(), SIZE_MAX);
    for (const std::uint32_t i : order) {
      number[i] = result_.groups.size();
      result_.groups.push_back(std::move(groups[i]));
    }
    for (const auto& ring : rings) {
      WaitCycle cycle{.groups = {}, .confidence = 1};
      for (const WaitStep& step : ring) {
        if (number[step.object] == SIZE_MAX) break;
        cycle.groups.push_back(number[step.object]);
        cycle.confidence = std::min(cycle.confidence, facts_.holds[step.hold].confidence);
      }
      if (cycle.groups.size() == ring.size()) result_.cycles.push_back(std::move(cycle));
    }
  }

  const Snapshot& snapshot_;
  const WaitFacts& facts_;
  const model::Symbols& symbols_;
  WaitGroups result_;
};

}  // namespace

std::vector<std::vector<WaitStep>> wait_rings(const WaitFacts& facts) { return Rings(facts).find(); }

WaitGroups memory_wait_groups(const Snapshot& snapshot, const model::Symbols& symbols) {
  return Groups(snapshot, symbols).build();
}

}  // namespace gopsy::analyze
