#include "decode/trace/v1_check.h"

#include <unordered_map>
#include <unordered_set>

namespace gopsy::decode::trace {
namespace {

enum class Status : std::uint8_t { Dead, Runnable, Running, Waiting };

class Checker {
 public:
  Checker(const V1File& file, std::vector<V1Event>& events, IdTable& goroutines, Damage& damage)
      : file_(file), events_(events), ids_(goroutines), damage_(damage), goroutines_(goroutines.size()) {
    goroutines_[0].status = Status::Running;
    goroutines_[0].known = true;
  }

  Result<void> check() {
    look_ahead();
    for (V1Event& event : events_) {
      what_ = nullptr;
      if (event.type != V1Type::CpuSample) one(event);
      if (what_ == nullptr) continue;
      if (!damage_.lenient())
        return std::unexpected(
            Error{.code = Errc::Malformed, .offset = file_.offset() + event.at, .what = what_, .a = event.g});
      if (!event.forced) ++damage_.report().forced;
      event.forced = true;
    }
    return {};
  }

 private:
  struct Goroutine {
    Status status = Status::Dead;
    bool known = false;
    bool assisting = false;
    bool in_network = false;  // it waits for it
  };
  struct Proc {
    std::uint32_t g = 0;
    bool running = false;
    bool sweeping = false;
  };
  struct Region {
    std::uint64_t task, name;
    bool operator==(const Region&) const = default;
  };

  // A system call blocked if the next event on the same goroutine says that the P was taken away.
  void look_ahead() {
    std::vector<V1Type> next(ids_.size(), V1Type::None);
    for (std::size_t i = events_.size(); i-- > 0;) {
      V1Event& event = events_[i];
      if (event.type == V1Type::GoSysCall) event.blocks = next[event.g] == V1Type::GoSysBlock;
      next[event.g] = event.type;
    }
  }

  void wrong(const char* what) {
    if (what_ == nullptr) what_ = what;
  }

  Goroutine& goroutine(std::uint32_t g) {
    if (g >= goroutines_.size()) goroutines_.resize(g + 1);
    return goroutines_[g];
  }
  Proc& proc(const V1Event& event) {
    if (event.proc >= procs_.size()) procs_.resize(event.proc + 1);
    return procs_[event.proc];
  }

  void needs_running(const V1Event& event, bool may_be_nobody) {
    if (goroutine(event.g).status != Status::Running) wrong("a goroutine is not running when it has to be");
    if (proc(event).g != event.g) wrong("a P does not run the goroutine of its event");
    if (event.g == 0 && !may_be_nobody) wrong("g 0 did what only goroutines do");
  }

  void leave(const V1Event& event, Status to) {
    needs_running(event, false);
    goroutine(event.g).status = to;
    goroutine(event.g).in_network = event.type == V1Type::GoBlockNet;
    proc(event).g = 0;
  }

