#include <array>
#include <string>

#include "base/text.h"
#include "decode/log/carrier/carrier.h"
#include "decode/log/carrier/fields.h"
#include "decode/log/carrier/json_text.h"

namespace gopsy::decode::log {
namespace {

// One open object or array of the text, and what it says of an event.
struct Level {
  Fields fields;
  std::string_view key;   // of the member whose value it is
  std::string_view text;  // from its opening bracket on
  bool object = false;
  std::string strings;  // of an array: its strings, or its numbers as bytes (journald's MESSAGE that is no UTF-8)
  std::size_t elements = 0;
  std::string_view first;  // of an array: its first element
};

class Events {
 public:
  Events(const Line& line, const Emit& emit) : line_(line), emit_(emit) {}

  // Emits each event of `text`; says whether there was one.
  bool read(std::string_view text) {
    JsonWalk walk(text);
    using enum JsonWalk::Event;
    for (;;) {
      const auto event = walk.next();
      if (event == End || event == Torn) break;
      switch (event) {
        case BeginObject:
        case BeginArray:
          // An array inside an array of values keeps its name.
          levels_.push_back({.key = walk.key().empty() && !levels_.empty() && !levels_.back().object
                                        ? levels_.back().key
                                        : walk.key(),
                             .text = walk.rest(),
                             .object = event == BeginObject});
          break;
        case EndObject:
        case EndArray: close(walk.rest()); break;
        default: value(walk.key(), walk.value(), event == String);
      }
    }
    // A line that was cut still says what stands in its first part.
    while (!levels_.empty()) close({});
    return any_;
  }

 private:
  void value(std::string_view key, std::string_view value, bool quoted) {
    if (levels_.empty()) return;
    Level& level = levels_.back();
    if (level.object) return level.fields.add(level.key == "body" || key != "stringValue" ? key : "", value, quoted);
    ++level.elements;
    if (level.elements == 1) level.first = value;
    if (quoted && level.elements == 2 && level.key == "values" && level.first.size() == 19) {
      pair(level.first, value);
    } else if (quoted) {
      if (!level.strings.empty()) level.strings += '\n';
      level.strings += unescaped(value);
    } else if (const auto byte = parse_decimal(value); byte && *byte < 256) {
      level.strings += static_cast<char>(*byte);
    }
  }

  // Loki's answer: `"values": [["1763805600000000000", "line"], …]` under what `"stream"` says of the process.
  void pair(std::string_view time, std::string_view text) {
    Fields fields;
    fields.add("ts", time, true);
    fields.add("line", text, true);
    if (levels_.size() > 2) {
      Fields labels = levels_[levels_.size() - 3].fields;
      labels.absorb(std::move(fields));
      put(labels, {});
    } else {
      put(fields, {});
    }
  }

  void close(std::string_view rest) {
    Level level = std::move(levels_.back());
    levels_.pop_back();
    Level* const outer = levels_.empty() ? nullptr : &levels_.back();
    if (!level.object) {
      if (outer == nullptr) return;
      if (outer->object && level.elements > 0 && !level.strings.empty() && level.key != "values")
        outer->fields.add_plain(level.key, std::move(level.strings));
      return;
    }
    if (outer != nullptr && outer->object) return outer->fields.absorb(std::move(level.fields));
    const std::size_t begin = static_cast<std::size_t>(level.text.data() - line_.text.data()) - 1;
    const std::size_t end =
        rest.data() == nullptr ? line_.text.size() : static_cast<std::size_t>(rest.data() - line_.text.data());
    const std::string_view whole = line_.text.substr(begin, end - begin);
    const bool outermost = outer == nullptr || levels_.size() == 1;
    if (level.fields.has_text() || (outermost && level.fields.has_some_text())) return put(level.fields, whole);
    if (outer != nullptr || any_) return;
    // JSON of no event: it is nobody's line, least of all one between two of a traceback.
    Line out = line_;
    out.text = whole;
    out.process = mixed(line_.process, "JSON");
    out.final = true;
    any_ = true;
    emit_(out);
  }

  void put(const Fields& fields, std::string_view whole) {
    any_ = true;
    fields.emit(line_, whole, emit_);
  }

  const Line& line_;
  const Emit& emit_;
  std::vector<Level> levels_;
  bool any_ = false;
};

// One line of a value that is printed over many lines: `"message": "panic: boom",`.
bool undo_member(const Line& line, std::string_view text, const Emit& emit) {
  JsonWalk walk(text);
  if (walk.next() != JsonWalk::Event::String || walk.value().empty()) return false;
  const std::string_view key = walk.value();
  std::string_view rest = trim(walk.rest());
  if (!is_message_key(key) || !consume(rest, ":")) return false;
  JsonWalk value(rest);
  if (value.next() != JsonWalk::Event::String) return false;
  const std::string_view behind = trim(value.rest());
  if (!behind.empty() && behind != ",") return false;
  Fields fields;
  fields.add(key, value.value(), true);
  fields.emit(line, line.text, emit);
  return true;
}

}  // namespace

// Docker's json-file, Fluent Bit, Vector, Filebeat, journalctl -o json, go test -json, logcli, exports of the clouds,
// and the records of zap, zerolog, slog, logrus, klog: whatever has a text among its fields. A value that is printed
// over many lines is read line by line.
bool undo_json(const Line& line, const Emit& emit) {
  std::string_view text = line.text;
  while (!text.empty() && (text[0] == ' ' || text[0] == '\t')) text.remove_prefix(1);
  if (text.size() < 4) return false;
  if (text[0] == '"') return undo_member(line, text, emit);
  if (text[0] != '{' && text[0] != '[') return false;
  const char second = text[1];
  if (text[0] == '{' ? second != '"' && second != ' ' : second != '{' && second != '[') return false;
  Line inner = line;
  inner.text = text;
  return Events(inner, emit).read(text);
}

}  // namespace gopsy::decode::log
