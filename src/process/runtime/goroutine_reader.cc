#include "process/runtime/goroutine_reader.h"

#include <algorithm>
#include <memory>
#include <span>

namespace gopsy::process {
namespace {

constexpr std::uint64_t kMostEntries = std::uint64_t{1} << 26;
constexpr std::size_t kMostKept = std::size_t{1} << 22;
constexpr std::size_t kListRun = 4096;
constexpr std::size_t kBatch = 32;
constexpr std::uint64_t kStackAtOnce = std::uint64_t{256} << 10;
constexpr unsigned kTries = 8;

class Reading {
 public:
  Reading(const GoRuntime& runtime, CodeMap& code, const std::function<void(const ReadGoroutine&)>& use)
      : runtime_(runtime), memory_(*runtime.memory), walker_(runtime, code), use_(use), size_(runtime.layout.g.size) {
    for (const StoppedThread& thread : runtime.target->threads) threads_.emplace(thread.tid, &thread);
    bytes_.resize(kBatch * size_);
  }

  GoroutineCounts run() {
    std::uint64_t list = memory_.word(runtime_.all_gs).value_or(0);
    std::uint64_t left = memory_.word(runtime_.all_gs + 8).value_or(0);
    if (left > kMostEntries) counts_.beyond = left - kMostEntries;
    left = std::min(left, kMostEntries);
    std::vector<std::uint64_t> run;
    while (left > 0) {
      run.resize(static_cast<std::size_t>(std::min<std::uint64_t>(left, kListRun)));
      const std::size_t got = memory_.read(list, {reinterpret_cast<char*>(run.data()), run.size() * 8}) / 8;
      for (std::size_t i = 0; i < got; i += kBatch) batch(std::span(run).subspan(i, std::min(kBatch, got - i)));
      left -= got;
      list += got * 8;
      if (got < run.size() || counts_.kept >= kMostKept) break;
    }
    counts_.beyond += left;
    return counts_;
  }

 private:
  // One goroutine of the batch in work.
  struct Item {
    GoroutineState state;
    std::unique_ptr<char[]> bytes;  // of a living process: g, stack, g
    std::size_t stack_size = 0;
    bool settled = false;
    bool torn = false;
  };

  void batch(std::span<const std::uint64_t> addresses) {
    std::vector<Memory::Request> requests;
    for (std::size_t i = 0; i < addresses.size(); ++i)
      requests.push_back({.address = addresses[i], .into = std::span(bytes_).subspan(i * size_, size_)});
    memory_.read_many(requests);
    std::vector<Item> items;
    for (const Memory::Request& request : requests) {
      ++counts_.read;
      if (!seen_.insert(request.address).second) {
        ++counts_.repeated;
        continue;
      }
      const auto state = parse_goroutine(runtime_, request.address, {request.into.data(), request.got});
      if (!state) {
        ++counts_.implausible;
      } else if (state->is_dead()) {
        ++counts_.free;
      } else {
        items.push_back({.state = *state});
      }
    }
    if (memory_.is_live()) read_consistently(items);
    for (Item& item : items) hand_over(item);
  }

  void read_consistently(std::vector<Item>& items) {
    for (unsigned round = 0; round < kTries; ++round) {
      std::vector<Memory::Request> requests;
      std::vector<Item*> asked;
      for (Item& item : items) {
        if (item.settled) continue;
        if (round > 0) ++counts_.retried;
        const std::uint64_t sp = item.state.sp();
        const bool on_stack = sp >= item.state.stack.start && sp < item.state.stack.end;
        item.stack_size = on_stack ? static_cast<std::size_t>(std::min(item.state.stack.end - sp, kStackAtOnce)) : 0;
        item.bytes = std::make_unique_for_overwrite<char[]>(2 * size_ + item.stack_size);
        char* const bytes = item.bytes.get();
        requests.push_back({.address = item.state.address, .into = {bytes, size_}});
        requests.push_back({.address = sp, .into = {bytes + size_, item.stack_size}});
        requests.push_back({.address = item.state.address, .into = {bytes + size_ + item.stack_size, size_}});
        asked.push_back(&item);
      }
      if (asked.empty()) return;
      memory_.read_many(requests);
      for (std::size_t i = 0; i < asked.size(); ++i) judge(*asked[i], std::span(requests).subspan(3 * i, 3));
    }
    for (Item& item : items) item.torn = !item.settled;
  }

  void judge(Item& item, std::span<const Memory::Request> requests) {
    const auto before = parse_goroutine(runtime_, item.state.address, {requests[0].into.data(), requests[0].got});
    const auto after = parse_goroutine(runtime_, item.state.address, {requests[2].into.data(), requests[2].got});
    if (!after) return;
    const bool same = before && before->stands_as(*after) && (after->is_dead() || after->sp() == item.state.sp());
    item.settled = same || after->is_dead() || after->status == GoroutineState::Running;
    item.stack_size = requests[1].got;
    item.state = *after;
  }

  void hand_over(Item& item) {
    if (item.state.is_dead()) {  // it ended while it was read
      ++counts_.free;
      return;
    }
    if (counts_.kept >= kMostKept) {
      ++counts_.beyond;
      --counts_.read;
      return;
    }
    ++counts_.kept;
    if (item.torn) ++counts_.torn;
    StackMemory stack(memory_);
    if (item.bytes != nullptr && item.stack_size > 0)
      stack.preload(item.state.sp(), {item.bytes.get() + size_, item.stack_size});
    use_({.state = item.state, .stack = walk(item.state, stack), .memory = stack, .torn = item.torn});
  }

  const WalkedStack* walk(const GoroutineState& g, StackMemory& stack) {
    if (g.status == GoroutineState::Running) {
      if (g.m == 0 || threads_.empty()) return nullptr;
      const auto thread = threads_.find(memory_.word(g.m + runtime_.layout.m.procid).value_or(0));
      return thread == threads_.end() ? nullptr : &walk_thread(*thread->second, g, walker_, stack);
    }
    StackStart start{.pc = g.sched_pc, .sp = g.sched_sp, .lr = g.sched_lr};
    if (g.in_syscall()) start = {.pc = g.syscall_pc, .sp = g.syscall_sp, .lr = 0, .exact = false, .system_call = true};
    return &walker_.walk(start, std::nullopt, stack);
  }

  const GoRuntime& runtime_;
  const Memory& memory_;
  StackWalker walker_;
  const std::function<void(const ReadGoroutine&)>& use_;
  std::size_t size_;
  std::unordered_map<std::uint64_t, const StoppedThread*> threads_;
  std::unordered_set<std::uint64_t> seen_;
  std::vector<char> bytes_;
  GoroutineCounts counts_;
};

}  // namespace

GoroutineCounts read_goroutines(const GoRuntime& runtime, CodeMap& code,
                                const std::function<void(const ReadGoroutine&)>& use) {
  return Reading(runtime, code, use).run();
}

const WalkedStack& walk_thread(const StoppedThread& thread, const GoroutineState& goroutine, StackWalker& walker,
                               StackMemory& memory) {
  std::optional<LeftAt> left;
  if (!goroutine.stack.contains(thread.sp))
    left = {.pc = goroutine.sched_pc, .sp = goroutine.sched_sp, .lr = goroutine.sched_lr};
  return walker.walk({.pc = thread.pc, .sp = thread.sp, .lr = thread.lr, .exact = true}, left, memory);
}

}  // namespace gopsy::process
