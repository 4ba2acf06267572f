#include "decode/trace/v1_order.h"

#include <algorithm>

#include "base/go_sort.h"

namespace gopsy::decode::trace {
namespace {

// What fits into V1Event: a terabyte, and more Ps than there are.
constexpr std::uint64_t kOffsetMask = (std::uint64_t{1} << 40) - 1;
constexpr std::uint64_t kProcMask = (std::uint64_t{1} << 24) - 1;
constexpr std::uint64_t kAnySequence = ~std::uint64_t{0};
constexpr std::uint64_t kNextSequence = ~std::uint64_t{0} - 1;

enum class Status : std::uint8_t { Dead, Runnable, Running, Waiting };

struct State {
  std::uint64_t sequence = 0;
  Status status = Status::Dead;
};

// What an event needs and makes of a goroutine, or of the garbage collector.
struct Transition {
  enum Subject : std::uint8_t { kNothing, kGoroutine, kGarbage };
  Subject subject = kNothing;
  std::uint32_t g = 0;
  State from;
  State to;
};

class Merger {
 public:
  Merger(V1File& file, IdTable& goroutines, Damage& damage) : file_(file), goroutines_(goroutines), damage_(damage) {}

  Result<std::vector<V1Event>> merge() {
    open();
    events_.reserve(file_.records());
    for (;;) {
      fill();
      if (frontier_.empty() && available_.empty()) break;
      const bool late = frontier_.empty() ? !force() : is_overdue() && !force();
      if (late)
        return std::unexpected(Error{.code = Errc::Malformed, .what = "no consistent ordering of events possible"});
      Entry entry = pop();
      Source& source = sources_[entry.source];
      localize(source.event.type);
      if (!apply(source.transition) && !damage_.lenient())
        return std::unexpected(
            Error{.code = Errc::Malformed, .what = "encountered impossible goroutine state transition"});
      events_.push_back(source.event);
      source.has_event = false;
      available_.push_back(entry.source);
    }
    if (auto done = settle(); !done) return std::unexpected(done.error());
    return std::move(events_);
  }

 private:
  struct Source {
    std::size_t proc = 0;
    std::size_t batch = 0;
    std::size_t at = 0;
    std::size_t behind = 0;
    std::uint64_t ticks = 0;
    std::uint32_t g = 0;  // that runs there
    bool has_event = false;
    bool of_samples = false;
    V1Event event;
    Transition transition;
  };
  struct Entry {
    std::uint64_t ticks;
    std::uint32_t source;
  };

  void open() {
    for (std::size_t i = 0; i < file_.procs().size(); ++i) {
      Source source;
      source.proc = i;
      if (!file_.procs()[i].batches.empty()) start_batch(source);
      sources_.push_back(source);
    }
    go_sort(file_.samples(), [](const V1Sample& a, const V1Sample& b) {
      return static_cast<std::int64_t>(a.ticks) < static_cast<std::int64_t>(b.ticks);
    });
    Source samples;
    samples.of_samples = true;
    sources_.push_back(samples);
    for (std::uint32_t i = 0; i < sources_.size(); ++i) available_.push_back(i);
  }

  void start_batch(Source& source) const {
    const V1Batch& batch = file_.procs()[source.proc].batches[source.batch];
    source.at = batch.first;
    source.behind = batch.behind;
    source.ticks = batch.ticks;
  }

  // Moves what is ready from `available_` to the frontier.
  void fill() {
    for (std::size_t i = 0; i < available_.size();) {
      Source& source = sources_[available_[i]];
      if (!source.has_event && !next(source)) {
        take_off(i);
      } else if (is_ready(source.transition)) {
        push({.ticks = source.event.ticks, .source = available_[i]});
        take_off(i);
      } else {
        ++i;
      }
    }
  }

  void take_off(std::size_t i) {
    std::swap(available_[i], available_.back());
    available_.pop_back();
  }

  // Something that has to come before it is missing: much that is later could come first.
  bool is_overdue() const {
    constexpr std::uint64_t kPatience = 40'000;  // ticks: about a millisecond
    if (!damage_.lenient()) return false;
    return std::ranges::any_of(available_, [this](std::uint32_t i) {
      return sources_[i].event.ticks < frontier_.front().ticks &&
             frontier_.front().ticks - sources_[i].event.ticks > kPatience;
    });
  }

  // Takes the earliest event though it does not fit.
  bool force() {
    if (!damage_.lenient() || available_.empty()) return false;
    const auto earliest =
        std::ranges::min_element(available_, {}, [this](std::uint32_t i) { return sources_[i].event.ticks; });
    sources_[*earliest].event.forced = true;
    ++damage_.report().forced;
    push({.ticks = sources_[*earliest].event.ticks, .source = *earliest});
    take_off(static_cast<std::size_t>(earliest - available_.begin()));
    return true;
  }

