#include "decode/log/channel.h"

#include <algorithm>

#include "decode/log/line_class.h"

namespace gopsy::decode::log {
namespace {

// A multi-line value of a panic, or chatter in between; after more of it a record is an ordinary one again.
constexpr unsigned kStillOpen = 20;
// So many records after one that begins with "panic: " no stack of it comes any more.
constexpr std::size_t kUnproven = 24;

// How many functions stand right above their places: the better the order, the more.
template <class Lines>
std::size_t whole_frames(const Lines& lines) {
  std::size_t count = 0;
  bool function = false;
  for (const auto& line : lines) {
    const LineClass kind = classify(line.text);
    count += function && kind == LineClass::Place;
    function = kind == LineClass::Function || kind == LineClass::CreatedBy;
  }
  return count;
}

}  // namespace

void Channel::line(const Line& line) {
  if (!line.record.empty()) return record(line);
  settle(false);
  take(line, line.text);
}

// The record of a logger is a line of a traceback, or goes on as it stands in the file.
void Channel::record(const Line& line) {
  const LineClass kind = classify(line.text);
  const bool talk = kind == LineClass::Panic && others_ > 0;
  if (talk || !unproven_.empty()) {
    const auto keep = [this](std::string_view text) { return std::string_view(unproven_texts_.emplace_back(text)); };
    Line kept = line;
    kept.text = keep(line.text);
    kept.record = keep(line.record);
    unproven_.push_back(kept);
    const bool proof = kind == LineClass::Goroutine || kind == LineClass::Signal;
    if (proof || unproven_.size() > kUnproven) settle(proof);
    return;
  }
  others_ = kind == LineClass::Other || kind == LineClass::Blank ? others_ + 1 : 0;
  take(line, kind == LineClass::Other && others_ > kStillOpen ? line.record : line.text);
}

void Channel::settle(bool proven) {
  if (unproven_.empty()) return;
  for (const Line& line : unproven_) take(line, proven ? line.text : line.record);
  others_ = proven ? 0 : kStillOpen + 1;
  unproven_.clear();
  unproven_texts_.clear();
}

void Channel::take(const Line& line, std::string_view text) {
  if (line.time_ns == 0 && line.sequence == 0 && held_.empty()) return pass(text, line.number);
  hold(line.time_ns, line.sequence, text, line.number);
}

void Channel::hold(std::int64_t time_ns, std::uint64_t sequence, std::string_view text, std::uint32_t number) {
  if (!held_.empty()) {
    const Held& before = held_.back();
    if (time_ns == 0) time_ns = before.time_ns;
    if (time_ns > before.time_ns) ++later_;
    if (time_ns < before.time_ns || (time_ns == before.time_ns && sequence < before.sequence)) ++earlier_;
  }
  held_.push_back({.time_ns = time_ns, .sequence = sequence, .number = number, .text = std::string(text)});
  if (earlier_ == 0 && held_.size() >= kMostHeld) return release(held_.size());
  const std::size_t most = earlier_ > later_ ? kMostHeldBackwards : kMostHeld;
  if (held_.size() < most) return;
  put_in_order();
  release(held_.size() / 2);
}

// Exports that list the newest first are turned round before equal times keep the order of the file. Where the times
// tear frames apart that are whole in the file, it is the times that are wrong.
void Channel::put_in_order() {
  if (earlier_ == 0) return;
  const std::vector<Held> as_they_stand = held_;
  if (earlier_ > later_) std::ranges::reverse(held_);
  std::ranges::stable_sort(held_, [](const Held& a, const Held& b) {
    if (a.time_ns != b.time_ns) return a.time_ns < b.time_ns;
    return a.sequence < b.sequence;
  });
  if (whole_frames(as_they_stand) > whole_frames(held_)) held_ = as_they_stand;
  later_ = 1;
  earlier_ = 0;
}

void Channel::release(std::size_t count) {
  const auto end = held_.begin() + static_cast<std::ptrdiff_t>(count);
  for (auto held = held_.begin(); held != end; ++held) pass(held->text, held->number);
  held_.erase(held_.begin(), end);
  if (held_.empty()) later_ = earlier_ = 0;
}

void Channel::flush() {
  settle(false);
  put_in_order();
  release(held_.size());
}

// Shippers trim lines: a place is known by its form then, and gets the tab back that the grammar asks for.
void Channel::pass(std::string_view text, std::uint32_t number) {
  const std::size_t blanks = std::min(text.find_first_not_of(' '), text.size());
  if (blanks < 4 && blanks < text.size() && text.contains(':') && is_bare_place(text.substr(blanks))) {
    trimmed_ = '\t';
    trimmed_ += text.substr(blanks);
    text = trimmed_;
  }
  lanes_.line(text, number);
}

}  // namespace gopsy::decode::log
