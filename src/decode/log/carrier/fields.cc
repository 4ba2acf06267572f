#include "decode/log/carrier/fields.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "decode/log/carrier/json_text.h"
#include "decode/log/clock.h"
#include "decode/log/line_class.h"
#include "decode/traceback/grammar.h"
#include "decode/traceback/reader.h"

namespace gopsy::decode::log {
namespace {

using namespace std::string_view_literals;

// Names of the text of an event, the surest first. Those before kFirstOfLoggers are words of transports, which carry
// what a process printed; the others are also what a structured logger calls its own words.
constexpr std::array kMessageKeys{
    "MESSAGE"sv,  "textPayload"sv, "Output"sv,        "_raw"sv,           "log"sv,        "line"sv,     "LogEntry"sv,
    "log_line"sv, "logline"sv,     "LogLine"sv,       "event.original"sv, "LogMessage"sv, "@message"sv, "message"sv,
    "Message"sv,  "msg"sv,         "short_message"sv, "full_message"sv,   "M"sv,          "body"sv,     "Body"sv,
    "text"sv,     "stringValue"sv, "event"sv,         "content"sv,        "data"sv,
};
constexpr unsigned kFirstOfLoggers = 12;

constexpr std::array kTimeKeys{
    "__REALTIME_TIMESTAMP"sv,
    "@timestamp"sv,
    "time"sv,
    "Time"sv,
    "timestamp"sv,
    "Timestamp"sv,
    "timeUnixNano"sv,
    "time_unix_nano"sv,
    "ts"sv,
    "t"sv,
    "T"sv,
    "_time"sv,
    "date"sv,
    "Date"sv,
    "datetime"sv,
    "eventTime"sv,
    "time_ns"sv,
    "TimeGenerated"sv,
};

constexpr std::array kProcessKeys{
    "stream"sv,
    "_PID"sv,
    "pid"sv,
    "Package"sv,
    "CONTAINER_ID"sv,
    "container_id"sv,
    "container_name"sv,
    "container"sv,
    "pod_name"sv,
    "pod"sv,
    "podName"sv,
    "_HOSTNAME"sv,
    "host"sv,
    "hostname"sv,
    "instance"sv,
    "logStreamName"sv,
    "log_stream"sv,
    "@logStream"sv,
    "container.id"sv,
    "pod_id"sv,
    "filename"sv,
    "source"sv,
    "SYSLOG_IDENTIFIER"sv,
    "kubernetes.pod_name"sv,
    "kubernetes.pod.name"sv,
    "host.name"sv,
    "process.pid"sv,
    "ContainerName"sv,
    "PodName"sv,
    "namespace"sv,
    "container_instance"sv,
    "task_id"sv,
    "application"sv,
    "program"sv,
    "procid"sv,
    "dyno"sv,
};

constexpr std::array kSequenceKeys{"offset"sv,  "seq"sv,        "sequence"sv,       "__SEQNUM"sv,
                                   "_offset"sv, "log.offset"sv, "sequence_number"sv};
constexpr std::array kLevelKeys{"level"sv,     "lvl"sv,       "severity"sv, "L"sv,
                                "log.level"sv, "levelname"sv, "Level"sv,    "PRIORITY"sv};
constexpr std::array kErrorKeys{"error"sv,  "err"sv,   "panic"sv,         "recovered"sv, "recover"sv,
                                "reason"sv, "cause"sv, "error.message"sv, "exception"sv, "exception.message"sv};
constexpr std::array kPartialKeys{"logtag"sv, "_p"sv, "partial_message"sv, "CONTAINER_PARTIAL_MESSAGE"sv, "partial"sv};

template <std::size_t N>
unsigned rank(const std::array<std::string_view, N>& keys, std::string_view key) {
  const auto found = std::ranges::find(keys, key);
  return found == keys.end() ? 1000U : static_cast<unsigned>(found - keys.begin());
}

bool speaks_of_panic(std::string_view text) {
  return text.contains("panic") || text.contains("PANIC") || text.contains("Panic") || text.contains("runtime error: ");
}

// Frames alone, as zap and github.com/pkg/errors write them: `func⇥newline⇥file:line`, without arguments, header or
// parentheses. Under a panic they get a header that says as much; otherwise they stay words of a log.
std::string with_header(std::string_view text, bool panicked) {
  std::string out;
  std::string_view last;
  bool headed = false;
  LineReader lines(text);
  const auto put = [&out](std::string_view line) { (out += line) += '\n'; };
  while (lines.next()) {
    const std::string_view line = lines.line();
    const LineClass kind = classify(line);
    if (kind == LineClass::Goroutine) headed = true;
    const bool frame = kind == LineClass::Place && !last.empty() && last.find(' ') == std::string_view::npos;
    if (!last.empty()) {
      if (frame && !headed && panicked) {
        put(traceback::kUnnamedStack);
        headed = true;
      }
      // What prints as "panic(…)" in a traceback of the runtime has its own name here.
      put(frame && last == "runtime.gopanic" ? "panic()"sv : last);
    } else if (lines.number() > 1) {
      out += '\n';
    }
    last = line;
  }
  if (!last.empty()) out += last;
  return out;
}

}  // namespace

bool is_message_key(std::string_view key) { return rank(kMessageKeys, key) != 1000U; }

bool is_time_key(std::string_view key) { return rank(kTimeKeys, key) != 1000U; }

bool holds_stack(std::string_view text) {
  if (text.starts_with("fatal error: ") || (text.starts_with("panic: ") && text.contains("\\n"))) return true;
  if (text.contains("goroutine ") && text.contains("]:")) return true;
  for (const std::string_view indent : {"\\n\\t"sv, "\n\t"sv, "\\n    "sv}) {
    const auto at = text.find(indent);
    if (at != std::string_view::npos && text.substr(at).contains(".go:")) return true;
  }
  return false;
}

std::string Fields::Text::str() const { return escaped ? unescaped(raw) : std::string(raw); }

void Fields::add(std::string_view key, std::string_view value, bool quoted) {
  put(key, {.raw = value, .escaped = quoted && value.contains('\\')}, quoted);
}

void Fields::add_plain(std::string_view key, std::string text) {
  kept_.push_back(std::move(text));
  put(key, {.raw = kept_.back()}, true);
}

void Fields::put(std::string_view key, Text value, bool quoted) {
  if (const unsigned r = rank(kTimeKeys, key); r < time_rank_) {
    if (const auto time = whole_time(value.raw); time && *time != 0) {
      time_ns_ = *time;
      time_rank_ = r;
      return;
    }
  }
  if (rank(kSequenceKeys, key) != kNone) {
    sequence_ = parse_decimal(value.raw).value_or(sequence_);
    return;
  }
  if (rank(kPartialKeys, key) != kNone) {
    partial_ = value.raw == "P" || value.raw == "true";
    return;
  }
  if (key == "partial_last" && value.raw == "true") partial_ = false;
  if (rank(kProcessKeys, key) != kNone) {
    process_ += mixed(rank(kProcessKeys, key), value.raw);
    return;
  }
  if (!quoted) return;
  if (rank(kLevelKeys, key) != kNone) {
    level_ = value.raw;
    return;
  }
  if (key == "Action") test_output_ = true;
  if (const unsigned r = rank(kMessageKeys, key); r < message_rank_) {
    // What was taken for the text so far may hold the stack.
    if (message_rank_ != kNone && holds_stack(message_.raw)) stacks_.push_back(message_);
    message_ = value;
    message_rank_ = r;
    own_newline_ = key == "log" || key == "Output";
    return;
  }
  if (holds_stack(value.raw)) {
    if (stacks_.size() < 4) stacks_.push_back(value);
    return;
  }
  if (rank(kErrorKeys, key) != kNone && error_.raw.empty()) error_ = value;
  if (value.raw.size() > longest_.raw.size()) longest_ = value;
}

void Fields::absorb(Fields&& inner) {
  kept_.splice(kept_.end(), inner.kept_);
  process_ += inner.process_;
  if (inner.time_rank_ < time_rank_) {
    time_rank_ = inner.time_rank_;
    time_ns_ = inner.time_ns_;
  }
  if (inner.sequence_ != 0) sequence_ = inner.sequence_;
  partial_ = partial_ || inner.partial_;
  if (level_.empty()) level_ = inner.level_;
  if (error_.raw.empty()) error_ = inner.error_;
  if (inner.longest_.raw.size() > longest_.raw.size()) longest_ = inner.longest_;
  if (message_rank_ == kNone && inner.message_rank_ != kNone) {
    message_ = inner.message_;
    message_rank_ = inner.message_rank_;
    own_newline_ = inner.own_newline_;
  }
  stacks_.insert(stacks_.end(), inner.stacks_.begin(), inner.stacks_.end());
}

void Fields::emit(const Line& line, std::string_view whole, const Emit& emit) const {
  Line out = line;
  out.process = mixed(line.process + process_, test_output_ ? "test" : own_newline_ ? "output" : "events");
  if (time_ns_ != 0) out.time_ns = time_ns_;
  if (sequence_ != 0) out.sequence = sequence_;
  out.own_newline = own_newline_;
  out.partial = partial_;
  // A structured logger's own record, as opposed to what a transport made of a line of output.
  if (message_rank_ >= kFirstOfLoggers && !level_.empty() && !own_newline_) out.record = whole;

  const bool unnamed = !has_text();
  if (unnamed) out.record = whole;
  std::string text = unnamed ? longest_.str() : message_.str();
  const bool stack_inside = holds_stack(text) && text.contains('\n');
  if (stacks_.empty() && !stack_inside) {
    out.text = text;
    return emit(out);
  }
  const std::string error = error_.str();
  bool panicked = speaks_of_panic(text) || speaks_of_panic(error) || level_.contains("panic");
  for (const Text& stack : stacks_) panicked = panicked || stack.raw.contains("runtime.gopanic");
  // debug.Stack stands where a recover printed it: the process lived on, whatever the message begins with.
  const bool recovered =
      std::ranges::any_of(stacks_, [](const Text& stack) { return stack.raw.contains("debug.Stack("); });
  if (recovered && text.starts_with("panic: ")) text.erase(0, 7);
  if (stack_inside) text = with_header(text, panicked);
  const auto append = [&text](std::string_view more) {
    if (!text.empty() && !text.ends_with('\n')) text += '\n';
    text += more;
  };
  if (!error.empty() && !text.contains(error)) append(error);
  for (const Text& stack : stacks_) append(with_header(stack.str(), panicked));
  if (!text.ends_with('\n')) text += '\n';
  out.text = text;
  out.record = {};
  out.partial = false;
  if (!panicked && !text.contains("goroutine ")) out.text = level_.empty() ? std::string_view(text) : whole;
  emit(out);
}

}  // namespace gopsy::decode::log
