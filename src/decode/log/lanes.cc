#include "decode/log/lanes.h"

#include <algorithm>
#include <utility>

#include "decode/traceback/grammar.h"

namespace gopsy::decode::log {
namespace {

// A second header is somebody else's if two goroutines begin before the first frame is whole; that many lines decide.
constexpr std::size_t kMostHeld = 12;
// Chatter between a lead line and its header.
constexpr std::size_t kMostLate = 60;
// After so many ordinary lines no traceback is open any more.
constexpr unsigned kStillOpen = 200;

bool begins_crash(LineClass kind) { return kind == LineClass::Panic || kind == LineClass::Fatal; }

// `net/http.(*conn).serve(…)` belongs to a file below …/net/http/.
bool same_package(std::string_view function, std::string_view place) {
  const auto slash = function.rfind('/');
  std::string_view package = function.substr(slash == std::string_view::npos ? 0 : slash + 1);
  package = package.substr(0, package.find('.'));
  if (package.empty() || package == "main") return false;
  const auto file = place.rfind('/');
  if (file == std::string_view::npos) return false;
  const std::string_view folder = place.substr(0, file);
  return folder.ends_with(package) || folder.contains(package);
}

}  // namespace

void Lanes::line(std::string_view text, std::uint32_t number) {
  const LineClass kind = classify(text);
  if (lead_ && kind == LineClass::Other && late_.size() < kMostLate) {
    late_.push_back({.text = std::string(text), .number = number, .kind = kind});
    return;
  }
  const bool announces = traceback::is_signal_name(text) || (kind == LineClass::Detail && traceback::is_lead(text));
  const bool still_late = lead_ && (announces || begins_crash(kind) || kind == LineClass::Signal);
  lead_ = announces;
  if (!still_late) settle_late();
  sort_out(text, number, kind);
  if (still_late && !lead_) settle_late();
}

void Lanes::settle_late() {
  for (const Held& held : std::exchange(late_, {})) sort_out(held.text, held.number, held.kind);
}

void Lanes::sort_out(std::string_view text, std::uint32_t number, LineClass kind) {
  if (!held_.empty()) {
    held_.push_back({.text = std::string(text), .number = number, .kind = kind});
    if (const auto answer = is_tangled()) decide(*answer);
    return;
  }
  // A header where none can be, unless somebody else wrote it: the lines that follow tell.
  const bool header = kind == LineClass::Goroutine || begins_crash(kind);
  const State state = lanes_[0].state;
  const bool odd =
      (state == State::Header && begins_crash(kind)) || state == State::Goroutine || state == State::Function;
  if (!second_ && header && odd && others_ == 0 && text[0] != '\t') {
    held_.push_back({.text = std::string(text), .number = number, .kind = kind});
    return;
  }
  place(text, number, kind);
}

// What follows a header that came too early: as it must in one traceback, or only in two.
std::optional<bool> Lanes::is_tangled() const {
  const auto count = [this](LineClass kind) { return std::ranges::count(held_, kind, &Held::kind); };
  const auto functions = count(LineClass::Function) + count(LineClass::CreatedBy);
  const auto places = count(LineClass::Place);
  const auto headers = count(LineClass::Goroutine);
  const bool of_goroutine = held_.front().kind == LineClass::Goroutine;
  switch (lanes_[0].state) {
    case State::Header:  // two panics in a row: a chain, unless two goroutines begin before a frame is whole
      if (headers == 2) return true;
      break;
    case State::Goroutine:  // two headers in a row: two functions in a row follow
      if (of_goroutine ? functions == 2 : functions == 1 && headers == 0) return true;
      break;
    case State::Function:  // a header before the place: the place follows
      if (places == 1 && functions == 0) return true;
      if (functions > 0) return false;
      break;
    default: return false;
  }
  if (places > 0 || held_.size() == kMostHeld) return false;
  return std::nullopt;
}

void Lanes::decide(bool tangled) {
  if (tangled) {
    second_ = std::make_unique<Stream>(symbols_);
    lanes_[1] = {};
  }
  for (const Held& held : std::exchange(held_, {})) place(held.text, held.number, held.kind);
}

std::size_t Lanes::longer_waiting(std::array<bool, 2> can) const {
  if (can[0] != can[1]) return can[0] ? 0 : 1;
  return lanes_[0].fed <= lanes_[1].fed ? 0 : 1;
}

void Lanes::place(std::string_view text, std::uint32_t number, LineClass kind) {
  using enum LineClass;
  const auto in = [this](std::size_t lane, std::initializer_list<State> states) {
    return std::ranges::find(states, lanes_[lane].state) != states.end();
  };
  const auto both = [&in](std::initializer_list<State> states) { return std::array{in(0, states), in(1, states)}; };
  const auto any = [](std::array<bool, 2> can) { return can[0] || can[1]; };
  if (!second_) return hand(0, text, number, kind);
  switch (kind) {
    case Place: {
      const auto can = both({State::Function});
      if (can[0] && can[1] && same_package(lanes_[0].function, text) != same_package(lanes_[1].function, text))
        return hand(same_package(lanes_[0].function, text) ? 0 : 1, text, number, kind);
      return hand(any(can) ? longer_waiting(can) : last_, text, number, kind);
    }
    case Function:
    case CreatedBy: {
      if (const auto can = both({State::Goroutine}); kind == Function && any(can))
        return hand(longer_waiting(can), text, number, kind);
      const auto can = both({State::Place});
      return hand(any(can) ? longer_waiting(can) : last_, text, number, kind);
    }
    case Goroutine: {
      if (const auto can = both({State::Header}); any(can)) return hand(longer_waiting(can), text, number, kind);
      const auto can = both({State::Place, State::Idle});
      return hand(any(can) ? longer_waiting(can) : last_, text, number, kind);
    }
    case Panic:
    case Fatal: {
      const auto can = text[0] == '\t' ? both({State::Header}) : both({State::Idle, State::Place});
      return hand(any(can) ? longer_waiting(can) : last_, text, number, kind);
    }
    case Signal:
    case Blank: {
      const auto can = both({State::Header, State::Place});
      return hand(any(can) ? longer_waiting(can) : last_, text, number, kind);
    }
    case Detail:
    case Other: hand(last_, text, number, kind);
  }
}

void Lanes::hand(std::size_t lane, std::string_view text, std::uint32_t number, LineClass kind) {
  using enum LineClass;
  Lane& to = lanes_[lane];
  (lane == 0 ? first_ : *second_).line(text, number);
  last_ = lane;
  to.fed = ++clock_;
  others_ = kind == Other ? others_ + 1 : 0;
  if (others_ > kStillOpen) lanes_[0].state = lanes_[1].state = State::Idle;
  switch (kind) {
    case Panic:
    case Fatal:
    case Signal: to.state = State::Header; break;
    case Goroutine: to.state = State::Goroutine; break;
    case Function:
    case CreatedBy:
      if (to.state == State::Idle || to.state == State::Header) break;
      to.state = State::Function;
      to.function = text.substr(kind == CreatedBy ? 11 : 0);
      break;
    case LineClass::Place:
      if (to.state == State::Function) to.state = State::Place;
      break;
    default: break;
  }
}

// What a line of a dump is by its first bytes, where it follows what it must.
bool Lanes::plain_line(std::string_view text, std::uint32_t number) {
  Lane& lane = lanes_[0];
  if (second_ || !held_.empty() || lead_ || !late_.empty()) return false;
  if (text.empty()) {
    if (lane.state != State::Place) return false;
  } else if (text[0] == '\t') {
    if (lane.state != State::Function || text.size() < 2 || (text[1] != '/' && text[1] != '_') || text.back() < '0' ||
        text.back() > 'f')
      return false;
    lane.state = State::Place;
  } else if (lane.state == State::Place && text.starts_with("goroutine ") && text.ends_with(':')) {
    lane.state = State::Goroutine;
  } else if ((lane.state == State::Place || lane.state == State::Goroutine) && text.ends_with(')') &&
             text.find(' ') > text.find('(')) {
    lane.state = State::Function;
    lane.function.assign(text.substr(0, 64));
  } else if (lane.state == State::Place && text.starts_with("created by ")) {
    lane.state = State::Function;
  } else {
    return false;
  }
  others_ = 0;
  first_.dump_line(text, number);
  return true;
}

std::vector<traceback::Reading> Lanes::finish(bool complete) {
  settle_late();
  if (!held_.empty()) decide(false);
  std::vector<traceback::Reading> readings;
  readings.push_back(first_.finish(complete));
  if (second_) readings.push_back(second_->finish(complete));
  return readings;
}

}  // namespace gopsy::decode::log