  bool next(Source& source) {
    if (source.of_samples) return next_sample(source);
    for (;;) {
      while (source.at == source.behind) {
        if (++source.batch >= file_.procs()[source.proc].batches.size()) return false;
        start_batch(source);
      }
      if (read(source)) return true;
    }
  }

  bool next_sample(Source& source) {
    if (source.at == file_.samples().size()) return false;
    const V1Sample& sample = file_.samples()[source.at];
    source.event = {
        .ticks = sample.ticks, .at = source.at & kOffsetMask, .g = row_of(sample.g), .type = V1Type::CpuSample};
    source.transition = {};
    ++source.at;
    return source.has_event = true;
  }

  // Goroutine 0 is none.
  std::uint32_t row_of(std::uint64_t g) { return g == 0 ? 0 : goroutines_.row(g); }

  bool read(Source& source) {
    const char* const start = file_.bytes().data();
    const std::size_t at = source.at;
    const auto type = static_cast<V1Type>(start[at] & 0x3F);
    switch (type) {
      case V1Type::String:
      case V1Type::Stack:
      case V1Type::Frequency:
      case V1Type::TimerGoroutine:
      case V1Type::CpuSample:
      case V1Type::Batch: {
        std::string_view rest = file_.bytes().substr(at, source.behind - at);
        source.at = take_v1_record(rest, file_.format()) ? source.behind - rest.size() : source.behind;
        return false;
      }
      default: break;
    }
    const char* here = start + at;
    const V1Record record = reread_v1_record(here, start + source.behind);
    source.at = static_cast<std::size_t>(here - start);
    source.ticks += record.args[0];
    V1Event& event = source.event;
    event = {.ticks = source.ticks,
             .at = at & kOffsetMask,
             .proc = source.proc & kProcMask,
             .g = source.g,
             .type = record.type};
    using enum V1Type;
    switch (record.type) {
      case GoStart:
      case GoStartLocal:
      case GoStartLabel: event.g = source.g = row_of(record.args[1]); break;
      case GoEnd:
      case GoStop:
      case GoSched:
      case GoPreempt:
      case GoSysBlock: source.g = 0; break;
      case GoSysExit:
      case GoWaiting:
      case GoInSyscall: event.g = row_of(record.args[1]); break;
      default:
        if (v1_parks(record.type)) source.g = 0;
        break;
    }
    source.transition = transition_of(event, record);
    return source.has_event = true;
  }

  Transition transition_of(const V1Event& event, const V1Record& record) {
    const std::uint64_t sequence = record.args[2];
    const auto of = [](std::uint32_t g, State from, State to) {
      return Transition{.subject = Transition::kGoroutine, .g = g, .from = from, .to = to};
    };
    using enum V1Type;
    if (v1_parks(event.type) || event.type == GoSysBlock)
      return of(event.g, {kAnySequence, Status::Running}, {kAnySequence, Status::Waiting});
    switch (event.type) {
      case GoCreate: return of(row_of(record.args[1]), {0, Status::Dead}, {1, Status::Runnable});
      case GoWaiting:
      case GoInSyscall: return of(event.g, {1, Status::Runnable}, {2, Status::Waiting});
      case GoStart:
      case GoStartLabel: return of(event.g, {sequence, Status::Runnable}, {sequence + 1, Status::Running});
      case GoStartLocal: return of(event.g, {kAnySequence, Status::Runnable}, {kNextSequence, Status::Running});
      case GoSched:
      case GoPreempt: return of(event.g, {kAnySequence, Status::Running}, {kAnySequence, Status::Runnable});
      case GoUnblock:
      case GoSysExit: return of(row_of(record.args[1]), {sequence, Status::Waiting}, {sequence + 1, Status::Runnable});
      case GoUnblockLocal:
      case GoSysExitLocal:
        return of(row_of(record.args[1]), {kAnySequence, Status::Waiting}, {kNextSequence, Status::Runnable});
      case GcStart:
        return {.subject = Transition::kGarbage,
                .g = 0,
                .from = {record.args[1], Status::Dead},
                .to = {record.args[1] + 1, Status::Dead}};
      default: return {};
    }
  }

  State& state_of(const Transition& transition) {
    if (transition.subject == Transition::kGarbage) return garbage_;
    if (transition.g >= states_.size()) states_.resize(std::max<std::size_t>(goroutines_.size(), transition.g + 1));
    return states_[transition.g];
  }

  bool is_ready(const Transition& transition) {
    if (transition.subject == Transition::kNothing) return true;
    const State& state = state_of(transition);
    return (transition.from.sequence == kAnySequence || transition.from.sequence == state.sequence) &&
           transition.from.status == state.status;
  }

