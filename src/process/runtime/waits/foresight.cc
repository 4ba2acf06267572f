#include "process/runtime/waits/foresight.h"

#include <algorithm>
#include <utility>

namespace gopsy::process {
namespace {

using binary::FlowInstruction;
using binary::FlowOperand;
using Kind = FlowInstruction::Kind;

constexpr std::uint64_t kStackSpan = std::uint64_t{1} << 30;
constexpr std::uint64_t kReaderCount = 16;  // of an RWMutex: what RLock and RUnlock change where they are inlined

}  // namespace

Foresight::Foresight(const GoRuntime& runtime, SyncCode& code)
    : runtime_(runtime), code_(code), registers_(binary::flow_registers(runtime.target->object->elf().machine())) {}

std::vector<Release> Foresight::after_call(std::uint64_t pc, std::uint64_t sp, std::uint64_t taken,
                                           StackMemory& stack) {
  found_.clear();
  SyncFunction* const function = code_.function_at(runtime_.to_file(pc));
  if (function == nullptr || gave_up()) return {};
  code_.decode(*function);
  const std::uint32_t row = function->row_of(runtime_.to_file(pc));
  if (row == SyncFunction::kOutside) return {};
  stack_ = &stack;
  low_ = sp;
  limit_ = steps_ + kMostSteps;
  State state;
  state.registers[registers_.stack] = sp;
  if (taken != 0) {
    state.taken.push_back({.lock = {.address = taken, .op = SyncOp::Unlock}, .count = 1});
    state.taken.push_back({.lock = {.address = taken, .op = SyncOp::RUnlock}, .count = 1});
  }
  run(*function, row, std::move(state), 0);
  return std::move(found_);
}

std::vector<Release> Foresight::of_closure(std::uint64_t closure, std::uint64_t sp, StackMemory& stack) {
  found_.clear();
  stack_ = &stack;
  low_ = sp;
  limit_ = steps_ + kMostSteps;
  const auto entry = runtime_.memory->word(closure);
  SyncFunction* const function = entry ? code_.function_at(runtime_.to_file(*entry)) : nullptr;
  if (function == nullptr || function->start != runtime_.to_file(*entry) || gave_up()) return {};
  code_.decode(*function);
  State state;
  state.registers[registers_.closure] = closure;
  // Where the function's own frame will be: nothing that it reads before it wrote it is of interest.
  state.registers[registers_.stack] = sp;
  run(*function, 0, std::move(state), 0);
  return std::move(found_);
}

Foresight::Word Foresight::load(std::uint64_t address, const State& state) {
  for (auto stored = state.stored.rbegin(); stored != state.stored.rend(); ++stored) {
    if (stored->address == address) return stored->value;
    // Half over it: neither the old word nor the new one.
    if (stored->address < address + 8 && address < stored->address + 8) return std::nullopt;
  }
  return address >= low_ && address - low_ < kStackSpan ? stack_->word(address) : runtime_.memory->word(address);
}

void Foresight::store(std::uint64_t address, Word value, State& state) {
  if (state.stored.size() >= kMostStored) state.stored.erase(state.stored.begin());
  state.stored.push_back({.address = address, .value = value});
}

Foresight::Word Foresight::address_of(const FlowOperand& place, const State& state) const {
  auto address = static_cast<std::uint64_t>(place.number);
  if (place.reg == FlowOperand::kNoRegister) {
    // Relative to the instruction, or a number: the file's address either way.
    address += runtime_.bias;
  } else {
    if (place.reg >= state.registers.size() || !state.registers[place.reg]) return std::nullopt;
    address += *state.registers[place.reg];
  }
  if (place.index != FlowOperand::kNoRegister) {
    if (place.index >= state.registers.size() || !state.registers[place.index]) return std::nullopt;
    address += *state.registers[place.index] * place.scale;
  }
  return address;
}

Foresight::Word Foresight::value(const FlowOperand& from, const State& state) {
  switch (from.kind) {
    case FlowOperand::Kind::Number: return static_cast<std::uint64_t>(from.number);
    case FlowOperand::Kind::Register:
      return from.reg < state.registers.size() ? state.registers[from.reg] : std::nullopt;
    case FlowOperand::Kind::Memory: {
      const Word address = address_of(from, state);
      return address ? load(*address, state) : std::nullopt;
    }
    case FlowOperand::Kind::None: break;
  }
  return std::nullopt;
}

void Foresight::execute(const FlowInstruction& one, State& state) {
  const auto put = [&](Word word) {
    if (one.to.kind == FlowOperand::Kind::Register && one.to.reg < state.registers.size()) {
      state.registers[one.to.reg] = word;
    } else if (one.to.kind == FlowOperand::Kind::Memory) {
      if (const Word address = address_of(one.to, state)) store(*address, word, state);
    }
  };
  Word& top = state.registers[registers_.stack];
  switch (one.kind) {
    case Kind::Copy: put(value(one.from, state)); return;
    case Kind::Address: put(address_of(one.from, state)); return;
    case Kind::Push:
      if (top) {
        const Word word = value(one.from, state);
        *top -= 8;
        store(*top, word, state);
      }
      return;
    case Kind::Pop:
      put(top ? load(*top, state) : std::nullopt);
      if (top) *top += 8;
      return;
    default: break;
  }
  // The stack pointer moves by numbers only, which are told.
  for (std::uint8_t i = 0; i < state.registers.size(); ++i)
    if ((one.written >> i & 1U) != 0 && i != registers_.stack) state.registers[i].reset();
  if (one.to.kind == FlowOperand::Kind::Memory && one.kind == Kind::Other)
    if (const Word address = address_of(one.to, state); address && one.written == 0)
      store(*address, std::nullopt, state);
}

// `before`: the registers as the call has them.
void Foresight::apply(SyncOp op, Word address, const State& before, State& state) {
  if (!address) {
    if (op != SyncOp::Lock && op != SyncOp::RLock) ++unseen_;
    return;
  }
  bool acquires = op == SyncOp::Lock || op == SyncOp::RLock;
  SyncOp release = op;
  if (op == SyncOp::Lock) release = SyncOp::Unlock;
  if (op == SyncOp::RLock) release = SyncOp::RUnlock;
  if (op == SyncOp::Add) {
    const Word amount = before.registers[registers_.second];
    acquires = !amount || static_cast<std::int64_t>(*amount) > 0;
    release = SyncOp::Done;
  }
  const Release lock{.address = *address, .op = release};
  const auto taken = std::ranges::find(state.taken, lock, &Taken::lock);
  if (acquires) {
    if (taken != state.taken.end()) {
      ++taken->count;
    } else if (state.taken.size() < kMostTaken) {
      state.taken.push_back({.lock = lock, .count = 1});
    }
  } else if (taken != state.taken.end() && taken->count > 0) {
    --taken->count;
  } else if (std::ranges::find(found_, lock) == found_.end()) {
    found_.push_back(lock);
  }
}

void Foresight::call(SyncFunction& function, std::uint32_t row, State& state, unsigned depth) {
  const FlowInstruction& one = function.code[row];
  std::uint64_t entry = one.target;
  if (entry == 0)
    if (const Word called = value(one.from, state)) entry = runtime_.to_file(*called);
  SyncOp op = function.ops[row];
  if (op == SyncOp::None) op = code_.op_of(entry);
  std::vector<Taken> taken = state.taken;
  if (op != SyncOp::None) {
    apply(op, state.registers[registers_.receiver], state, state);
    taken = state.taken;
  } else if (entry != 0 && depth + 1 < kDeepest) {
    SyncFunction* const called = code_.function_at(entry);
    const bool concerned = called != nullptr && (called->uses_locks || called->is_wrapper);
    if (concerned && called->start == entry && called != &function) {
      code_.decode(*called);
      State inside = state;
      Word& top = inside.registers[registers_.stack];
      if (registers_.pushes_return && top) *top -= 8;
      taken = run(*called, 0, std::move(inside), depth + 1).taken;
    }
  }
  // A call leaves no register as it was, but for where the stack is.
  const Word top = state.registers[registers_.stack];
  state.registers.fill(std::nullopt);
  state.registers[registers_.stack] = top;
  state.taken = std::move(taken);
}

// Each row is followed once, by the way that comes to it first: straight ahead goes before a jump. Yields the state at
// the first return.
Foresight::State Foresight::run(SyncFunction& function, std::uint32_t row, State state, unsigned depth) {
  std::vector<bool> seen(function.code.size());
  std::vector<std::pair<std::uint32_t, State>> work;
  State result = state;
  bool returned = false;
  work.emplace_back(row, std::move(state));
  while (!work.empty()) {
    auto [at, now] = std::move(work.back());
    work.pop_back();
    while (at < function.code.size() && !seen[at] && steps_ < limit_) {
      seen[at] = true;
      ++steps_;
      const FlowInstruction& one = function.code[at];
      const SyncOp op = function.ops[at];
      if (op == SyncOp::Ends || one.kind == Kind::Trap) break;
      if (one.kind == Kind::Return) {
        if (!returned) result = std::move(now);
        returned = true;
        break;
      }
      if (one.kind == Kind::Call) {
        call(function, at, now, depth);
      } else if (one.kind == Kind::Jump) {
        at = function.lead[at];  // kOutside ends it
        continue;
      } else if (one.kind == Kind::Branch) {
        if (function.lead[at] != SyncFunction::kOutside && !seen[function.lead[at]])
          work.emplace_back(function.lead[at], now);
      } else {
        if (op != SyncOp::None) {
          Word place = address_of(one.to, now);
          if (place && (op == SyncOp::RLock || op == SyncOp::RUnlock)) *place -= kReaderCount;
          apply(op, place, now, now);
        }
        execute(one, now);
      }
      ++at;
    }
  }
  return result;
}

}  // namespace gopsy::process
