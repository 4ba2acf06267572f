#include "decode/traceback/reader.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "decode/traceback/timestamp.h"
#include "decode/traceback/version_marks.h"
#include "model/wait_kind.h"

namespace gopsy::decode::traceback {
namespace {

// A header without a goroutine under it (GOTRACEBACK=none) is given up after so many other lines.
constexpr unsigned kForeignLinesAfterHeader = 60;
constexpr std::size_t kLongestLineBefore = 400;
constexpr std::size_t kLongestPanicText = std::size_t{64} << 10;
constexpr std::size_t kLongestTimestamp = 40;
constexpr std::size_t kLongestCandidate = 512;

bool is_blank(char c) { return c == ' ' || c == '\t'; }

}  // namespace

void Reader::line(std::string_view text, std::uint32_t number) {
  number_ = number;
  ++ordinal_;
  reading_.log.lines = number;
  if (text.ends_with('\r')) text.remove_suffix(1);
  if (!indentation_.empty()) text = without_indentation(text);
  if (text.empty()) return blank();
  if (phase_ == Phase::Goroutine && frame_line(text)) return count_line();
  const bool known = header_line(text) || indented_header(text) ||
                     (phase_ == Phase::Goroutine && goroutine_content(text)) ||
                     (phase_ == Phase::Between && registers(text)) || header_continuation(text);
  if (!known) return ordinary(text);
  if (phase_ != Phase::Outside) count_line();
}

void Reader::count_line() {
  ++reading_.lines_in_tracebacks;
  model::Traceback& traceback = current();
  traceback.last_line = number_;
  traceback.bad_lines += foreign_lines_;
  reading_.lines_odd += foreign_lines_;
  foreign_lines_ = 0;
}

std::string_view Reader::without_indentation(std::string_view text) {
  if (text.starts_with(indentation_)) return text.substr(indentation_.size());
  return trim(text).empty() ? std::string_view() : text;
}

// Somebody quoted a whole traceback, each line behind the same blanks (t.Log, a nested YAML block, a ticket). Not
// looked for inside a panic text, whose own lines are indented since 1.23.
bool Reader::indented_header(std::string_view text) {
  if (!is_blank(text[0]) || (phase_ == Phase::Header && !blank_in_header_)) return false;
  const auto front = text.find_first_not_of(" \t");
  if (front == std::string_view::npos) return false;
  const std::string_view inner = text.substr(front);
  const bool header = inner.starts_with("panic: ") || inner.starts_with("fatal error: ");
  if (!goroutine_header(inner) && !(phase_ == Phase::Outside && header)) return false;
  const std::string indentation(text.substr(0, front));
  header_line(inner);
  indentation_ = indentation;
  return true;
}

void Reader::blank() {
  signal_name_.clear();
  if (phase_ == Phase::Outside) return;
  if (phase_ == Phase::Header) {
    blank_in_header_ = true;
    return;
  }
  end_goroutine();
  phase_ = Phase::Between;
}

bool Reader::header_line(std::string_view text) {
  return goroutine_start(text) || panic_header(text) || fatal_header(text) || signal_lines(text);
}

bool Reader::panic_header(std::string_view text) {
  const bool chained = phase_ == Phase::Header && !blank_in_header_ && !current().panics.empty();
  std::string_view rest = text;
  if (!(chained && consume(rest, "\tpanic: "))) {
    if (!consume(rest, "panic: ")) return false;
    // The link after a Goexit has no tab (printpanics): it still belongs to the chain.
    if (!chained) open(model::Cause::Panic);
  }
  end_header_text();
  const PanicLine parts = panic_line(rest);
  note_panic(parts, reading_.go_version);
  current().panics.push_back({.text = symbols_.intern(parts.text),
                              .recovered = parts.recovered,
                              .repanicked = parts.repanicked,
                              .log_line = number_});
  return true;
}

bool Reader::fatal_header(std::string_view text) {
  const bool chained = phase_ == Phase::Header && !blank_in_header_ &&
                       (current().fatal.none() || current().cause == model::Cause::Fatal);
  std::string_view rest = text;
  const bool indented = chained && consume(rest, "\tfatal error: ");
  if (!indented && !consume(rest, "fatal error: ")) return false;
  if (chained) end_header_text();
  // Two throws at once print two lines before one trace (up to 1.23): the first names the crash.
  if (!chained) open(model::Cause::Fatal);
  if (current().fatal.none()) {
    current().fatal = symbols_.intern(rest);
    current().fatal_line = number_;
  }
  return true;
}

bool Reader::signal_lines(std::string_view text) {
  if (signal_details(text)) return true;
  std::string_view name;
  const auto exception = windows_exception(text, name);
  if (exception || is_signal_name(text)) {
    signal_name_ = exception ? name : text;
    waiting_signal_ = exception.value_or(model::Signal{});
    signal_line_ = number_;
    return true;
  }
  const auto header = signal_name_.empty() ? std::nullopt : signal_header(text);
  const std::string waiting = std::exchange(signal_name_, {});
  if (!header) return false;
  model::Signal signal = waiting_signal_;
  signal.name = symbols_.intern(waiting);
  signal.pc = header->pc;
  if (signal.code == 0) signal.code = header->code;
  if (header->address) signal.address = header->address;
  signal.thread = header->thread;
  signal.header = true;
  signal.log_line = signal_line_;
  if (relay_) {
    end_thread();
    current().threads.push_back(
        {.signal = signal, .first_goroutine = static_cast<std::uint32_t>(current().goroutines.size())});
    return true;
  }
  if (phase_ != Phase::Header || blank_in_header_) open(model::Cause::Signal);
  note_signal_header(*header, waiting, reading_.go_version);
  current().signal = signal;
  return true;
}

// What stands under a signal's header, and the bracketed line under a panic.
bool Reader::signal_details(std::string_view text) {
  const bool of_thread = relay_ && !current().threads.empty() && phase_ == Phase::Between;
  if (phase_ != Phase::Header && !of_thread) return false;
  std::string_view name;
  if (auto signal = of_thread ? std::nullopt : signal_line(text, name)) {
    signal->name = symbols_.intern(name);
    signal->log_line = number_;
    current().signal = *signal;
    return true;
  }
  model::Signal* const signal = of_thread          ? &current().threads.back().signal
                                : current().signal ? &*current().signal
                                                   : nullptr;
  if (signal == nullptr) return false;
  if (text == "signal arrived during cgo execution" || text == "signal arrived during external code execution")
    return signal->during_cgo = true;
  if (!text.starts_with("instruction bytes:")) return false;
  signal->instructions = symbols_.intern(trim(text.substr(18)));
  return true;
}

void Reader::end_thread() {
  model::Traceback& traceback = current();
  if (traceback.threads.empty()) return;
  model::ThreadBlock& last = traceback.threads.back();
  last.goroutine_count = static_cast<std::uint32_t>(traceback.goroutines.size()) - last.first_goroutine;
}

// A new dump begins where a goroutine cannot be the next one of the open traceback.
bool Reader::belongs_to_open(const GoroutineHeader& header) const {
  if (phase_ == Phase::Outside) return false;
  const model::Traceback& traceback = reading_.log.tracebacks.back();
  if (phase_ == Phase::Header || relay_ || traceback.goroutines.empty()) return true;
  // The stack of the runtime itself stands above that of the goroutine that crashed.
  if (std::ranges::all_of(traceback.goroutines, &model::Goroutine::system)) return true;
  if (header.state == "running" && (foreign_lines_ > 0 || traceback.cause == model::Cause::Dump)) return false;
  return header.id != traceback.goroutines.front().id;
}

bool Reader::goroutine_start(std::string_view text) {
  if (text == "-----" && phase_ != Phase::Outside) {
    end_goroutine();
    phase_ = Phase::Between;
    return relay_ = true;
  }
  if (text == "runtime stack:") {
    if (phase_ == Phase::Outside) open(model::Cause::Dump);
    begin_goroutine({.state = "running"}, true);
    return true;
  }
  const auto header =
      text == kUnnamedStack ? std::optional(GoroutineHeader{.state = "running"}) : goroutine_header(text);
  if (!header) {
    if (text.starts_with("goroutine ") && text.ends_with(':') && text.contains('['))
      ++reading_.goroutines_read, ++reading_.goroutines_malformed;
    return false;
  }
  if (phase_ == Phase::Goroutine || phase_ == Phase::Between) drop_forged_goroutine();
  if (!belongs_to_open(*header)) {
    const model::LogLine above{.text = symbols_.intern(recent_.back().text), .number = recent_.back().number};
    open(model::Cause::Dump);
    if (recent_ordinal_ + 1 == ordinal_) context_ = above;
  }
  note_header(*header, reading_.go_version);
  begin_goroutine(*header, header->id == 0 && text != kUnnamedStack);
  return true;
}

void Reader::begin_goroutine(const GoroutineHeader& header, bool system) {
  end_header_text();
  end_goroutine();
  ++reading_.goroutines_read;
  model::Traceback& traceback = current();
  const StringId state = symbols_.intern(header.state);
  const auto [wait, is_new] = wait_kinds_.try_emplace(state, model::WaitKind::None);
  if (is_new) {
    wait->second = model::wait_kind(header.state);
    note_state(header.state, reading_.go_version);
  }
  model::Goroutine next{.id = header.id,
                        .state = state,
                        .wait = wait->second,
                        .minutes = header.minutes,
                        .locked_to_thread = header.locked,
                        .leaked = header.leaked,
                        .scanned = header.scanned,
                        .durable = header.durable,
                        .system = system,
                        .bubble = header.bubble,
                        .gp = header.gp,
                        .thread = header.thread,
                        .log_line = number_};
  next.first_frame = static_cast<std::uint32_t>(traceback.frames.size());
  next.same_stack_as = static_cast<std::uint32_t>(traceback.goroutines.size());
  next.first_ancestor = static_cast<std::uint32_t>(traceback.ancestors.size());
  next.first_label = static_cast<std::uint32_t>(traceback.labels.size());
  for (const LabelPair& pair : label_pairs(header.labels))
    traceback.labels.push_back({.key = symbols_.intern(pair.key), .value = symbols_.intern(pair.value)});
  next.label_count = static_cast<std::uint32_t>(traceback.labels.size()) - next.first_label;
  traceback.goroutines.push_back(next);
  phase_ = Phase::Goroutine;
  in_ancestor_ = false;
  pending_ = Pending::Nothing;
  known_.restart();
}

void Reader::end_goroutine() {
  if (phase_ != Phase::Goroutine) return;
  // Every frame and creator has a file line: one that is missing was cut off (runtime.Stack into a small buffer).
  const bool cut = !in_ancestor_ && (pending_ == Pending::Function || pending_ == Pending::Creator);
  drop_pending();
  end_ancestor();
  goroutine().cut |= cut;
  goroutine().frame_count = static_cast<std::uint32_t>(current().frames.size()) - goroutine().first_frame;
  same_stacks_.compare(current(), goroutine().same_stack_as);
}

// Up to Go 1.22 a panic text is printed raw, so a text that holds "goroutine 1 [running]:" forges a
// goroutine. It shows: none of its frames has a file line, and the real one of the same id follows.
void Reader::drop_forged_goroutine() {
  model::Traceback& traceback = current();
  if (traceback.cause != model::Cause::Panic || traceback.goroutines.size() != 1) return;
  end_goroutine();
  phase_ = Phase::Between;
  const auto frames = traceback.frames_of(goroutine());
  if (frames.empty() || std::ranges::any_of(frames, [](const auto& frame) { return frame.line != 0; })) return;
  traceback.goroutines.clear();
  traceback.frames.clear();
  same_stacks_.clear();
  --reading_.goroutines_read;
}

// What the lines under a header added to its text: interned once, however many they were.
void Reader::end_header_text() {
  raw_text_ = false;
  if (more_text_.empty()) return;
  model::Traceback& traceback = current();
  const bool of_panic = traceback.fatal.none() && !traceback.panics.empty();
  StringId& value = of_panic ? traceback.panics.back().text : traceback.fatal;
  value = symbols_.intern(std::string(symbols_.text(value)) + more_text_);
  more_text_.clear();
}

// The value of a panic may have several lines: indented by one tab since 1.23, raw before.
bool Reader::header_continuation(std::string_view text) {
  if (phase_ != Phase::Header || blank_in_header_) return false;
  model::Traceback& traceback = current();
  const bool indented = text[0] == '\t';
  if (!indented && (traceback.panics.empty() || !traceback.fatal.none() || traceback.signal || is_notice(text) ||
                    is_lead(text) || timestamp(text)))
    return false;
  if (traceback.cause == model::Cause::Signal) return false;
  // A panic chain may end in a fatal error (Go 1.26), whose text then goes on; the words themselves may be missing.
  const bool of_panic = traceback.fatal.none() && !traceback.panics.empty();
  if (more_text_.size() > kLongestPanicText) return true;
  raw_text_ |= !indented;
  std::string_view rest = text;
  // A raw text may have indented lines of its own: the list of running tests up to 1.22.
  if (!raw_text_) {
    reading_.go_version.at_least(23, "an indented line inside a panic value");
    rest.remove_prefix(1);
  }
  if (of_panic) {
    const PanicLine parts = panic_line(rest);
    traceback.panics.back().recovered |= parts.recovered;
    traceback.panics.back().repanicked |= parts.repanicked;
    rest = parts.text;
  }
  (more_text_ += '\n') += rest;
  return true;
}

void Reader::ordinary(std::string_view text) {
  if (is_lead(text)) {
    leads_.push_back({.text = symbols_.intern(text), .number = number_});
  } else {
    leads_.clear();
  }
  if (is_notice(text)) {
    reading_.log.notices.push_back({.text = symbols_.intern(text), .number = number_});
  } else if (const auto setting = settings_.line(text)) {
    reading_.log.notices.push_back({.text = symbols_.intern(*setting), .number = number_});
  }
  if (text[0] >= '0' && text[0] <= '9') stamped_.assign(text.substr(0, kLongestTimestamp));
  if (!is_lead(text)) {
    std::ranges::rotate(recent_, recent_.begin() + 1);
    recent_.back().text.assign(text.substr(0, kLongestPanicText));
    recent_.back().number = number_;
    recent_ordinal_ = ordinal_;
  }
  if (phase_ == Phase::Outside) return;
  ++foreign_lines_;
  if (phase_ == Phase::Goroutine && text.size() <= kLongestCandidate) {
    candidate_ = text;
    candidate_number_ = number_;
  }
  if (phase_ == Phase::Header && foreign_lines_ > kForeignLinesAfterHeader) close();
}

void Reader::open(model::Cause cause) {
  close();
  model::Traceback& traceback = reading_.log.tracebacks.emplace_back();
  traceback.cause = cause;
  traceback.lead = std::exchange(leads_, {});
  traceback.first_line = traceback.lead.empty() ? number_ : traceback.lead.front().number;
  if (cause == model::Cause::Signal) traceback.first_line = std::min(traceback.first_line, signal_line_);
  for (const Line& line : recent_)
    if (line.number != 0)
      traceback.before.push_back(
          {.text = symbols_.intern(shorten(line.text, kLongestLineBefore)), .number = line.number});
  for (Line& line : recent_) line.number = 0;
  phase_ = Phase::Header;
  blank_in_header_ = false;
  context_ = {};
  same_stacks_.clear();
}

void Reader::close() {
  if (phase_ == Phase::Outside) return;
  end_header_text();
  end_goroutine();
  end_thread();
  if (!current().goroutines.empty()) current().cut |= goroutine().cut;
  join_split_panic_text();
  name_recovered_panic();
  name_missing_header();
  phase_ = Phase::Outside;
  relay_ = false;
  foreign_lines_ = 0;
  indentation_.clear();
}

Reading Reader::finish(bool complete) {
  // Half a file line is no line of the grammar; it counts as foreign, and says that the frame above was cut.
  const bool torn_line = !complete && foreign_lines_ == 1;
  const bool inside = phase_ == Phase::Goroutine && foreign_lines_ == 0;
  const bool half_frame = phase_ == Phase::Goroutine && (inside || torn_line) &&
                          (pending_ == Pending::Function || pending_ == Pending::Creator);
  // Only the last is asked for, so only that is read as a time.
  if (const auto time = timestamp(stamped_)) reading_.time_ns = *time;
  reading_.log.ends_in_newline = complete;
  if (half_frame || (inside && !complete)) {
    goroutine().cut = true;
    current().cut = true;
  }
  close();
  return std::move(reading_);
}

}  // namespace gopsy::decode::traceback
