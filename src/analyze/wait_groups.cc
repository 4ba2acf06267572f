#include "analyze/wait_groups.h"

#include <algorithm>
#include <unordered_map>

#include "analyze/deadlock.h"
#include "analyze/lock_holders.h"
#include "analyze/memory_waits.h"
#include "model/arguments.h"

namespace gopsy::analyze {
namespace {

using model::WaitKind;

bool is_lock_wait(WaitKind kind) {
  return kind == WaitKind::MutexLock || kind == WaitKind::RWMutexLock || kind == WaitKind::RWMutexRLock;
}

bool is_channel_wait(WaitKind kind) { return kind == WaitKind::ChanReceive || kind == WaitKind::ChanSend; }

// Of a method, its receiver where the runtime vouches for it.
std::optional<std::uint64_t> receiver_of(const model::TracebackFrame& frame, const model::Symbols& symbols) {
  if (receiver_type(symbols.text(frame.function)).empty()) return std::nullopt;
  const auto words = model::fresh_words(symbols.text(frame.args));
  return words.empty() ? std::nullopt : words[0];
}

struct Key {
  std::uint64_t number = 0;  ///< an address, or a receiver
  StringId function;         ///< whose receiver it is; none for an address
  friend bool operator==(const Key&, const Key&) = default;
};

struct KeyHash {
  std::size_t operator()(const Key& key) const {
    return (key.number ^ std::uint64_t{key.function.value} << 40) * 0x9E3779B97F4A7C15ULL;
  }
};

class Builder {
 public:
  Builder(const Snapshot& snapshot, const model::Symbols& symbols) : snapshot_(snapshot), symbols_(symbols) {}

  WaitGroups build() {
    const auto& goroutines = snapshot_.traceback->goroutines;
    for (std::uint32_t row = 0; row < goroutines.size(); ++row) {
      const Wait& wait = snapshot_.facts[row].wait;
      if (wait.in_once) onces_ = true;
      if (wait.place == nullptr || goroutines[row].system) continue;
      if (is_channel_wait(wait.kind) && wait.address) join({.number = *wait.address, .function = {}}, row, wait);
      if (is_lock_wait(wait.kind)) lock(row, wait);
    }
    std::ranges::stable_sort(result_.groups, std::ranges::greater{},
                             [](const WaitGroupOf& g) { return g.waiters.size(); });
    find_holders(snapshot_, symbols_, result_.groups);
    result_.cycles = wait_cycles(snapshot_, result_.groups);
    if (onces_)
      for (const Sleeper& sleeper : analyze::recursive_onces(*snapshot_.traceback, symbols_))
        result_.recursive_onces.push_back(static_cast<std::uint32_t>(sleeper.goroutine - goroutines.data()));
    return std::move(result_);
  }

 private:
  // Readers of an RWMutex show no address, its writers do: the receiver that both have joins them.
  void lock(std::uint32_t row, const Wait& wait) {
    const auto receiver = receiver_of(*wait.place, symbols_);
    if (wait.address) {
      WaitGroupOf& group = join({.number = *wait.address, .function = {}}, row, wait);
      if (receiver && !group.value) group.value = receiver;
    } else if (receiver && *receiver != 0) {
      WaitGroupOf& group = join({.number = *receiver, .function = wait.place->function}, row, wait);
      group.address.reset();
      group.value = receiver;
    }
  }

  WaitGroupOf& join(Key key, std::uint32_t row, const Wait& wait) {
    const auto [found, is_new] = numbers_.try_emplace(key, result_.groups.size());
    if (is_new)
      result_.groups.push_back(
          {.is_lock = is_lock_wait(wait.kind), .address = wait.address, .kind = wait.kind, .place = wait.place});
    WaitGroupOf& group = result_.groups[found->second];
    group.waiters.push_back(row);
    if (wait.kind == WaitKind::ChanSend) ++group.senders;
    return group;
  }

  const Snapshot& snapshot_;
  const model::Symbols& symbols_;
  std::unordered_map<Key, std::size_t, KeyHash> numbers_;
  WaitGroups result_;
  bool onces_ = false;
};

}  // namespace

double confidence_of(HolderProof proof) {
  switch (proof) {
    case HolderProof::None: return 0;
    case HolderProof::SameFamily: return 0.5;
    case HolderProof::SameValue: return 0.6;
    case HolderProof::SameFunction: return 0.75;
    case HolderProof::SameFunctionAndValue: return 0.9;
    case HolderProof::OneOfSeveral: return 0.5;
    case HolderProof::UnlockAhead: return 0.95;
    case HolderProof::UnlockDeferred: return 0.97;
  }
  return 0;
}

WaitGroups wait_groups(const Snapshot& snapshot, const model::Symbols& symbols) {
  return snapshot.traceback->waits != nullptr ? memory_wait_groups(snapshot, symbols)
                                              : Builder(snapshot, symbols).build();
}

}  // namespace gopsy::analyze
