#include "decode/folded/folded.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <ranges>
#include <string>
#include <vector>

#include "base/text.h"
#include "decode/profile_builder.h"
#include "decode/version_marks.h"

namespace gopsy::decode {
namespace {

constexpr std::string_view kBlanks = " \t";
constexpr std::string_view kInlined = "_[i]";
// A chain of inlined frames is copied into each location made from it, so its length costs by the square. Go's
// compiler stops long before.
constexpr std::uint32_t kMostInlined = 32;

struct Count {
  std::int64_t value = 0;
  bool rounded = false;
  bool saturated = false;
  bool negative = false;
};

// Digits, with a sign or a fraction; no exponent, which no reader of folded text knows.
std::optional<Count> parse_count(std::string_view text) {
  Count count;
  count.negative = consume(text, "-");
  const auto dot = text.find('.');
  const std::string_view whole = text.substr(0, dot);
  const std::string_view fraction = dot == std::string_view::npos ? "" : text.substr(dot + 1);
  const auto digits = [](std::string_view s) { return s.find_first_not_of("0123456789") == std::string_view::npos; };
  if (whole.empty() || !digits(whole) || !digits(fraction)) return std::nullopt;
  const auto value = parse_decimal(whole);
  count.rounded = fraction.find_first_not_of('0') != std::string_view::npos;
  const bool up = !fraction.empty() && fraction[0] >= '5';
  count.saturated = !value || *value > INT64_MAX - (up ? 1 : 0);
  count.value = count.saturated ? INT64_MAX : static_cast<std::int64_t>(*value) + (up ? 1 : 0);
  return count;
}

// Takes the last word of `line` off it if it is a count.
std::optional<Count> take_count(std::string_view& line) {
  const auto blank = line.find_last_of(kBlanks);
  if (blank == std::string_view::npos) return std::nullopt;
  const auto count = parse_count(line.substr(blank + 1));
  if (count) line = line.substr(0, line.find_last_not_of(kBlanks, blank) + 1);
  return count;
}

bool is_comment(std::string_view line) { return trim(line).empty() || line.starts_with('#'); }

// Two counts are a differential only where every line has them: `operator 3 7` is a name.
bool is_differential(std::string_view bytes) {
  LineReader lines(bytes);
  bool any = false;
  while (lines.next()) {
    std::string_view line = trim(lines.line());
    if (is_comment(line) || !take_count(line)) continue;
    if (!take_count(line) || line.empty()) return false;
    any = true;
  }
  return any;
}

std::string unescaped(std::string_view frame) {
  std::string out;
  while (const auto before = consume_until(frame, "\\x3b")) (out += *before) += ';';
  return out += frame;
}

class Reader {
 public:
  Reader(model::Profile& profile, model::Symbols& symbols, bool differential)
      : profile_(profile), symbols_(symbols), builder_(profile), columns_(differential ? 2 : 1) {}

  void read(std::string_view bytes) {
    LineReader lines(bytes);
    while (lines.next()) {
      if (is_comment(lines.line())) continue;
      ++counts_.read;
      if (const auto reason = line(trim(lines.line())); !reason.empty()) counts_.skip(reason);
    }
    counts_.kept = profile_.sample_count();
  }

  // The lines, and where there were such: values that are not what the line said.
  std::vector<model::Counts> counts() const {
    std::vector<model::Counts> all{counts_};
    if (rounded_ != 0) all.push_back({.what = "counts rounded to whole numbers", .read = rounded_, .kept = rounded_});
    if (saturated_ != 0) all.push_back({.what = "counts lowered to 2^63 - 1", .read = saturated_, .kept = saturated_});
    return all;
  }

 private:
  std::string_view line(std::string_view text) {
    Count counts[2];
    for (std::size_t i = columns_; i-- > 0;) {
      const auto count = take_count(text);
      if (!count) return "no count at its end";
      if (count->negative) return "a negative count";
      counts[i] = *count;
    }
    if (text.empty()) return "no frame before its count";
    read_stack(text);
    profile_.stack_locations.append(std::views::reverse(stack_));
    profile_.stack_start.push_back(profile_.stack_locations.size());
    profile_.label_start.push_back(0);
    for (std::size_t i = 0; i < columns_; ++i) {
      profile_.values.push_back(counts[i].value);
      rounded_ += counts[i].rounded ? 1 : 0;
      saturated_ += counts[i].saturated ? 1 : 0;
    }
    return {};
  }

