#include "decode/race/reader.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "decode/traceback/grammar.h"

namespace gopsy::decode::race {
namespace {

constexpr std::string_view kSeparator = "==================";
constexpr std::string_view kTitle = "WARNING: DATA RACE";
// A report is written in one go; what other processes wrote in between is little. After so many other lines its end
// is lost, and what looks like a frame is another's.
constexpr unsigned kForeignLines = 200;
// The detector prints at most 255 a stack (kStackTraceMax).
constexpr std::size_t kMostFrames = 4096;

// What another reader of the log must get, whatever state this one is in.
bool begins_a_crash(std::string_view text) {
  return text.starts_with("panic: ") || text.starts_with("fatal error: ") || traceback::goroutine_header(text) ||
         traceback::is_signal_name(text);
}

// " at 0x00c00009e028 by " or, before Go 1.7, " by ". Then "main goroutine:" or "goroutine 7:".
std::optional<model::RaceAccess> parse_access(std::string_view text) {
  model::RaceAccess access;
  if (!consume(text, "Previous ")) {
    if (!text.starts_with("Read ") && !text.starts_with("Write ")) return std::nullopt;
  }
  if (consume(text, "Write ") || consume(text, "write ")) {
    access.write = true;
  } else if (!consume(text, "Read ") && !consume(text, "read ")) {
    return std::nullopt;
  }
  if (consume(text, "at ")) {
    access.address = consume_hex(text);
    if (!access.address || !consume(text, " ")) return std::nullopt;
  }
  if (!consume(text, "by ")) return std::nullopt;
  if (text == "main goroutine:") {
    access.main = true;
    return access;
  }
  if (!consume(text, "goroutine ")) return std::nullopt;
  const auto id = consume_decimal(text);
  if (!id || text != ":") return std::nullopt;
  access.goroutine = *id;
  return access;
}

struct Creation {
  std::uint64_t goroutine = 0;
  bool finished = false;
};

std::optional<Creation> parse_creation(std::string_view text) {
  Creation creation;
  if (!consume(text, "Goroutine ")) return std::nullopt;
  const auto id = consume_decimal(text);
  if (!id) return std::nullopt;
  creation.goroutine = *id;
  creation.finished = text == " (finished) created at:";
  if (!creation.finished && text != " (running) created at:") return std::nullopt;
  return creation;
}

std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
  hash = (hash ^ value) * 0x9E3779B97F4A7C15ULL;
  return hash ^ hash >> 32;
}

bool same_stack(const model::RaceReport& a, const model::RaceStack& x, const model::RaceReport& b,
                const model::RaceStack& y) {
  return x.lost == y.lost && std::ranges::equal(a.frames_of(x), b.frames_of(y), [](const auto& p, const auto& q) {
           return p.function == q.function && p.file == q.file && p.line == q.line;
         });
}

bool same_access(const model::RaceReport& a, const model::RaceAccess& x, const model::RaceReport& b,
                 const model::RaceAccess& y) {
  return x.write == y.write && x.main == y.main && x.creation_told == y.creation_told && x.finished == y.finished &&
         same_stack(a, x.stack, b, y.stack) && same_stack(a, x.created, b, y.created);
}

// Equal but for addresses, goroutine numbers and the place in the log.
bool same_report(const model::RaceReport& a, const model::RaceReport& b) {
  return a.access_count == b.access_count && a.cut == b.cut && same_access(a, a.accesses[0], b, b.accesses[0]) &&
         same_access(a, a.accesses[1], b, b.accesses[1]);
}

std::uint64_t hash_of(const model::RaceReport& report) {
  std::uint64_t hash = report.access_count;
  for (const auto& access : report.accesses)
    hash = mix(hash, std::uint64_t{access.stack.count} << 32 | access.created.count << 1 | (access.write ? 1U : 0U));
  for (const auto& frame : report.frames) hash = mix(mix(hash, frame.function.value), frame.line);
  return hash;
}

}  // namespace

bool Reader::line(std::string_view text, std::uint32_t number) {
  number_ = number;
  const std::string_view trimmed = trim(text);
  if (!open_) {
    if (trimmed == kSeparator) return separator_ = true;
    const bool taken = start(trimmed) || tail(trimmed);
    separator_ = false;
    return taken;
  }
  if (begins_a_crash(text)) {
    close(true);
    return false;
  }
  const bool indented = text.starts_with(' ') || text.starts_with('\t');
  if (start(trimmed)) return true;
  if (trimmed == kSeparator) {
    ++races_.report_lines;
    report_.last_line = number;
    close(false);
    separator_ = false;
    return true;
  }
  if (trimmed.empty() || header(trimmed) || frame(trimmed, indented)) {
    ++races_.report_lines;
    if (!trimmed.empty()) report_.last_line = number;
    foreign_lines_ = 0;
    return true;
  }
  if (++foreign_lines_ > kForeignLines) close(true);
  return tail(trimmed);
}

bool Reader::start(std::string_view text) {
  if (text != kTitle) return false;
  if (open_) close(true);
  ++races_.read;
  races_.report_lines += separator_ ? 2 : 1;
  open_ = true;
  report_.first_line = report_.last_line = number_;
  return true;
}

