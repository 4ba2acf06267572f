#include "process/runtime/waits/sync_code.h"

#include <algorithm>
#include <array>
#include <utility>

#include "binary/reader.h"

namespace gopsy::process {
namespace {

using binary::FlowInstruction;
using Kind = FlowInstruction::Kind;

constexpr std::uint64_t kMostCode = std::uint64_t{1} << 20;  // of one function: more is no Go function
constexpr unsigned kMostChain = 64;
constexpr unsigned kSlowPathWithin = 12;
constexpr unsigned kMostLooked = 100;
constexpr std::uint8_t kMostHeld = 8;  // locks that one function has at a time

constexpr std::array kOperations{
    std::pair{std::string_view("Mutex).Lock"), SyncOp::Lock},
    std::pair{std::string_view("Mutex).Unlock"), SyncOp::Unlock},
    std::pair{std::string_view("RWMutex).Lock"), SyncOp::Lock},
    std::pair{std::string_view("RWMutex).Unlock"), SyncOp::Unlock},
    std::pair{std::string_view("RWMutex).RLock"), SyncOp::RLock},
    std::pair{std::string_view("RWMutex).RUnlock"), SyncOp::RUnlock},
    std::pair{std::string_view("WaitGroup).Add"), SyncOp::Add},
    std::pair{std::string_view("WaitGroup).Done"), SyncOp::Done},
};

SyncOp operation_named(std::string_view name) {
  for (const std::string_view package : {std::string_view("internal/sync.(*"), std::string_view("sync.(*")}) {
    if (!name.starts_with(package)) continue;
    name.remove_prefix(package.size());
    for (const auto& [method, op] : kOperations)
      if (name == method) return op;
    return SyncOp::None;
  }
  // What does not come back leads nowhere, though more code stands behind the call.
  for (const std::string_view end : {"runtime.gopanic", "runtime.panic", "runtime.goPanic", "runtime.throw",
                                     "runtime.fatal", "runtime.morestack", "runtime.Goexit", "os.Exit"})
    if (name.starts_with(end)) return SyncOp::Ends;
  return SyncOp::None;
}

bool is_release(SyncOp op) {
  return op == SyncOp::Unlock || op == SyncOp::RUnlock || op == SyncOp::Done || op == SyncOp::Add;
}

bool is_acquisition(SyncOp op) { return op == SyncOp::Lock || op == SyncOp::RLock; }

// Of an address of the function: which operation, if any, was inlined there. The outermost of a chain counts: RWMutex
// locks a Mutex inside.
class Inlined {
 public:
  explicit Inlined(binary::Pclntab::InlineTree tree) : tree_(std::move(tree)) {
    for (const auto& call : tree_.calls) names_.push_back(operation_named(call.name));
  }

  [[nodiscard]] bool has_any() const {
    return std::ranges::any_of(names_, [](SyncOp op) { return op != SyncOp::None && op != SyncOp::Ends; });
  }

  [[nodiscard]] SyncOp at(std::uint64_t address) const {
    SyncOp op = SyncOp::None;
    for (unsigned depth = 0; depth < kMostChain; ++depth) {
      const auto run = std::ranges::upper_bound(tree_.runs, address, {}, &binary::Pclntab::InlineRun::end);
      if (run == tree_.runs.end() || address < run->start || run->call >= tree_.calls.size()) break;
      if (names_[run->call] != SyncOp::None) op = names_[run->call];
      address = tree_.calls[run->call].made_at;
    }
    return op;
  }