  // Sorted folded text repeats most of the line before it: what both begin with is not looked up again.
  void read_stack(std::string_view text) {
    escapes_ = text.contains('\\');
    const auto same = static_cast<std::size_t>(std::ranges::mismatch(text, previous_).in1 - text.begin());
    while (!path_.empty() && path_.back().end > same) path_.pop_back();
    // An inlined frame belongs to the location of its caller, so a prefix that ends before one is not whole.
    const Step kept = path_.empty() ? Step{} : path_.back();
    stack_.resize(kept.depth);
    if (kept.depth != 0) stack_.back() = kept.location;
    std::size_t at = kept.end;
    while (at < text.size()) {
      const std::size_t end = std::min(text.find(';', at), text.size());
      add_frame(trim(text.substr(at, end - at)));
      at = std::min(end + 1, text.size());
      if (end < text.size()) path_.push_back({.end = at, .depth = stack_.size(), .location = stack_.back()});
    }
    previous_ = text;
  }

  // The stack after a frame: its depth in locations, and the last of them, which later frames may replace by one
  // with themselves inlined.
  struct Step {
    std::size_t end = 0;  // of its text, the ';' behind it included
    std::size_t depth = 0;
    std::uint32_t location = 0;
  };

  void add_frame(std::string_view frame) {
    const bool marked = frame.ends_with(kInlined);
    if (marked) frame.remove_suffix(kInlined.size());
    const StringId name = name_of(frame);
    if (marked && !stack_.empty() && profile_.locations[stack_.back()].line_count < kMostInlined) {
      stack_.back() = builder_.inlined(builder_.function(name, {}), stack_.back());
      return;
    }
    stack_.push_back(builder_.named(name));
  }

  StringId name_of(std::string_view frame) {
    if (frame.empty()) return symbols_.intern("[unknown]");
    if (escapes_ && frame.contains("\\x3b")) return symbols_.intern(unescaped(frame));
    return symbols_.intern(frame);
  }

  model::Profile& profile_;
  model::Symbols& symbols_;
  ProfileBuilder builder_;
  std::size_t columns_;
  bool escapes_ = false;              // may this line hold an escaped ';'?
  std::string_view previous_;         // the stack of the line before
  std::vector<Step> path_;            // its frames, but the last
  std::vector<std::uint32_t> stack_;  // its locations, root first
  model::Counts counts_{.what = "lines"};
  std::uint64_t rounded_ = 0;
  std::uint64_t saturated_ = 0;
};

// A folded line for certain has a ';' and a count; without a ';' it may be any text that ends in a number.
Match sniff(std::string_view head) {
  if (head.find('\0') != std::string_view::npos) return Match::No;
  std::size_t lines = 0;
  std::size_t counted = 0;
  std::size_t folded = 0;
  LineReader reader(head);
  while (reader.next()) {
    std::string_view line = reader.line();
    // The head may end inside a line.
    if (is_comment(line) || (!reader.complete() && lines > 0)) continue;
    // Tracebacks, /proc maps and debug=1 profiles: never, whatever the other lines look like.
    if (line.starts_with("goroutine ") || line.contains(" @ ") || line.starts_with("\t/")) return Match::No;
    ++lines;
    const bool starts_well = !kBlanks.contains(line.front());
    line = trim(line);
    if (!starts_well || !take_count(line) || line.empty()) continue;
    ++counted;
    if (line.contains(';') && !line.contains("; ")) ++folded;
  }
  if (lines == 0 || counted * 10 < lines * 9) return Match::No;
  if (folded * 2 >= lines) return Match::Certain;
  return folded != 0 ? Match::Maybe : Match::No;
}

Result<model::Evidence> decode(std::string_view bytes, model::Symbols& symbols) {
  model::Evidence evidence;
  model::Profile& profile = evidence.profile.emplace();
  const bool differential = is_differential(bytes);
  const StringId count = symbols.intern("count");
  for (const std::string_view type : {"before", "after", "samples"})
    if ((type == "samples") != differential) profile.types.push_back({.type = symbols.intern(type), .unit = count});
  Reader reader(profile, symbols, differential);
  reader.read(bytes);
  evidence.counts = reader.counts();
  if (profile.sample_count() == 0)
    return std::unexpected(
        Error{.code = Errc::Malformed, .what = "none of the {} lines is a folded stack", .a = evidence.counts[0].read});
  evidence.kind = differential ? "folded stacks, before and after" : "folded stacks";
  for (const auto& function : profile.functions) note_version(evidence.go_version, symbols.text(function.name), {});
  return evidence;
}

}  // namespace

constinit const Decoder kFolded{
    .name = "folded",
    .title = "folded stacks",
    .summary = "one line a stack, `main;handler;leaf 42`: what stackcollapse scripts, perf and bpftrace users pass on",
    .sniff = sniff,
    .decode = decode,
};

}  // namespace gopsy::decode
