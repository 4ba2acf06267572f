#include "analyze/deadlock.h"

#include <algorithm>
#include <functional>
#include <set>

#include "analyze/memory_waits.h"

namespace gopsy::analyze {
namespace {

using model::WaitKind;
using Fits = std::function<bool(const Sleeper&)>;

std::vector<Sleeper> those(const std::vector<Sleeper>& sleepers, const Fits& fits) {
  std::vector<Sleeper> chosen;
  std::ranges::copy_if(sleepers, std::back_inserter(chosen), fits);
  return chosen;
}

Fits waits_in(std::initializer_list<WaitKind> kinds) {
  return
      [kinds = std::vector(kinds)](const Sleeper& s) { return std::ranges::find(kinds, s.wait.kind) != kinds.end(); };
}

bool holds_once(const model::Traceback& traceback, const model::Goroutine& goroutine, const model::Symbols& symbols) {
  const auto frames = traceback.frames_of(goroutine);
  return std::ranges::count_if(
             frames, [&](const auto& frame) { return symbols.text(frame.function) == "sync.(*Once).doSlow"; }) >= 2;
}

bool wants_different_locks(const std::vector<Sleeper>& lockers) {
  std::set<std::uint64_t> addresses;
  for (const Sleeper& s : lockers)
    if (s.wait.address) addresses.insert(*s.wait.address);
  return addresses.size() >= 2;
}

void decide(Deadlock& deadlock) {
  const auto& all = deadlock.sleepers;
  const auto answer = [&](DeadlockKind kind, std::vector<Sleeper> culprits) {
    deadlock.kind = kind;
    deadlock.culprits = std::move(culprits);
  };
  const auto nil = those(all, waits_in({WaitKind::ChanReceiveNil, WaitKind::ChanSendNil}));
  if (!nil.empty()) return answer(DeadlockKind::NilChannel, nil);
  // `select {}` alone is how programs park main on purpose; it is the cause only where nobody waits for anything else.
  const auto empty_selects = those(all, waits_in({WaitKind::SelectNoCases}));
  if (!empty_selects.empty() && empty_selects.size() == all.size())
    return answer(DeadlockKind::NilChannel, empty_selects);

  const auto lockers = those(all, waits_in({WaitKind::MutexLock, WaitKind::RWMutexLock, WaitKind::RWMutexRLock}));
  const auto readers = those(all, waits_in({WaitKind::RWMutexRLock}));
  const auto writers = those(all, waits_in({WaitKind::RWMutexLock}));
  const auto waiters = those(all, waits_in({WaitKind::WaitGroupWait}));
  const auto channels =
      those(all, waits_in({WaitKind::ChanReceive, WaitKind::ChanSend, WaitKind::Select, WaitKind::CondWait}));
  if (wants_different_locks(lockers)) return answer(DeadlockKind::LockOrder, lockers);
  if (!readers.empty() && !writers.empty()) return answer(DeadlockKind::RecursiveRLock, lockers);
  // Somebody who waits on a channel may hold the lock; a goroutine in WaitGroup.Wait rarely does.
  if (!lockers.empty() && channels.empty()) return answer(DeadlockKind::SelfLock, lockers);
  if (!lockers.empty()) return answer(DeadlockKind::AllAsleep, lockers);
  if (!waiters.empty()) {
    auto culprits = waiters;
    culprits.insert(culprits.end(), channels.begin(), channels.end());
    return answer(DeadlockKind::WaitingForWorkers, culprits);
  }
  if (!channels.empty()) return answer(DeadlockKind::NoPeer, channels);
}

DeadlockKind kind_of_ring(const model::WaitFacts& memory, const std::vector<WaitStep>& ring) {
  for (const WaitStep& step : ring)
    if (!memory.objects[step.object].is_lock()) return DeadlockKind::WaitingForWorkers;
  if (ring.size() > 1) return DeadlockKind::LockOrder;
  return memory.holds[ring[0].hold].reading ? DeadlockKind::RecursiveRLock : DeadlockKind::SelfLock;
}

// False: memory shows neither a ring nor something that nobody will let go of.
bool decide_by_memory(const model::Traceback& traceback, Deadlock& deadlock) {
  const model::WaitFacts& memory = *traceback.waits;
  const auto is_culprit = [&](const auto& rows) {
    for (const Sleeper& sleeper : deadlock.sleepers)
      if (rows(static_cast<std::uint32_t>(sleeper.goroutine - traceback.goroutines.data())))
        deadlock.culprits.push_back(sleeper);
  };
  auto rings = wait_rings(memory);
  if (!rings.empty()) {
    deadlock.kind = kind_of_ring(memory, rings[0]);
    deadlock.ring = std::move(rings[0]);
    deadlock.confidence = 1;
    for (const WaitStep& step : deadlock.ring)
      deadlock.confidence = std::min(deadlock.confidence, memory.holds[step.hold].confidence);
    is_culprit([&](std::uint32_t row) {
      return std::ranges::find(deadlock.ring, row, &WaitStep::goroutine) != deadlock.ring.end();
    });
    return true;
  }
  if (memory.orphans.empty()) return false;
  const std::uint32_t orphan = memory.orphans[0];
  deadlock.kind = memory.objects[orphan].is_lock() ? DeadlockKind::LostUnlock : DeadlockKind::WaitingForWorkers;
  deadlock.confidence = memory.orphan_confidence;
  is_culprit([&](std::uint32_t row) {
    return std::ranges::any_of(memory.edges_of(row), [&](const auto& edge) { return edge.object == orphan; });
  });
  return true;
}

}  // namespace

Deadlock deadlock_of(const model::Traceback& traceback, const model::Symbols& symbols) {
  Deadlock deadlock;
  for (const model::Goroutine& goroutine : traceback.goroutines) {
    const Wait wait = wait_of(traceback, goroutine, symbols);
    if (!goroutine.system && needs_a_peer(wait.kind))
      deadlock.sleepers.push_back({.goroutine = &goroutine, .wait = wait});
  }
  const auto onces = recursive_onces(traceback, symbols);
  if (!onces.empty()) {
    deadlock.kind = DeadlockKind::SelfLock;
    deadlock.culprits = onces;
  } else if (traceback.waits == nullptr || !decide_by_memory(traceback, deadlock)) {
    decide(deadlock);
  }
  return deadlock;
}

std::vector<Sleeper> recursive_onces(const model::Traceback& traceback, const model::Symbols& symbols) {
  std::vector<Sleeper> found;
  for (const model::Goroutine& goroutine : traceback.goroutines) {
    const Wait wait = wait_of(traceback, goroutine, symbols);
    if (wait.in_once && wait.kind == WaitKind::MutexLock && holds_once(traceback, goroutine, symbols))
      found.push_back({.goroutine = &goroutine, .wait = wait});
  }
  return found;
}

}  // namespace gopsy::analyze
