#include "analyze/snapshots.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "analyze/crash.h"
#include "base/format.h"
#include "model/wait_facts.h"

namespace gopsy::analyze {
namespace {

using model::Goroutine;
using model::Symbols;
using model::Traceback;
using model::TracebackFrame;
using model::WaitKind;

struct LeafState {
  std::string_view function;
  std::string_view state;
  WaitKind wait;
};

// What a goroutine of a profile waits for: the first of these functions from the leaf on. Source: the callers of
// gopark in runtime/chan.go, select.go, sema.go, netpoll.go, time.go; debug=1 hides the runtime's, so sync's stand here
// too.
constexpr std::array kLeafStates{
    LeafState{"runtime.chanrecv", "chan receive", WaitKind::ChanReceive},
    LeafState{"runtime.chansend", "chan send", WaitKind::ChanSend},
    LeafState{"runtime.selectgo", "select", WaitKind::Select},
    LeafState{"runtime.block", "select (no cases)", WaitKind::SelectNoCases},
    LeafState{"runtime.netpollblock", "IO wait", WaitKind::IoWait},
    LeafState{"internal/poll.runtime_pollWait", "IO wait", WaitKind::IoWait},
    LeafState{"time.Sleep", "sleep", WaitKind::Sleep},
    LeafState{"sync.(*Cond).Wait", "sync.Cond.Wait", WaitKind::CondWait},
    LeafState{"sync.(*WaitGroup).Wait", "sync.WaitGroup.Wait", WaitKind::WaitGroupWait},
    LeafState{"sync.(*RWMutex).RLock", "sync.RWMutex.RLock", WaitKind::RWMutexRLock},
    LeafState{"sync.(*RWMutex).Lock", "sync.RWMutex.Lock", WaitKind::RWMutexLock},
    LeafState{"sync.(*Mutex).Lock", "sync.Mutex.Lock", WaitKind::MutexLock},
    LeafState{"internal/sync.(*Mutex).Lock", "sync.Mutex.Lock", WaitKind::MutexLock},
    LeafState{"syscall.Syscall", "syscall", WaitKind::Syscall},
    LeafState{"syscall.Syscall6", "syscall", WaitKind::Syscall},
    LeafState{"runtime/pprof.runtime_goroutineProfileWithLabels", "running", WaitKind::Running},
    LeafState{"runtime/pprof.writeGoroutineStacks", "running", WaitKind::Running},
};

class ProfileReader {
 public:
  ProfileReader(const model::Evidence& evidence, Symbols& symbols)
      : evidence_(evidence), profile_(*evidence.profile), symbols_(symbols) {}

  Snapshot read() {
    auto traceback = std::make_shared<Traceback>();
    Snapshot snapshot{.evidence = &evidence_, .time_ns = profile_.time_ns};
    const std::size_t column = profile_.default_column();
    const bool leaked = symbols_.text(profile_.types[column].type) == "goroutineleak";
    for (std::size_t i = 0; i < profile_.sample_count(); ++i) {
      const std::int64_t count = profile_.value(i, column);
      if (count <= 0) continue;
      Goroutine goroutine{.leaked = leaked};
      goroutine.first_frame = static_cast<std::uint32_t>(traceback->frames.size());
      for (const std::uint32_t location : profile_.stack(i)) add_frames(profile_.locations[location], *traceback);
      goroutine.frame_count = static_cast<std::uint32_t>(traceback->frames.size()) - goroutine.first_frame;
      goroutine.first_label = static_cast<std::uint32_t>(traceback->labels.size());
      for (auto l = profile_.label_start[i]; l < profile_.label_start[i + 1]; ++l)
        if (profile_.labels[l].text)
          traceback->labels.push_back({.key = profile_.labels[l].key, .value = profile_.labels[l].text});
      goroutine.label_count = static_cast<std::uint32_t>(traceback->labels.size()) - goroutine.first_label;
      name_state(traceback->frames_of(goroutine), goroutine);
      traceback->goroutines.push_back(goroutine);
      snapshot.counts.push_back(static_cast<std::uint64_t>(count));
      snapshot.samples.push_back(static_cast<std::uint32_t>(i));
    }
    snapshot.made = traceback;
    snapshot.traceback = traceback.get();
    return snapshot;
  }

 private:
  // Innermost first, as a location lists what was inlined into it; the goroutine's birth says nothing.
  void add_frames(const model::Profile::Location& location, Traceback& traceback) {
    for (std::uint32_t i = 0; i < location.line_count; ++i) {
      const auto& line = profile_.lines[location.first_line + i];
      const auto& function = profile_.functions[line.function];
      const StringId name = function.name ? function.name : function.system_name;
      if (symbols_.text(name) == "runtime.goexit") continue;
      traceback.frames.push_back(
          {.function = name,
           .file = function.file,
           .line = static_cast<std::uint32_t>(std::clamp<std::int64_t>(line.line, 0, UINT32_MAX)),
           .inlined = i + 1 != location.line_count});
    }
    if (location.line_count == 0)
      traceback.frames.push_back({.function = symbols_.intern(fmt::format("{:#x}", location.address))});
  }

  void name_state(std::span<const TracebackFrame> frames, Goroutine& goroutine) {
    if (leaf_states_.empty())
      for (const LeafState& leaf : kLeafStates) leaf_states_.emplace(symbols_.intern(leaf.function), &leaf);
    const LeafState* state = nullptr;
    bool own = false;
    for (const TracebackFrame& frame : frames) {
      own |= symbols_.origin(frame.function) == 0;
      if (own) break;
      const auto found = leaf_states_.find(frame.function);
      if (found == leaf_states_.end()) continue;
      // RWMutex.Lock locks a Mutex inside: the outermost of sync's methods is what the program called.
      if (state != nullptr && (symbols_.origin(frame.function) & model::Origin::Sync) == 0) break;
      state = found->second;
    }
    if (state == nullptr) return;
    goroutine.state = symbols_.intern(state->state);
    goroutine.wait = state->wait;
  }

