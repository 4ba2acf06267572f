#include "process/runtime/waits/wait_reader.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "model/wait_kind.h"
#include "process/runtime/waits/sockets.h"

namespace gopsy::process {
namespace {

using model::DeferredCall;
using model::HoldProof;
using Act = model::WaitEdge::Act;
using Kind = model::WaitObject::Kind;

// Of a hostile memory: no list may fill ours.
constexpr std::size_t kMostRows = std::size_t{1} << 22;

constexpr double kDeferredSure = 0.97;
constexpr double kAheadSure = 0.95;
// Several seem to have what one only can have: a branch was taken for a way that is not gone.
constexpr double kOneOfSeveral = 0.5;
constexpr double kOrphanSure = 0.8;
constexpr double kOrphanWhileItRan = 0.6;

bool is_reading(SyncOp op) { return op == SyncOp::RUnlock; }

// Whether only another goroutine can end the wait; of the others it is no wonder that nothing was found.
bool has_object(model::WaitKind kind) {
  switch (kind) {
    case model::WaitKind::ChanReceive:
    case model::WaitKind::ChanSend:
    case model::WaitKind::Select:
    case model::WaitKind::MutexLock:
    case model::WaitKind::RWMutexRLock:
    case model::WaitKind::RWMutexLock:
    case model::WaitKind::WaitGroupWait:
    case model::WaitKind::CondWait:
    case model::WaitKind::Semacquire:
    case model::WaitKind::IoWait: return true;
    default: return false;
  }
}

}  // namespace

WaitReader::WaitReader(const GoRuntime& runtime, CodeMap& code, model::Symbols& symbols)
    : memory_(*runtime.memory),
      runtime_(runtime),
      code_(code),
      symbols_(symbols),
      sync_(runtime_),
      frames_(runtime_, code, symbols, sync_),
      foresight_(runtime_, sync_),
      finder_(runtime_, frames_) {
  runtime_.memory = &memory_;
}

std::uint32_t WaitReader::object_number(const WaitedFor& waited) {
  const auto [known, is_new] =
      numbers_.try_emplace({waited.kind, waited.address}, static_cast<std::uint32_t>(facts_.objects.size()));
  if (is_new) facts_.objects.push_back({.kind = waited.kind, .address = waited.address, .lock = waited.lock});
  return known->second;
}

// As TracebackBuilder writes them: the inlined calls of each, innermost first, then the function itself.
std::uint32_t WaitReader::frame_index(const WalkedStack& stack, std::size_t frame, std::uint32_t first_frame) const {
  std::uint32_t index = first_frame;
  for (std::size_t i = 0; i <= frame; ++i) index += stack.frames[i].code->frame_count;
  return index - 1;
}

void WaitReader::add(const ReadGoroutine& goroutine, std::uint32_t first_frame) {
  if (goroutine.stack == nullptr || goroutine.torn) {
    ++unknown_stacks_;
    return;
  }
  if (goroutine.stack->end != WalkedStack::End::Bottom || goroutine.stack->left_out != 0) ++unknown_stacks_;
  add_waits(goroutine);
  add_deferred(goroutine, first_frame);
  add_frames(goroutine, first_frame);
}

void WaitReader::add_waits(const ReadGoroutine& goroutine) {
  const auto found = finder_.find(goroutine);
  const bool waits = goroutine.state.status == GoroutineState::Waiting;
  if (found.empty() && waits && has_object(model::wait_kind(state_text(runtime_, goroutine.state))))
    ++facts_.unresolved;
  if (edges_.size() > kMostRows) return;
  bool in_cond = false;
  for (const StackFrame& frame : goroutine.stack->frames) {
    const std::uint16_t marks = frames_.of(*frame.code, frame.pc).marks;
    in_cond = in_cond || (marks & kCondWait) != 0;
    if ((marks & kSyncOnly) == 0) break;
  }
  for (const WaitedFor& waited : found)
    edges_.push_back(
        {.g = goroutine.state.address, .object = object_number(waited), .act = waited.act, .in_cond = in_cond});
}

void WaitReader::add_hold(const ReadGoroutine& goroutine, std::uint32_t frame, const Release& release,
                          HoldProof proof) {
  if (holds_.size() < kMostRows)
    holds_.push_back({.g = goroutine.state.address, .frame = frame, .release = release, .proof = proof});
}

// What the wrapper stands for may have been inlined into it: then it is the outermost of the inlined calls.
bool WaitReader::describe_inlined(const SyncFunction& wrapper, DeferredCall& about) {
  for (const auto& run : runtime_.table->inline_tree(wrapper.start).runs) {
    if (run.call == binary::Pclntab::InlineTree::kNoCall) continue;
    const auto places = runtime_.table->frames(run.start);
    if (places.size() < 2) continue;
    const binary::SourceFrame& inlined = places[places.size() - 2];
    about.function = code_.printed_name(inlined.function);
    about.file = symbols_.intern(inlined.file);
    about.line = static_cast<std::uint32_t>(inlined.start_line);
    return true;
  }
  return false;
}

// What was deferred, where it stands, and whether it recovers.
void WaitReader::describe(std::uint64_t closure, DeferredCall& call) {
  const std::uint64_t entry = runtime_.memory->word(closure).value_or(0);
  const auto [known, is_new] = described_.try_emplace(entry);
  DeferredCall& about = known->second;
  if (is_new) {
    about.recovers = DeferredCall::Recovers::Unknown;
    SyncFunction* function = sync_.function_at(runtime_.to_file(entry));
    // The compiler's wrapper stands for the one function that it calls.
    if (function != nullptr && (function->is_wrapper || function->name.contains(".deferwrap"))) {
      about.recovers = DeferredCall::Recovers::No;
      if (!describe_inlined(*function, about)) {
        SyncFunction* only = nullptr;
        for (const std::uint64_t called : function->calls) {
          SyncFunction* const candidate = sync_.function_at(called);
          if (candidate != nullptr && !candidate->name.starts_with("runtime.")) only = candidate;
        }
        if (only != nullptr) function = only;
      }
    }
    if (function != nullptr) {
      about.recovers = DeferredCall::Recovers::No;
      if (function->recovers) about.recovers = DeferredCall::Recovers::Yes;
      for (std::size_t i = 0; i < function->calls.size() && about.recovers == DeferredCall::Recovers::No; ++i) {
        const SyncFunction* const called = sync_.function_at(function->calls[i]);
        if (called == nullptr || !called->recovers || called->name.starts_with("runtime.")) continue;
        about.recovers = DeferredCall::Recovers::TooDeep;
        about.recover_in = code_.printed_name(called->name);
      }
      const auto places = runtime_.table->frames(function->start);
      if (about.function.none()) about.function = code_.printed_name(function->name);
      if (!places.empty() && about.line == 0) {
        about.file = symbols_.intern(places.back().file);
        about.line = static_cast<std::uint32_t>(places.back().line);
      }
    }
  }
  call.function = about.function;
  call.file = about.file;
  call.line = about.line;
  call.recovers = about.recovers;
  call.recover_in = about.recover_in;
}

void WaitReader::add_deferred(const ReadGoroutine& goroutine, std::uint32_t first_frame) {
  if (goroutine.state.panic != 0) {
    std::uint32_t index = first_frame;
    for (const StackFrame& frame : goroutine.stack->frames) {
      index += frame.code->frame_count;
      const FrameCode& code = frames_.of(*frame.code, frame.pc);
      if (code.defers && !code.has_open_defers) facts_.spent_frames.push_back(index - 1);
    }
  }
  for (const Deferred& deferred : deferred_calls(runtime_, goroutine, frames_)) {
    if (calls_.size() > kMostRows) return;
    const std::uint32_t frame = frame_index(*goroutine.stack, deferred.frame, first_frame);
    Call& call = calls_.emplace_back(Call{.g = goroutine.state.address, .call = {.frame = frame, .ran = deferred.ran}});
    describe(deferred.closure, call.call);
    if (deferred.ran) continue;
    const std::uint64_t sp = goroutine.stack->frames[deferred.frame].sp;
    for (const Release& release : foresight_.of_closure(deferred.closure, sp, goroutine.memory))
      add_hold(goroutine, frame, release, HoldProof::Deferred);
  }
}

void WaitReader::add_frames(const ReadGoroutine& goroutine, std::uint32_t first_frame) {
  std::uint32_t index = first_frame;
  bool in_sync = true;  // in the call by which it waits
  std::uint64_t taking = 0;
  if (!edges_.empty() && edges_.back().g == goroutine.state.address && facts_.objects[edges_.back().object].is_lock())
    taking = facts_.objects[edges_.back().object].address;
  for (const StackFrame& frame : goroutine.stack->frames) {
    index += frame.code->frame_count;
    const FrameCode& code = frames_.of(*frame.code, frame.pc);
    const std::uint64_t taken = in_sync ? taking : 0;
    if ((code.marks & kSyncOnly) == 0) in_sync = false;
    if (!code.may_release) continue;
    for (const Release& release : foresight_.after_call(frame.pc, frame.sp, taken, goroutine.memory))
      add_hold(goroutine, index - 1, release, HoldProof::Ahead);
  }
}

void WaitReader::finish_objects(std::int64_t now_ns) {
  Sockets sockets(runtime_.memory->is_live() ? runtime_.target->pid : 0);
  for (model::WaitObject& object : facts_.objects) {
    read_object(runtime_, object, symbols_);
    if (object.kind == Kind::Timer && now_ns != 0) object.remaining_ns = object.due_ns - now_ns;
    if (object.kind == Kind::Descriptor)
      if (const std::string endpoint = sockets.describe(object.descriptor); !endpoint.empty())
        object.endpoint = symbols_.intern(endpoint);
  }
}

// Who waits inside Cond.Wait has given the lock back, whatever it has deferred; and what the lock itself says goes
// before what code says.
bool WaitReader::can_hold(const Hold& hold, std::uint32_t number) const {
  const model::WaitObject& object = facts_.objects[number];
  for (auto edge = std::ranges::lower_bound(edges_, hold.g, {}, &Edge::g); edge != edges_.end() && edge->g == hold.g;
       ++edge) {
    const model::WaitObject& waits_for = facts_.objects[edge->object];
    if (waits_for.kind == Kind::Cond && waits_for.lock == object.address) return false;
    if (edge->object == number && edge->in_cond) return false;
  }
  if (!object.known) return true;
  switch (object.kind) {
    case Kind::Mutex: return object.locked || runtime_.memory->is_live();
    case Kind::RWMutex: return is_reading(hold.release.op) ? object.readers > 0 : object.writer_waits;
    case Kind::WaitGroup: return object.outstanding > 0;
    default: return true;
  }
}

void WaitReader::finish_holds() {
  for (const Hold& hold : holds_) {
    const bool done = hold.release.op == SyncOp::Done;
    for (const Kind kind : {Kind::Mutex, Kind::RWMutex, Kind::WaitGroup}) {
      if ((kind == Kind::WaitGroup) != done) continue;
      const auto number = numbers_.find({kind, hold.release.address});
      const auto row = rows_.find(hold.g);
      if (number == numbers_.end() || row == rows_.end() || !can_hold(hold, number->second)) continue;
      facts_.holds.push_back({.goroutine = row->second,
                              .object = number->second,
                              .frame = hold.frame,
                              .proof = hold.proof,
                              .reading = is_reading(hold.release.op),
                              .confidence = hold.proof == HoldProof::Deferred ? kDeferredSure : kAheadSure});
    }
  }
  auto& holds = facts_.holds;
  // The same by two proofs is once: the better one.
  std::ranges::stable_sort(
      holds, {}, [](const model::LockHold& hold) { return std::tuple(hold.object, hold.goroutine, -hold.confidence); });
  const auto repeated = std::ranges::unique(
      holds, {}, [](const model::LockHold& hold) { return std::pair(hold.object, hold.goroutine); });
  holds.erase(repeated.begin(), repeated.end());
  for (std::size_t i = 0; i < holds.size();) {
    std::size_t end = i;
    std::size_t alone = 0;  // that would have it for themselves
    for (; end < holds.size() && holds[end].object == holds[i].object; ++end)
      if (!holds[end].reading && facts_.objects[holds[end].object].is_lock()) ++alone;
    for (std::size_t k = i; k < end && alone > 1; ++k)
      if (!holds[k].reading) holds[k].confidence = kOneOfSeveral;
    i = end;
  }
  std::ranges::stable_sort(holds, {},
                           [](const model::LockHold& hold) { return std::pair(hold.object, -hold.confidence); });
}

// A lock that is locked, or a WaitGroup that waits, and no stack will let go of it. Only where all stacks were read:
// one that is not known may be it.
void WaitReader::find_orphans() {
  if (unknown_stacks_ != 0 || foresight_.gave_up() || foresight_.unseen() != 0) return;
  facts_.orphan_confidence = runtime_.memory->is_live() ? kOrphanWhileItRan : kOrphanSure;
  for (std::uint32_t i = 0; i < facts_.objects.size(); ++i) {
    const model::WaitObject& object = facts_.objects[i];
    if (!object.known || !facts_.holds_of(i).empty()) continue;
    const bool taken = (object.kind == Kind::Mutex && object.locked) ||
                       (object.kind == Kind::RWMutex && (object.locked || object.leaving > 0)) ||
                       (object.kind == Kind::WaitGroup && object.outstanding > 0);
    if (taken) facts_.orphans.push_back(i);
  }
}

std::shared_ptr<const model::WaitFacts> WaitReader::finish(const model::Traceback& traceback, std::int64_t now_ns) {
  for (std::uint32_t row = 0; row < traceback.goroutines.size(); ++row)
    if (traceback.goroutines[row].gp != 0) rows_.emplace(traceback.goroutines[row].gp, row);
  std::ranges::stable_sort(edges_, {}, &Edge::g);
  finish_objects(now_ns);
  finish_holds();
  find_orphans();
  for (const Edge& edge : edges_)
    if (const auto row = rows_.find(edge.g); row != rows_.end())
      facts_.edges.push_back({.goroutine = row->second, .object = edge.object, .act = edge.act});
  for (const Call& call : calls_) {
    const auto row = rows_.find(call.g);
    if (row == rows_.end()) continue;
    facts_.deferred.push_back(call.call);
    facts_.deferred.back().goroutine = row->second;
  }
  std::ranges::stable_sort(facts_.edges, {}, &model::WaitEdge::goroutine);
  std::ranges::stable_sort(facts_.deferred, {}, &DeferredCall::goroutine);
  return std::make_shared<const model::WaitFacts>(std::move(facts_));
}

}  // namespace gopsy::process
