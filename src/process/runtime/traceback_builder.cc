#include "process/runtime/traceback_builder.h"

#include <algorithm>
#include <array>

#include "binary/reader.h"
#include "model/wait_kind.h"
#include "process/runtime/arguments.h"
#include "process/runtime/labels.h"

namespace gopsy::process {
namespace {

constexpr std::int64_t kMinute = 60'000'000'000;
constexpr unsigned kInTurn = 21;  // the version that tells inlined creators, and parents
constexpr std::size_t kAncestorBytes = 40;
constexpr std::uint64_t kMostAncestors = 100;
constexpr std::uint64_t kMostAncestorFrames = 100;
constexpr std::size_t kMostLabelSets = std::size_t{1} << 16;
// Beyond it, stacks keep their innermost frames only: a hostile memory may name millions of deep ones.
constexpr std::size_t kManyFrames = std::size_t{1} << 24;
constexpr std::size_t kFramesOfMany = 16;

std::uint32_t size32(std::size_t size) { return static_cast<std::uint32_t>(size); }

}  // namespace

bool TracebackBuilder::is_system(std::uint64_t start_pc) {
  const auto [known, is_new] = system_starts_.try_emplace(start_pc, false);
  if (!is_new) return known->second;
  known->second = is_runtimes_own(runtime_, start_pc);
  return known->second;
}

std::int64_t TracebackBuilder::thread_number(std::uint64_t m) {
  if (m == 0) return -1;
  const auto id = runtime_.memory->word(m + runtime_.layout.m.id);
  return id && *id <= INT32_MAX ? static_cast<std::int64_t>(*id) : -1;
}

void TracebackBuilder::set_creator(const GoroutineState& state, model::Goroutine& goroutine) {
  if (state.go_pc == 0 || state.id == 1) return;
  const Code* const code = code_.at(state.go_pc, false);
  if (code == nullptr || code->frame_count == 0) return;
  const auto frames = code_.frames_of(*code);
  const CodeFrame& place = frames.front();
  goroutine.created_by = (runtime_.layout.minor >= kInTurn ? frames.front() : frames.back()).function;
  goroutine.created_file = place.file;
  goroutine.created_line = place.line;
  goroutine.creator = state.parent;
}

void TracebackBuilder::add_frame(const StackFrame& frame, StackMemory& memory) {
  Code& code = *frame.code;
  for (const CodeFrame& place : code_.frames_of(code)) {
    model::TracebackFrame& written = traceback_.frames.emplace_back();
    written = {.function = place.function, .args = {}, .file = place.file, .line = place.line};
    written.inlined = place.inlined;
    if (place.inlined) {
      written.args = symbols_.intern("...");
      continue;
    }
    if (!code.arguments.empty()) {
      print_arguments(runtime_, frame, memory, arguments_);
      if (symbols_.text(code.last_arguments) != arguments_) code.last_arguments = symbols_.strings.append(arguments_);
      written.args = code.last_arguments;
    }
    written.pc_offset = static_cast<std::uint32_t>(frame.pc - code.entry);
    traceback_.pointers.push_back({.fp = frame.fp, .sp = frame.sp, .pc = frame.pc});
    written.pointers = size32(traceback_.pointers.size());
  }
}

void TracebackBuilder::add_frames(const WalkedStack& stack, StackMemory& memory, model::Goroutine& goroutine) {
  std::size_t inner = stack.inner;
  goroutine.elided_frames = stack.left_out;
  if (traceback_.frames.size() > kManyFrames && stack.frames.size() > kFramesOfMany) {
    for (std::size_t i = kFramesOfMany; i < stack.frames.size(); ++i)
      goroutine.elided_frames += stack.frames[i].code->frame_count;
    inner = kFramesOfMany;
  }
  for (std::size_t i = 0; i < inner; ++i) add_frame(stack.frames[i], memory);
  if (goroutine.elided_frames != 0) goroutine.elided_after = size32(traceback_.frames.size()) - goroutine.first_frame;
  for (std::size_t i = stack.inner; inner == stack.inner && i < stack.frames.size(); ++i)
    add_frame(stack.frames[i], memory);
  goroutine.frame_count = size32(traceback_.frames.size()) - goroutine.first_frame;
  if (stack.end != WalkedStack::End::Bottom) {
    goroutine.cut = true;
    ++broken_;
  }
}

void TracebackBuilder::add_labels(std::uint64_t address, model::Goroutine& goroutine) {
  if (address == 0) return;
  if (label_sets_.size() >= kMostLabelSets) label_sets_.clear();
  const auto [known, is_new] = label_sets_.try_emplace(address);
  if (is_new) {
    known->second.first_label = size32(traceback_.labels.size());
    for (const auto& [key, value] : read_labels(runtime_, address))
      traceback_.labels.push_back({.key = symbols_.intern(key), .value = symbols_.intern(value)});
    known->second.label_count = size32(traceback_.labels.size()) - known->second.first_label;
  }
  goroutine.first_label = known->second.first_label;
  goroutine.label_count = known->second.label_count;
}

// g.ancestors points to a slice of {pcs slice, goid, gopc}.
void TracebackBuilder::add_ancestors(std::uint64_t address, model::Goroutine& goroutine) {
  if (address == 0) return;
  const Memory& memory = *runtime_.memory;
  const std::uint64_t list = memory.word(address).value_or(0);
  const std::uint64_t count = std::min(memory.word(address + 8).value_or(0), kMostAncestors);
  goroutine.first_ancestor = size32(traceback_.ancestors.size());
  for (std::uint64_t i = 0; i < count; ++i) {
    std::array<char, kAncestorBytes> bytes{};
    if (memory.read(list + i * kAncestorBytes, bytes) != bytes.size()) break;
    const binary::Reader fields({bytes.data(), bytes.size()}, false);
    const auto word = [&](std::uint64_t at) { return fields.get<std::uint64_t>(at).value_or(0); };
    model::Ancestor ancestor{.id = word(24), .first_frame = size32(traceback_.ancestor_frames.size())};
    std::vector<std::uint64_t> pcs(std::min(word(8), kMostAncestorFrames));
    pcs.resize(memory.read(word(0), {reinterpret_cast<char*>(pcs.data()), pcs.size() * 8}) / 8);
    for (const std::uint64_t pc : pcs) {
      const Code* const code = code_.at(pc, false);
      if (code == nullptr || code->frame_count == 0) continue;
      const CodeFrame& place = code_.frames_of(*code).front();
      traceback_.ancestor_frames.push_back({.function = place.function,
                                            .args = symbols_.intern("..."),
                                            .file = place.file,
                                            .line = place.line,
                                            .pc_offset = static_cast<std::uint32_t>(pc - code->entry)});
    }
    ancestor.frame_count = size32(traceback_.ancestor_frames.size()) - ancestor.first_frame;
    if (const Code* const code = code_.at(word(32), false); code != nullptr && code->frame_count > 0) {
      const CodeFrame& place = code_.frames_of(*code).front();
      ancestor.created_by = place.function;
      ancestor.created_file = place.file;
      ancestor.created_line = place.line;
    }
    traceback_.ancestors.push_back(ancestor);
    ++goroutine.ancestors;
  }
}

void TracebackBuilder::add(const ReadGoroutine& read) {
  const GoroutineState& state = read.state;
  model::Goroutine goroutine{.id = state.id, .state = symbols_.intern(state_text(runtime_, state))};
  goroutine.wait = model::wait_kind(symbols_.text(goroutine.state));
  goroutine.locked_to_thread = state.locked;
  goroutine.leaked = state.status == GoroutineState::Leaked;
  goroutine.scanned = state.scanned;
  // Of those that idle their state says it, in texts too.
  goroutine.system = goroutine.wait != model::WaitKind::RuntimeIdle && is_system(state.start_pc);
  goroutine.gp = state.address;
  goroutine.thread = thread_number(state.m);
  if (state.bubble != 0) goroutine.bubble = runtime_.memory->word(state.bubble + kBubbleId).value_or(0);
  goroutine.first_frame = size32(traceback_.frames.size());
  goroutine.cut = read.torn;
  if (read.stack == nullptr) {
    goroutine.other_thread = true;
  } else {
    add_frames(*read.stack, read.memory, goroutine);
  }
  set_creator(state, goroutine);
  add_labels(state.labels, goroutine);
  add_ancestors(state.ancestors, goroutine);
  traceback_.goroutines.push_back(goroutine);
  states_.push_back(state);
}

void TracebackBuilder::add_system_stack(const WalkedStack& stack, StackMemory& memory) {
  model::Goroutine goroutine{.id = 0, .state = symbols_.intern("idle")};
  goroutine.system = true;
  goroutine.first_frame = size32(traceback_.frames.size());
  add_frames(stack, memory, goroutine);
  traceback_.goroutines.push_back(goroutine);
  states_.emplace_back();
}

void TracebackBuilder::set_ages(std::int64_t now_ns) {
  if (now_ns == 0)
    for (const GoroutineState& state : states_)
      now_ns = std::max({now_ns, state.wait_since_ns, state.tracking_stamp_ns});
  for (std::size_t i = 0; i < states_.size(); ++i) {
    const GoroutineState& state = states_[i];
    const bool counts = state.status == GoroutineState::Waiting || state.status == GoroutineState::Syscall;
    if (!counts || state.wait_since_ns <= 0 || state.wait_since_ns > now_ns) continue;
    traceback_.goroutines[i].minutes =
        static_cast<std::uint32_t>(std::min<std::int64_t>((now_ns - state.wait_since_ns) / kMinute, UINT32_MAX));
  }
}

}  // namespace gopsy::process