  const model::Evidence& evidence_;
  const model::Profile& profile_;
  Symbols& symbols_;
  std::unordered_map<StringId, const LeafState*> leaf_states_;
};

// A deadlock, a SIGQUIT or a SIGTERM is nobody's crash.
bool ended_by_a_goroutine(const Crash& crash) {
  switch (crash.kind) {
    case CrashKind::Deadlock:
    case CrashKind::MainGoexit:
    case CrashKind::Sigquit:
    case CrashKind::Terminated: return false;
    default: return crash.traceback->fatal_end();
  }
}

GoroutineFacts facts_of(const Traceback& traceback, const Goroutine& goroutine, const Symbols& symbols) {
  GoroutineFacts facts{.wait = wait_of(traceback, goroutine, symbols)};
  const auto frames = traceback.frames_of(goroutine);
  if (frames.empty()) return facts;
  const auto own = std::ranges::find_if(frames, [&](const auto& frame) { return symbols.origin(frame.function) == 0; });
  facts.user = own != frames.end() ? &*own : &frames.back();
  return facts;
}

// What memory says goes before what the frames say.
void ask_memory(const model::WaitFacts& memory, std::uint32_t row, Wait& wait) {
  const auto edges = memory.edges_of(row);
  if (edges.size() != 1) return;
  const model::WaitObject& object = memory.objects[edges[0].object];
  switch (object.kind) {
    case model::WaitObject::Kind::Mutex: wait.kind = WaitKind::MutexLock; break;
    case model::WaitObject::Kind::RWMutex:
      wait.kind = edges[0].act == model::WaitEdge::Act::ReadLock ? WaitKind::RWMutexRLock : WaitKind::RWMutexLock;
      break;
    case model::WaitObject::Kind::WaitGroup: wait.kind = WaitKind::WaitGroupWait; break;
    case model::WaitObject::Kind::Channel: break;
    default: return;
  }
  wait.address = object.address;
}

void finish(Snapshot& snapshot, const Symbols& symbols) {
  const auto& goroutines = snapshot.traceback->goroutines;
  snapshot.facts.reserve(goroutines.size());
  for (std::size_t i = 0; i < goroutines.size(); ++i) {
    snapshot.facts.push_back(facts_of(*snapshot.traceback, goroutines[i], symbols));
    if (snapshot.traceback->waits != nullptr)
      ask_memory(*snapshot.traceback->waits, static_cast<std::uint32_t>(i), snapshot.facts.back().wait);
    snapshot.total += std::min(snapshot.count(i), UINT64_MAX - snapshot.total);
  }
}

}  // namespace

bool Snapshot::single() const {
  return !is_profile() &&
         (traceback->cause == model::Cause::Recovered || (traceback->fatal_end() && traceback->goroutines.size() == 1));
}

std::uint64_t depth_of(const Goroutine& goroutine) {
  if (goroutine.elided_frames == Goroutine::kElidedUnknown) return goroutine.frame_count;
  return goroutine.frame_count + std::min(goroutine.elided_frames, UINT64_MAX - goroutine.frame_count);
}

bool counts_goroutines(const model::Profile& profile, const Symbols& symbols) {
  if (profile.types.empty()) return false;
  const std::string_view type = symbols.text(profile.types[profile.default_column()].type);
  return type == "goroutine" || type == "goroutineleak" || type == "goroutines";
}

std::vector<Snapshot> snapshots_of(model::Incident& incident) {
  std::vector<Snapshot> snapshots;
  const auto crashes = crashes_of(incident);
  std::size_t crash = 0;
  for (const auto& evidence : incident.evidence) {
    const std::size_t before = snapshots.size();
    if (evidence.profile && counts_goroutines(*evidence.profile, incident.symbols))
      snapshots.push_back(ProfileReader(evidence, incident.symbols).read());
    for (std::size_t i = 0; evidence.log && i < evidence.log->tracebacks.size(); ++i) {
      const Traceback& traceback = evidence.log->tracebacks[i];
      const Crash& of = crashes[crash++];
      if (traceback.goroutines.empty()) continue;
      snapshots.push_back({.evidence = &evidence,
                           .traceback = &traceback,
                           .crashed = ended_by_a_goroutine(of) ? of.goroutine : nullptr,
                           .all_asleep = of.kind == CrashKind::Deadlock});
    }
    const bool several = snapshots.size() > before + 1;
    for (std::size_t i = before; i < snapshots.size(); ++i) {
      Snapshot& snapshot = snapshots[i];
      snapshot.name = several ? fmt::format("{}:{}", evidence.path, snapshot.traceback->first_line) : evidence.path;
      // The time of a log is that of its last line: of its last traceback, if anything.
      if (snapshot.time_ns == 0 && !several) snapshot.time_ns = evidence.time_ns;
      finish(snapshot, incident.symbols);
    }
  }
  return snapshots;
}

std::size_t snapshot_to_show(const std::vector<Snapshot>& snapshots) {
  std::size_t chosen = 0;
  const auto rank = [](const Snapshot& s) { return s.single() ? 0 : s.traceback->fatal_end() ? 2 : 1; };
  for (std::size_t i = 1; i < snapshots.size(); ++i)
    if (rank(snapshots[i]) >= rank(snapshots[chosen])) chosen = i;
  return chosen;
}

}  // namespace gopsy::analyze
