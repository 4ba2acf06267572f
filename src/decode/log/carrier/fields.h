#pragma once

#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <vector>

#include "decode/log/carrier/carrier.h"

namespace gopsy::decode::log {

/// What the fields of an event mean, whoever wrote them: JSON of a container runtime, a shipper, a cloud or a
/// structured logger, the columns of a table, the pairs of logfmt.
///
/// Values are handed over still escaped (as JSON and strconv.Quote do it) and unescaped only when they are used.
class Fields {
 public:
  void add(std::string_view key, std::string_view value, bool quoted);
  /// A value that needs no unescaping (a column, a list put together): its text is kept.
  void add_plain(std::string_view key, std::string text);
  /// What an object inside says of the whole: `{"kubernetes": {"pod_name": …}, "_source": {"message": …}}`.
  void absorb(Fields&& inner);

  [[nodiscard]] bool has_text() const { return message_rank_ != kNone || !stacks_.empty(); }
  /// Whatever the field is called: the longest text of an event is its text.
  [[nodiscard]] bool has_some_text() const { return has_text() || !longest_.raw.empty(); }

  /// Emits the event, each line of what it holds on a line of its own. `whole`: the event as the file has it.
  void emit(const Line& line, std::string_view whole, const Emit& emit) const;

 private:
  static constexpr unsigned kNone = 1000;

  struct Text {
    std::string_view raw;
    bool escaped = false;
    [[nodiscard]] std::string str() const;
  };

  void put(std::string_view key, Text value, bool quoted);

  std::list<std::string> kept_;  ///< a list: views into it stay valid when it is handed on
  Text message_;
  unsigned message_rank_ = kNone;
  Text error_;
  Text longest_;  ///< of the fields whose name says nothing
  std::vector<Text> stacks_;
  std::string_view level_;
  std::int64_t time_ns_ = 0;
  unsigned time_rank_ = kNone;
  std::uint64_t sequence_ = 0;
  std::uint64_t process_ = 0;
  bool own_newline_ = false;
  bool partial_ = false;
  bool test_output_ = false;
};

/// True for the name of a field (or the title of a column) that holds the text of an event.
bool is_message_key(std::string_view key);

/// … its time.
bool is_time_key(std::string_view key);

/// Does `text` hold lines of a stack, with or without the header of a goroutine, or the end of a process? Escaped or
/// not.
bool holds_stack(std::string_view text);

}  // namespace gopsy::decode::log
