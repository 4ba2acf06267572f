#pragma once

#include <cstdint>
#include <list>
#include <string>
#include <vector>

#include "decode/log/carrier/carrier.h"
#include "decode/log/lanes.h"

namespace gopsy::decode::log {

/// The lines of one process on their last step: put into the order of their times where carriers shuffled them, and
/// into the form that the runtime printed where carriers trimmed them.
class Channel {
 public:
  explicit Channel(model::Symbols& symbols) : lanes_(symbols) {}

  void line(const Line& line);

  /// No line that comes later is older than those so far.
  void flush();

  /// See Lanes::plain_line.
  bool plain_line(std::string_view text, std::uint32_t number) {
    return held_.empty() && lanes_.plain_line(text, number);
  }

  std::vector<traceback::Reading> finish(bool complete) {
    // Nothing follows a panic that ended the process.
    if (unproven_.size() == 1) settle(true);
    flush();
    return lanes_.finish(complete);
  }

 private:
  struct Held {
    std::int64_t time_ns = 0;
    std::uint64_t sequence = 0;
    std::uint32_t number = 0;
    std::string text;
  };

  void record(const Line& line);
  void settle(bool proven);
  void take(const Line& line, std::string_view text);
  void hold(std::int64_t time_ns, std::uint64_t sequence, std::string_view text, std::uint32_t number);
  void release(std::size_t count);
  void put_in_order();
  void pass(std::string_view text, std::uint32_t number);

  // Lines of one crash are that far apart at most; beyond it they are read as they come.
  static constexpr std::size_t kMostHeld = 4096;
  static constexpr std::size_t kMostHeldBackwards = std::size_t{1} << 16;

  Lanes lanes_;
  std::vector<Held> held_;
  std::size_t later_ = 0;    ///< of the lines held: those younger than the one before
  std::size_t earlier_ = 0;  ///< … and older
  /// Records from one on whose message begins with "panic: ": words of a logger unless a stack follows.
  std::vector<Line> unproven_;
  std::list<std::string> unproven_texts_;
  unsigned others_ = 1000;  ///< ordinary lines since the last of a traceback
  std::string trimmed_;
};

}  // namespace gopsy::decode::log