  void one(V1Event& event) {
    using enum V1Type;
    const auto record = [&] {
      const char* at = file_.bytes().data() + event.at;
      return reread_v1_record(at, file_.bytes().data() + file_.bytes().size());
    };
    switch (event.type) {
      case ProcStart:
        if (proc(event).running) wrong("a P is running before its start");
        proc(event).running = true;
        break;
      case ProcStop:
        if (!proc(event).running) wrong("a P is not running before its stop");
        if (proc(event).g != 0) wrong("a P runs a goroutine during its stop");
        proc(event).running = false;
        break;
      case GcStart:
      case GcDone:
        if (collecting_ == (event.type == GcStart)) wrong("GC begins or ends twice");
        collecting_ = event.type == GcStart;
        if (collecting_) event.place = V1Event::kGc;
        break;
      case StwStart:
      case StwDone:
        if (stopped_ == (event.type == StwStart)) wrong("STW begins or ends twice");
        stopped_ = event.type == StwStart;
        break;
      case SweepStart:
      case SweepDone:
        if (proc(event).sweeping == (event.type == SweepStart)) wrong("sweeping begins or ends twice");
        proc(event).sweeping = event.type == SweepStart;
        break;
      case AssistStart:
        if (goroutine(event.g).assisting) wrong("previous mark assist is not ended before a new one");
        goroutine(event.g).assisting = true;
        break;
      case AssistDone: goroutine(event.g).assisting = false; break;
      case GoWaiting:
      case GoInSyscall:
        if (goroutine(event.g).status != Status::Runnable) wrong("a goroutine is not runnable before it is found");
        goroutine(event.g).status = Status::Waiting;
        goroutine(event.g).in_network = false;
        break;
      case GoCreate: {
        needs_running(event, true);
        Goroutine& created = goroutine(row_of(record().args[1]));
        if (created.known) wrong("a goroutine that is created exists already");
        created = {.status = Status::Runnable, .known = true};
        break;
      }
      case GoStart:
      case GoStartLabel:
        if (goroutine(event.g).status != Status::Runnable) wrong("a goroutine is not runnable before start");
        if (proc(event).g != 0) wrong("a P that starts a goroutine runs one already");
        goroutine(event.g).status = Status::Running;
        proc(event).g = event.g;
        break;
      case GoEnd:
        regions_.erase(event.g);
        leave(event, Status::Dead);
        break;
      case GoStop: leave(event, Status::Dead); break;
      case GoSched:
      case GoPreempt: leave(event, Status::Runnable); break;
      case GoUnblock: unblock(event, record()); break;
      case GoSysCall: needs_running(event, false); break;
      case GoSysExit:
        event.place = V1Event::kSyscall;
        if (goroutine(event.g).status != Status::Waiting) wrong("a goroutine is not waiting during syscall exit");
        goroutine(event.g).status = Status::Runnable;
        break;
      case GoSysBlock: leave(event, Status::Waiting); break;
      case TaskCreate:
        if (!tasks_.insert(record().args[1]).second) wrong("task id conflicts");
        break;
      case TaskEnd: tasks_.erase(record().args[1]); break;
      case V1Type::Region: region(event, record()); break;
      default:
        if (v1_parks(event.type)) leave(event, Status::Waiting);
        break;
    }
  }

  void unblock(V1Event& event, const V1Record& record) {
    const bool timer = file_.is_timer(ids_.id(event.g));
    if (timer) event.place = V1Event::kTimer;
    if (goroutine(event.g).status != Status::Running) wrong("a goroutine is not running while unpark");
    if (!timer && proc(event).g != event.g) wrong("a P does not run the goroutine that unparks another");
    Goroutine& woken = goroutine(row_of(record.args[1]));
    if (woken.status != Status::Waiting) wrong("a goroutine is not waiting before unpark");
    if (woken.in_network) event.place = V1Event::kNetpoll;
    woken.status = Status::Runnable;
    woken.in_network = false;
  }

  void region(const V1Event& event, const V1Record& record) {
    const Region region{.task = record.args[1], .name = record.args[3]};
    if (record.args[2] == 0) {
      regions_[event.g].push_back(region);
    } else if (record.args[2] == 1) {
      const auto active = regions_.find(event.g);
      if (active == regions_.end() || active->second.empty()) return;
      if (active->second.back() != region) wrong("misuse of region: another one is the innermost");
      active->second.pop_back();
    } else {
      wrong("invalid user region mode");
    }
  }

  std::uint32_t row_of(std::uint64_t g) { return g == 0 ? 0 : ids_.row(g); }

  const V1File& file_;
  std::vector<V1Event>& events_;
  IdTable& ids_;
  Damage& damage_;
  std::vector<Goroutine> goroutines_;
  std::vector<Proc> procs_;
  std::unordered_set<std::uint64_t> tasks_;
  std::unordered_map<std::uint32_t, std::vector<Region>> regions_;
  bool collecting_ = false;
  bool stopped_ = false;
  const char* what_ = nullptr;
};

}  // namespace

Result<void> check_v1(const V1File& file, std::vector<V1Event>& events, IdTable& goroutines, Damage& damage) {
  return Checker(file, events, goroutines, damage).check();
}

}  // namespace gopsy::decode::trace