 private:
  binary::Pclntab::InlineTree tree_;
  std::vector<SyncOp> names_;
};

bool is_of_lock(SyncOp op) {
  return op == SyncOp::Lock || op == SyncOp::Unlock || op == SyncOp::RLock || op == SyncOp::RUnlock;
}

// Compilers give some atomic instructions the place of the caller. The call of the slow path, a few instructions behind
// it at most, always stands where it was inlined.
SyncOp by_slow_path(const SyncFunction& function, std::uint32_t row, const Inlined& inlined) {
  std::vector<std::pair<std::uint32_t, unsigned>> work{{row + 1, 0U}};
  unsigned looked = 0;
  while (!work.empty() && looked < kMostLooked) {
    auto [at, distance] = work.back();
    work.pop_back();
    for (; at < function.code.size() && distance < kSlowPathWithin; ++at, ++distance, ++looked) {
      const FlowInstruction& one = function.code[at];
      if (one.kind == Kind::Call) {
        const SyncOp op = inlined.at(one.address);
        if (is_of_lock(op)) return op;
        break;
      }
      if (one.kind == Kind::Atomic || one.kind == Kind::Return || one.kind == Kind::Trap) break;
      if (function.lead[at] != SyncFunction::kOutside) work.emplace_back(function.lead[at], distance + 1);
      if (one.kind == Kind::Jump) break;
    }
  }
  return SyncOp::None;
}

}  // namespace

std::uint32_t SyncFunction::row_of(std::uint64_t address) const {
  const auto found = std::ranges::lower_bound(code, address, {}, &FlowInstruction::address);
  return found == code.end() || found->address != address ? kOutside : static_cast<std::uint32_t>(found - code.begin());
}

SyncCode::SyncCode(const GoRuntime& runtime) : runtime_(runtime), machine_(runtime.target->object->elf().machine()) {
  find_operations();
}

void SyncCode::find_operations() {
  const binary::Pclntab& table = *runtime_.table;
  entries_.reserve(table.function_count());
  for (std::size_t i = 0; i < table.function_count(); ++i) {
    const auto function = table.function(i);
    entries_.push_back(function.start);
    if (const SyncOp op = operation_named(function.name); op != SyncOp::None) operations_.emplace(function.start, op);
    if (function.name == "runtime.gorecover") recover_ = function.start;
    // Methods as values are always wrapped, so the first one tells the number that wrappers have in this version.
    if (wrapper_id_ < 0 && function.name.ends_with("-fm"))
      if (const auto unwind = table.unwind(function.start, function.start)) wrapper_id_ = unwind->id;
  }
  std::ranges::sort(entries_);
}

SyncOp SyncCode::op_of(std::uint64_t entry) const {
  const auto found = operations_.find(entry);
  return found == operations_.end() ? SyncOp::None : found->second;
}

void SyncCode::find_calls(SyncFunction& function) const {
  const std::string_view bytes =
      runtime_.target->object->elf().memory(function.start, std::min(function.end - function.start, kMostCode));
  const binary::Reader code(bytes, false);
  const auto add = [&](std::uint64_t target) {
    if (target != function.start && std::ranges::binary_search(entries_, target)) function.calls.push_back(target);
  };
  if (machine_ == binary::Machine::Arm64) {
    for (std::uint64_t at = 0; at + 4 <= bytes.size(); at += 4) {
      const std::uint32_t word = code.get<std::uint32_t>(at).value_or(0);
      if (word >> 26 != 0x25) continue;  // bl
      const auto distance = static_cast<std::int32_t>(word << 6) >> 4;
      add(function.start + at + static_cast<std::uint64_t>(std::int64_t{distance}));
    }
  } else {
    // Any byte may look like a call; that one leads to where a function begins is no chance.
    for (std::size_t at = bytes.find('\xe8'); at != std::string_view::npos; at = bytes.find('\xe8', at + 1)) {
      const auto distance = static_cast<std::int32_t>(code.get<std::uint32_t>(at + 1).value_or(0));
      add(function.start + at + 5 + static_cast<std::uint64_t>(std::int64_t{distance}));
    }
  }
  std::ranges::sort(function.calls);
  const auto repeated = std::ranges::unique(function.calls);
  function.calls.erase(repeated.begin(), repeated.end());
}

SyncFunction* SyncCode::function_at(std::uint64_t address) {
  const auto after = std::ranges::upper_bound(entries_, address);
  if (after == entries_.begin()) return nullptr;
  const std::uint64_t entry = *(after - 1);
  if (const auto known = by_entry_.find(entry); known != by_entry_.end()) {
    return known->second != nullptr && address < known->second->end ? known->second : nullptr;
  }
  const auto unwind = runtime_.table->unwind(entry, entry);
  if (!unwind) {
    by_entry_.emplace(entry, nullptr);
    return nullptr;
  }
  SyncFunction& function = functions_.emplace_back();
  by_entry_.emplace(entry, &function);
  function.name = unwind->name;
  function.start = unwind->entry;
  function.end = std::max(unwind->end, unwind->entry);
  function.is_wrapper = wrapper_id_ >= 0 && unwind->id == wrapper_id_;
  find_calls(function);
  function.recovers = recover_ != 0 && std::ranges::binary_search(function.calls, recover_);
  function.uses_locks = Inlined(runtime_.table->inline_tree(entry)).has_any() ||
                        std::ranges::any_of(function.calls, [&](std::uint64_t called) {
                          const SyncOp op = op_of(called);
                          return op != SyncOp::None && op != SyncOp::Ends;
                        });
  return address < function.end ? &function : nullptr;
}

void SyncCode::decode(SyncFunction& function) {
  if (function.decoded) return;
  function.decoded = true;
  const std::string_view bytes =
      runtime_.target->object->elf().memory(function.start, std::min(function.end - function.start, kMostCode));
  auto code = binary::decode_flow(bytes, function.start, machine_);
  if (!code) return;
  function.code = std::move(*code);
  const Inlined inlined(runtime_.table->inline_tree(function.start));
  function.ops.resize(function.code.size(), SyncOp::None);
  function.lead.resize(function.code.size(), SyncFunction::kOutside);
  for (std::size_t i = 0; i < function.code.size(); ++i) {
    const FlowInstruction& one = function.code[i];
    if (one.target >= function.start && one.target < function.end) function.lead[i] = function.row_of(one.target);
    if (one.kind != Kind::Call && (one.kind != Kind::Jump || one.target == 0)) continue;
    function.ops[i] = op_of(one.target);
    if (function.ops[i] == SyncOp::Add && inlined.at(one.address) == SyncOp::Done) function.ops[i] = SyncOp::Done;
  }
  if (!inlined.has_any()) return;
  for (std::uint32_t i = 0; i < function.code.size(); ++i) {
    if (function.code[i].kind != Kind::Atomic) continue;
    const SyncOp op = inlined.at(function.code[i].address);
    function.ops[i] = is_of_lock(op) ? op : by_slow_path(function, i, inlined);
  }
}

bool SyncCode::may_release_from(std::uint64_t address) {
  const auto [known, is_new] = releasing_.try_emplace(address, false);
  if (!is_new) return known->second;
  SyncFunction* const function = function_at(address);
  if (function == nullptr) return false;
  bool concerned = function->uses_locks;
  for (std::size_t i = 0; i < function->calls.size() && !concerned; ++i) {
    const SyncFunction* const called = function_at(function->calls[i]);
    concerned = called != nullptr && called->uses_locks;
  }
  if (!concerned) return false;
  decode(*function);
  const bool answer = can_release(*function, function->row_of(address), true);
  releasing_[address] = answer;
  return answer;
}

// All paths, with how many locks each took on its way.
bool SyncCode::can_release(SyncFunction& function, std::uint32_t row, bool look_into_calls) {
  if (row == SyncFunction::kOutside) return false;
  std::vector<std::uint8_t> seen(function.code.size(), 0);  // bit n: it was reached with n locks taken
  std::vector<std::pair<std::uint32_t, std::uint8_t>> work{{row, std::uint8_t{0}}};
  while (!work.empty()) {
    auto [at, held] = work.back();
    work.pop_back();
    if (at >= function.code.size() || (seen[at] >> held & 1U) != 0) continue;
    seen[at] = static_cast<std::uint8_t>(seen[at] | 1U << held);
    const FlowInstruction& one = function.code[at];
    const SyncOp op = function.ops[at];
    if (op == SyncOp::Ends || one.kind == Kind::Return || one.kind == Kind::Trap) continue;
    if (is_release(op)) {
      if (held == 0) return true;
      --held;
    } else if (is_acquisition(op)) {
      held = static_cast<std::uint8_t>(std::min<unsigned>(held + 1U, kMostHeld - 1U));
    } else if (one.kind == Kind::Call && one.target != 0 && look_into_calls && held == 0) {
      SyncFunction* const called = function_at(one.target);
      if (called != nullptr && called != &function && called->uses_locks) {
        if (!called->releases) {
          decode(*called);
          called->releases = can_release(*called, 0, false);
        }
        if (*called->releases) return true;
      }
    }
    if (function.lead[at] != SyncFunction::kOutside && one.kind != Kind::Call)
      work.emplace_back(function.lead[at], held);
    if (one.kind != Kind::Jump) work.emplace_back(at + 1, held);
  }
  return false;
}

}  // namespace gopsy::process
