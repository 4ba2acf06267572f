#include "decode/traceback/reader.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "decode/traceback/timestamp.h"
#include "decode/traceback/version_marks.h"
#include "decode/version_marks.h"

namespace gopsy::decode::traceback {
namespace {

// A header without a goroutine under it (GOTRACEBACK=none) is given up after so many other lines.
constexpr unsigned kForeignLinesAfterHeader = 60;
constexpr std::size_t kLongestLineBefore = 400;
constexpr std::size_t kLongestPanicText = std::size_t{64} << 10;
constexpr std::size_t kLongestTimestamp = 40;

}  // namespace

void Reader::line(std::string_view text, std::uint32_t number) {
  number_ = number;
  ++ordinal_;
  reading_.log.lines = number;
  if (text.empty()) return blank();
  const bool known =
      header_line(text) || (phase_ == Phase::Goroutine && goroutine_content(text)) || header_continuation(text);
  if (!known) return ordinary(text);
  if (phase_ != Phase::Outside) {
    ++reading_.lines_in_tracebacks;
    current().last_line = number;
    current().bad_lines += foreign_lines_;
    reading_.lines_odd += foreign_lines_;
    foreign_lines_ = 0;
  }
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
  std::string_view name;
  if (phase_ == Phase::Header) {
    if (auto signal = signal_line(text, name)) {
      signal->name = symbols_.intern(name);
      signal->log_line = number_;
      current().signal = *signal;
      return true;
    }
    if (text == "signal arrived during cgo execution" && current().signal) {
      current().signal->during_cgo = true;
      return true;
    }
    if (text.starts_with("instruction bytes:") && current().signal) {
      current().signal->instructions = symbols_.intern(trim(text.substr(18)));
      return true;
    }
  }
  if (is_signal_name(text)) {
    signal_name_ = text;
    signal_line_ = number_;
    return true;
  }
  const auto header = signal_name_.empty() ? std::nullopt : signal_header(text);
  const std::string waiting = std::exchange(signal_name_, {});
  if (!header) return false;
  if (relay_) return true;
  if (phase_ != Phase::Header || blank_in_header_) open(model::Cause::Signal);
  note_signal_header(*header, waiting, reading_.go_version);
  current().signal = model::Signal{.name = symbols_.intern(waiting),
                                   .code = header->code,
                                   .address = header->address,
                                   .pc = header->pc,
                                   .header = true,
                                   .log_line = signal_line_};
  return true;
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
  model::Goroutine next{.id = header.id,
                        .state = symbols_.intern(header.state),
                        .wait = wait_kind(header.state),
                        .minutes = header.minutes,
                        .locked_to_thread = header.locked,
                        .leaked = header.leaked,
                        .system = system,
                        .log_line = number_};
  next.first_frame = static_cast<std::uint32_t>(traceback.frames.size());
  next.first_label = static_cast<std::uint32_t>(traceback.labels.size());
  for (const LabelPair& pair : label_pairs(header.labels))
    traceback.labels.push_back({.key = symbols_.intern(pair.key), .value = symbols_.intern(pair.value)});
  next.label_count = static_cast<std::uint32_t>(traceback.labels.size()) - next.first_label;
  traceback.goroutines.push_back(next);
  phase_ = Phase::Goroutine;
  in_ancestor_ = noise_ = creator_pending_ = false;
}

bool Reader::goroutine_content(std::string_view text) {
  if (const auto place = file_line(text)) {
    note_version(reading_.go_version, function_, place->file);
    if (creator_pending_) {
      goroutine().created_file = symbols_.intern(place->file);
      goroutine().created_line = place->line;
      creator_pending_ = false;
      return true;
    }
    if (function_.empty()) return in_ancestor_;
    add_frame(function_, args_, *place, function_number_);
    function_.clear();
    return true;
  }
  if (trim(text) == "goroutine running on other thread; stack unavailable") return goroutine().other_thread = true;
  if (is_unwind_noise(text)) return noise_ = true;
  if (const auto created = created_by(text)) {
    if (in_ancestor_) return true;
    note_created_by(*created, reading_.go_version);
    goroutine().created_by = symbols_.intern(created->function);
    goroutine().creator = created->goroutine;
    return creator_pending_ = true;
  }
  if (const auto count = elided(text)) {
    if (in_ancestor_) return true;
    if (*count == model::Goroutine::kElidedUnknown) {
      reading_.go_version.at_most(20, "\"...additional frames elided...\"");
    } else {
      reading_.go_version.at_least(21, "\"...N frames elided...\"");
    }
    goroutine().elided_frames = *count;
    goroutine().elided_after = static_cast<std::uint32_t>(current().frames.size()) - goroutine().first_frame;
    return true;
  }
  if (is_ancestor_header(text)) {
    ++goroutine().ancestors;
    return in_ancestor_ = true;
  }
  if (text.starts_with("non-Go function at pc=")) {
    add_frame("non-Go function", "", {.pc = parse_hex(text.substr(22)).value_or(0)}, number_);
    return true;
  }
  if (is_register(text)) return true;
  const auto function = function_line(text);
  // Frames of C code have no argument list (printOneCgoTraceback); their file line ends in pc=.
  const bool bare = !function && text.find(' ') == std::string_view::npos && text[0] != '\t';
  if (!function && !bare) return false;
  if (in_ancestor_) return true;
  drop_pending_function();
  function_ = function ? function->function : text;
  args_ = function ? function->args : std::string_view{};
  function_is_bare_ = bare;
  function_number_ = number_;
  return true;
}

void Reader::add_frame(std::string_view function, std::string_view args, const FileLine& place,
                       std::uint32_t log_line) {
  note_wait(symbols_.text(goroutine().state), function, reading_.go_version);
  note_function(function, args, reading_.go_version);
  current().frames.push_back({.function = symbols_.intern(function),
                              .args = symbols_.intern(args),
                              .file = symbols_.intern(place.file),
                              .line = place.line,
                              .inlined = args == "...",
                              .pc_offset = place.pc_offset,
                              .fp = place.fp,
                              .sp = place.sp,
                              .pc = place.pc,
                              .log_line = log_line});
}

// A function line whose file line never came. Without an argument list it was a stray word, no frame.
void Reader::drop_pending_function() {
  if (function_.empty()) return;
  if (function_is_bare_) {
    ++current().bad_lines;
    ++reading_.lines_odd;
    --reading_.lines_in_tracebacks;
  } else {
    add_frame(function_, args_, {}, function_number_);
  }
  function_.clear();
}

void Reader::end_goroutine() {
  if (phase_ != Phase::Goroutine) return;
  drop_pending_function();
  goroutine().frame_count = static_cast<std::uint32_t>(current().frames.size()) - goroutine().first_frame;
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
  --reading_.goroutines_read;
}

// What the lines under a header added to its text: interned once, however many they were.
void Reader::end_header_text() {
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
  if (indented) reading_.go_version.at_least(23, "an indented line inside a panic value");
  std::string_view rest = text;
  if (indented) rest.remove_prefix(1);
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
  if (is_notice(text)) reading_.log.notices.push_back({.text = symbols_.intern(text), .number = number_});
  if (text[0] >= '0' && text[0] <= '9') stamped_.assign(text.substr(0, kLongestTimestamp));
  if (!is_lead(text)) {
    std::ranges::rotate(recent_, recent_.begin() + 1);
    recent_.back().text.assign(text.substr(0, kLongestPanicText));
    recent_.back().number = number_;
    recent_ordinal_ = ordinal_;
  }
  if (phase_ == Phase::Outside) return;
  ++foreign_lines_;
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
}

void Reader::close() {
  if (phase_ == Phase::Outside) return;
  end_header_text();
  end_goroutine();
  join_split_panic_text();
  name_recovered_panic();
  name_missing_header();
  phase_ = Phase::Outside;
  relay_ = false;
  foreign_lines_ = 0;
}

// A stack with a `panic(` frame under a log line, without a header of its own, is what a recover
// printed (net/http's "http: panic serving …", debug.Stack in a middleware).
void Reader::name_recovered_panic() {
  model::Traceback& traceback = current();
  if (traceback.cause != model::Cause::Dump || traceback.goroutines.size() != 1) return;
  const auto frames = traceback.frames_of(traceback.goroutines[0]);
  const bool panicked =
      std::ranges::any_of(frames, [&](const auto& frame) { return symbols_.text(frame.function) == "panic"; });
  if (!panicked) return;
  traceback.cause = model::Cause::Recovered;
  std::string_view text = symbols_.text(context_.text);
  const auto serving = text.find("http: panic serving ");
  if (serving != std::string_view::npos) {
    text.remove_prefix(serving + 20);
    consume_until(text, ": ");
  } else {
    skip_timestamp(text);
  }
  const StringId value = symbols_.intern(text);
  // It names the panic; what was logged before is what stands above it.
  if (!traceback.before.empty() && traceback.before.back().number == context_.number) traceback.before.pop_back();
  if (!context_.text.none())
    traceback.panics.push_back({.text = value, .recovered = true, .log_line = context_.number});
  if (context_.number != 0) traceback.first_line = context_.number;
}

// A file of debug.SetCrashOutput starts without its "fatal error:" line (golang/go#76859): a running
// goroutine whose innermost frame is the runtime's own throw says that the process ended here.
void Reader::name_missing_header() {
  model::Traceback& traceback = current();
  if (traceback.cause != model::Cause::Dump || traceback.goroutines.empty()) return;
  const auto frames = traceback.frames_of(traceback.goroutines[0]);
  if (frames.empty() || traceback.goroutines[0].wait != model::WaitKind::Running) return;
  const std::string_view leaf = symbols_.text(frames[0].function);
  if (leaf == "runtime.throw" || leaf == "runtime.fatal" || leaf == "runtime.fatalthrow" || leaf == "sync.fatal" ||
      leaf == "sync.throw" || leaf == "internal/sync.fatal" || leaf == "internal/sync.throw" ||
      leaf == "internal/runtime/maps.fatal")
    traceback.cause = model::Cause::Fatal;
}

// Since 1.23 "⇥panic: x" is either the next panic of the chain or a line of a multi-line value. The
// stack decides: every panic but the newest has a `panic(` frame that is not the innermost.
void Reader::join_split_panic_text() {
  model::Traceback& traceback = current();
  if (traceback.cause != model::Cause::Panic || traceback.goroutines.empty() || traceback.panics.size() < 2) return;
  const model::Goroutine& first = traceback.goroutines[0];
  const auto frames = traceback.frames_of(first);
  if (frames.empty() || first.elided_frames != 0) return;
  const auto panicking = static_cast<std::size_t>(
      std::ranges::count_if(frames, [&](const auto& frame) { return symbols_.text(frame.function) == "panic"; }));
  std::size_t links = traceback.panics.size();
  // A recovered link is never a line of a text.
  while (links > 1 && links > panicking + 1 && !traceback.panics[links - 2].recovered) --links;
  model::PanicValue& last = traceback.panics[links - 1];
  std::string text(symbols_.text(last.text));
  for (std::size_t i = links; i < traceback.panics.size(); ++i) {
    if (text.size() <= kLongestPanicText) (text += "\npanic: ") += symbols_.text(traceback.panics[i].text);
    last.recovered = traceback.panics[i].recovered;
  }
  last.text = symbols_.intern(text);
  traceback.panics.resize(links);
}

Reading Reader::finish(bool complete) {
  // Half a file line is no line of the grammar; it counts as foreign, and says that the frame above was cut.
  const bool torn_line = !complete && foreign_lines_ == 1;
  const bool inside = phase_ == Phase::Goroutine && foreign_lines_ == 0;
  const bool half_frame = phase_ == Phase::Goroutine && (inside || torn_line) &&
                          ((!function_.empty() && !function_is_bare_) || creator_pending_);
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