  bool apply(const Transition& transition) {
    if (transition.subject == Transition::kNothing) return true;
    const bool ready = is_ready(transition);
    State& state = state_of(transition);
    const std::uint64_t before = state.sequence;
    state = transition.to;
    if (state.sequence == kAnySequence) state.sequence = before;
    if (state.sequence == kNextSequence) state.sequence = before + 1;
    return ready;
  }

  // Local events are written by the P of the event before: that mattered for the order only.
  static void localize(V1Type& type) {
    if (type == V1Type::GoStartLocal) type = V1Type::GoStart;
    if (type == V1Type::GoUnblockLocal) type = V1Type::GoUnblock;
    if (type == V1Type::GoSysExitLocal) type = V1Type::GoSysExit;
  }

  void push(Entry entry) {
    frontier_.push_back(entry);
    for (std::size_t i = frontier_.size() - 1; i > 0 && less(i, (i - 1) / 2); i = (i - 1) / 2)
      std::swap(frontier_[i], frontier_[(i - 1) / 2]);
  }

  Entry pop() {
    const std::size_t last = frontier_.size() - 1;
    std::swap(frontier_[0], frontier_[last]);
    for (std::size_t i = 0;;) {
      std::size_t child = 2 * i + 1;
      if (child >= last) break;
      if (child + 1 < last && less(child + 1, child)) ++child;
      if (!less(child, i)) break;
      std::swap(frontier_[i], frontier_[child]);
      i = child;
    }
    const Entry entry = frontier_.back();
    frontier_.pop_back();
    return entry;
  }

  bool less(std::size_t a, std::size_t b) const {
    return static_cast<std::int64_t>(frontier_[a].ticks) < static_cast<std::int64_t>(frontier_[b].ticks);
  }

  static bool earlier(const V1Event& a, const V1Event& b) {
    return static_cast<std::int64_t>(a.ticks) < static_cast<std::int64_t>(b.ticks);
  }

  // The end of a system call is written when somebody gets to it, and carries the time when it was.
  Result<void> settle() {
    const std::unexpected<Error> disorder(Error{.code = Errc::Malformed, .what = "time stamps out of order"});
    if (!std::ranges::is_sorted(events_, earlier)) {
      if (!damage_.lenient()) return disorder;
      std::ranges::stable_sort(events_, earlier);
    }
    std::vector<std::uint64_t> blocked(goroutines_.size());
    std::uint64_t moves = 0;
    for (std::size_t i = 0; i < events_.size(); ++i) {
      V1Event event = events_[i];
      if (event.type == V1Type::GoSysBlock || event.type == V1Type::GoInSyscall) blocked[event.g] = event.ticks;
      if (event.type != V1Type::GoSysExit) continue;
      const char* at = file_.bytes().data() + event.at;
      const V1Record record = reread_v1_record(at, file_.bytes().data() + file_.bytes().size());
      const std::uint64_t ticks = record.type == V1Type::GoSysExit ? record.args[3] : 0;
      if (ticks == 0) continue;
      const std::uint64_t since = blocked[event.g];
      if (since == 0 || static_cast<std::int64_t>(ticks) < static_cast<std::int64_t>(since)) {
        if (damage_.lenient()) continue;
        if (since != 0) return disorder;
        return std::unexpected(Error{.code = Errc::Malformed, .what = "stray syscall exit"});
      }
      event.ticks = ticks;
      events_[i].ticks = ticks;
      moves_.push_back(i);
    }
    // Few are moved, and not far: each goes to its place by itself. Behind so many steps a sort is cheaper.
    const std::uint64_t most = 16 * events_.size() + 1024;
    for (const std::size_t from : moves_) {
      const V1Event event = events_[from];
      std::size_t to = from;
      for (; to > 0 && earlier(event, events_[to - 1]) && moves <= most; --to, ++moves) events_[to] = events_[to - 1];
      events_[to] = event;
    }
    if (!std::ranges::is_sorted(events_, earlier)) std::ranges::stable_sort(events_, earlier);
    return {};
  }

  V1File& file_;
  IdTable& goroutines_;
  Damage& damage_;
  std::vector<Source> sources_;
  std::vector<std::uint32_t> available_;
  std::vector<Entry> frontier_;
  std::vector<State> states_;
  State garbage_;
  std::vector<V1Event> events_;
  std::vector<std::size_t> moves_;
};

}  // namespace

Result<std::vector<V1Event>> order_v1(V1File& file, IdTable& goroutines, Damage& damage) {
  return Merger(file, goroutines, damage).merge();
}

}  // namespace gopsy::decode::trace