// What the detector says outside of reports, and what `go test` says about them.
bool Reader::tail(std::string_view text) {
  if (text.empty()) return false;
  if (text.starts_with("--- FAIL: ") || text.ends_with("race detected during execution of test")) {
    name_test(text);
    return false;
  }
  std::string_view rest = text;
  if (consume(rest, "Found ")) {
    const auto count = consume_decimal(rest);
    if (!count || rest != " data race(s)") return false;
    races_.announced += std::min<std::uint64_t>(*count, UINT32_MAX);
  } else if (rest.starts_with("race: limit on ") && rest.contains("simultaneously alive goroutines is exceeded")) {
    races_.limit_line = number_;
  } else {
    return false;
  }
  if (open_) close(true);
  ++races_.report_lines;
  return true;
}

// "--- FAIL: TestX (0.00s)" and "testing.go:1399: race detected during execution of test"; with -v the other way round.
void Reader::name_test(std::string_view text) {
  if (open_) close(true);
  if (consume(text, "--- FAIL: ")) {
    failed_test_ = text.substr(0, text.find(' '));
  } else {
    test_failed_ = true;
  }
  if (test_failed_ && !failed_test_.empty()) give_test_name();
}

void Reader::give_test_name() {
  const StringId test = symbols_.intern(failed_test_);
  for (; first_unnamed_ < races_.reports.size(); ++first_unnamed_) races_.reports[first_unnamed_].test = test;
  test_failed_ = false;
}

bool Reader::header(std::string_view text) {
  if (access(text) || creation(text)) return true;
  if (text != "[failed to restore the stack]" || !in_stack_) return false;
  if (stack_ != nullptr) stack_->lost = true;
  return true;
}

bool Reader::access(std::string_view text) {
  const auto parsed = parse_access(text);
  if (!parsed) return false;
  close_stack();
  if (report_.access_count == report_.accesses.size()) {
    open_stack(nullptr);
    return true;
  }
  model::RaceAccess& access = report_.accesses[report_.access_count++];
  access = *parsed;
  access.log_line = number_;
  open_stack(&access.stack);
  return true;
}

bool Reader::creation(std::string_view text) {
  const auto parsed = parse_creation(text);
  if (!parsed) return false;
  close_stack();
  const auto end = report_.accesses.begin() + report_.access_count;
  const auto found = std::find_if(report_.accesses.begin(), end, [&](const model::RaceAccess& access) {
    return !access.main && access.goroutine == parsed->goroutine && !access.creation_told;
  });
  if (found == end) {
    open_stack(nullptr);
    return true;
  }
  found->creation_told = true;
  found->finished = parsed->finished;
  open_stack(&found->created);
  return true;
}

void Reader::open_stack(model::RaceStack* stack) {
  stack_ = stack;
  in_stack_ = true;
  if (stack != nullptr) stack->first = static_cast<std::uint32_t>(report_.frames.size());
}

void Reader::close_stack() {
  add_frame({}, 0);
  if (stack_ != nullptr) stack_->count = static_cast<std::uint32_t>(report_.frames.size()) - stack_->first;
  stack_ = nullptr;
  in_stack_ = false;
}

// "  main.f()" and "      /src/main.go:42 +0x1d". Names of C++ may hold blanks and parentheses.
bool Reader::frame(std::string_view text, bool indented) {
  if (!in_stack_) return false;
  if (!any_frame_) unindented_ = !indented;
  if (!indented && !unindented_) return false;
  if (!function_.empty()) {
    if (const auto place = traceback::place_of_frame(text)) {
      add_frame(place->file, place->line);
      return true;
    }
  }
  if (!text.ends_with("()") || text.size() < 3) return false;
  add_frame({}, 0);
  any_frame_ = true;
  function_ = text.substr(0, text.size() - 2);
  function_number_ = number_;
  return true;
}

// The function that waits for its file line, if there is one.
void Reader::add_frame(std::string_view file, std::uint32_t line) {
  if (!function_.empty() && stack_ != nullptr && report_.frames.size() < kMostFrames)
    report_.frames.push_back({.function = symbols_.intern(function_),
                              .file = symbols_.intern(file),
                              .line = line,
                              .log_line = function_number_});
  function_.clear();
}

void Reader::close(bool cut) {
  close_stack();
  open_ = any_frame_ = unindented_ = false;
  foreign_lines_ = 0;
  failed_test_.clear();
  model::RaceReport report = std::exchange(report_, {});
  if (report.access_count == 0) {
    ++races_.malformed;
    return;
  }
  report.cut = cut;
  const std::uint64_t hash = hash_of(report);
  const auto [first, last] = known_.equal_range(hash);
  const auto same =
      std::find_if(first, last, [&](const auto& entry) { return same_report(races_.reports[entry.second], report); });
  if (same != last) {
    ++races_.reports[same->second].times;
    return;
  }
  known_.emplace(hash, races_.reports.size());
  report.frames.shrink_to_fit();
  races_.reports.push_back(std::move(report));
}

model::Races Reader::finish() {
  if (open_) close(true);
  return std::exchange(races_, {});
}

}  // namespace gopsy::decode::race
