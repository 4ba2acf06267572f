#include "decode/log/demux.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "decode/log/carrier/fields.h"
#include "decode/log/carrier/json_text.h"
#include "decode/log/clock.h"
#include "decode/log/merge.h"
#include "decode/log/paste.h"

namespace gopsy::decode::log {
namespace {

// The line that go run or a shell adds when the process is gone; its own last word stands above.
bool is_wrapper(std::string_view line) { return line.starts_with("exit status ") || line.starts_with("signal: "); }

constexpr std::size_t kLongestLast = 4096;
constexpr std::size_t kMostTexts = 48;
constexpr std::uint32_t kPrefixBit = 1U << 31;

std::vector<std::string> names_of(std::uint32_t bits) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < carriers().size(); ++i)
    if ((bits >> i & 1) != 0) names.emplace_back(carriers()[i].name);
  if ((bits & kPrefixBit) != 0) names.emplace_back("a prefix");
  return names;
}

// Calls `each` with the lines of `text`. A newline at its end ends the last of them.
template <class Each>
void for_lines(std::string_view text, const Each& each) {
  for (;;) {
    const auto end = text.find('\n');
    each(text.substr(0, end));
    if (end == std::string_view::npos || end + 1 == text.size()) return;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

// All texts in some lines, carriers undone as far as single lines allow it.
std::vector<std::string> Demux::texts(const std::vector<std::string_view>& lines) const {
  std::vector<std::string> out;
  const std::function<void(const Line&, unsigned)> undo = [&](const Line& line, unsigned depth) {
    std::string scratch;
    for_lines(without_paste_marks(line.text, scratch, depth > 0), [&](std::string_view text) {
      Line one = line;
      one.text = text;
      if (depth < kDeepest && !line.final)
        for (const Carrier& carrier : carriers())
          if (carrier.undo(one, [&](const Line& inner) { undo(inner, depth + 1); })) return;
      out.emplace_back(text);
    });
  };
  for (const std::string_view line : lines) {
    undo({.text = line, .shape = &shape_}, 0);
    if (out.size() >= kMostTexts) break;
  }
  if (out.size() > kMostTexts) out.resize(kMostTexts);
  return out;
}

void Demux::prepare(std::string_view text, const Below& below) {
  // Lead lines stand above the header that teaches.
  std::vector<std::string_view> lines = below();
  lines.insert(lines.begin(), text);
  std::vector<std::string> left = texts(lines);
  while (!left.empty()) {
    const std::string line = std::move(left.front());
    left.erase(left.begin());
    Line one{.text = line, .shape = &shape_};
    if (Prefixes::inside(line) && !prefixes_.strip(one)) prefixes_.learn(line, left);
  }
}

void Demux::line(std::string_view text, std::uint32_t number, const Below& below) {
  settle_plain();
  below_ = below ? &below : nullptr;
  texts_below_.reset();
  if (!hold_member(text, number)) take({.text = text, .shape = &shape_, .number = number}, 0);
  below_ = nullptr;
}

// `"message": "…",` waits for the `"timestamp": …` that may stand below it; true if this is such a line.
bool Demux::hold_member(std::string_view text, std::uint32_t number) {
  const std::string_view trimmed = trim(text);
  if (trimmed.starts_with('}')) release_member();
  if (!trimmed.starts_with('"')) return false;
  JsonWalk name(trimmed);
  if (name.next() != JsonWalk::Event::String) return false;
  std::string_view rest = trim(name.rest());
  if (!consume(rest, ":")) return false;
  JsonWalk value(rest);
  const auto kind = value.next();
  if (is_time_key(name.value()) && (kind == JsonWalk::Event::String || kind == JsonWalk::Event::Scalar))
    member_time_ns_ = whole_time(value.value()).value_or(0);
  if (!is_message_key(name.value()) || kind != JsonWalk::Event::String) return false;
  release_member();
  member_text_ = text;
  member_number_ = number;
  return true;
}

void Demux::release_member() {
  if (member_text_.empty()) return;
  const std::string text = std::exchange(member_text_, {});
  take({.text = text, .shape = &shape_, .number = member_number_, .time_ns = std::exchange(member_time_ns_, 0)}, 0);
}

bool Demux::plain_line(std::string_view text, std::uint32_t number) {
  if (last_process_ != 0 || last_carriers_ != 0 || plain_ == nullptr) return false;
  if (!plain_->plain_line(text, number)) return false;
  if (!text.empty()) {
    last_plain_ = text;
    last_number_ = number;
  }
  return true;
}

void Demux::settle_plain() {
  if (!last_plain_.empty()) last_.assign(std::exchange(last_plain_, {}).substr(0, kLongestLast));
}

// One step: what is left of the line may be in another carrier. Bounded by kDeepest.
void Demux::take(const Line& line, unsigned depth) {
  std::string scratch;
  bool first = true;
  for_lines(without_paste_marks(line.text, scratch, depth > 0), [&](std::string_view text) {
    if (!std::exchange(first, false)) ++inner_lines_;
    Line one = line;
    one.text = text;
    one.partial = one.own_newline = false;
    if (depth < kDeepest && !line.final) {
      const auto table = carriers();
      for (std::size_t i = 0; i < table.size(); ++i) {
        const Emit emit = [&, i](const Line& inner) {
          Line out = inner;
          out.carriers |= 1U << i;
          carried(out, depth + 1);
        };
        if (table[i].undo(one, emit)) return;
      }
    }
    settle(one);
  });
}

// What a carrier held: a part of a line waits for the rest.
void Demux::carried(const Line& line, unsigned depth) {
  Line whole = line;
  if (line.own_newline && !line.text.ends_with('\n') && shape_.output_ends_in_newline) whole.partial = true;
  const auto waiting = pending_.find(line.process);
  if (waiting != pending_.end() || whole.partial) {
    std::string& text = waiting == pending_.end() ? pending_[line.process] : waiting->second;
    text += line.text;
    if (whole.partial && text.size() < kLongestLine) {
      ++parts_;
      return;
    }
    const std::string joined = std::exchange(text, {});
    pending_.erase(line.process);
    whole.text = joined;
    return take(whole, depth);
  }
  take(whole, depth);
}

// Asked for once a line of the file, which may hold a million of its own.
const std::vector<std::string>& Demux::texts_below() {
  if (!texts_below_) texts_below_ = texts((*below_)());
  return *texts_below_;
}

void Demux::settle(Line line) {
  line.text = without_trailing_blanks(line.text);
  if (prefixes_.strip(line)) {
    line.carriers |= kPrefixBit;
    return deliver(line);
  }
  // Tabs that became blanks: the next panic of a chain, not somebody's quotation.
  const std::string_view unindented = trim(line.text);
  if (after_panic_ && line.text.starts_with("  ") &&
      (unindented.starts_with("panic: ") || unindented.starts_with("fatal error: "))) {
    const std::string chained = "\t" + std::string(unindented);
    line.text = chained;
    return deliver(line);
  }
  const auto inside = below_ == nullptr ? std::nullopt : Prefixes::inside(line.text);
  if (!inside) return deliver(line);
  const auto alone = prefixes_.learn(line.text, texts_below());
  if (prefixes_.strip(line)) {
    line.carriers |= kPrefixBit;
    return deliver(line);
  }
  if (!alone) {
    deliver(line);
    ++talk_;
    open_end_ = {.line = line, .text = std::string(line.text.substr(*inside))};
    return;
  }
  Line front = line;
  front.text = trim(line.text.substr(0, *alone));
  deliver(front);
  ++inner_lines_;
  line.text.remove_prefix(*alone);
  deliver(line);
}

void Demux::deliver(const Line& line) {
  // More processes than that are no processes: some id that changes from line to line.
  const std::uint64_t key = processes_.size() < kMostProcesses || processes_.contains(line.process)
                                ? line.process
                                : processes_.begin()->first;
  Open& open = processes_[key];
  if (!open.channel) open.channel = std::make_unique<Channel>(symbols_);
  open.carriers |= line.carriers;
  open.channel->line(line);
  last_process_ = key;
  last_carriers_ = line.carriers;
  after_panic_ = line.text.starts_with("panic: ") || line.text.starts_with("\tpanic: ");
  plain_ = key == 0 && line.carriers == 0 ? open.channel.get() : nullptr;
  if (line.time_ns != 0) time_ns_ = line.time_ns;
  const std::string_view words = trim(line.text);
  // The brackets around the events of a big JSON value are nobody's words.
  const bool brackets = line.carriers == 0 && !words.empty() && (words[0] == '}' || words[0] == ']' || words[0] == '"');
  if (!words.empty()) open_end_ = {};
  if (words.empty() || brackets || (last_number_ != 0 && is_wrapper(line.text))) return;
  last_.assign((line.record.empty() ? line.text : line.record).substr(0, kLongestLast));
  last_number_ = line.number;
}

void Demux::gap() {
  release_member();
  for (auto& [key, open] : processes_) open.channel->flush();
}

Demux::Outcome Demux::finish(bool complete) {
  settle_plain();
  release_member();
  // Lines whose last part never came.
  for (auto& [process, text] : std::exchange(pending_, {})) {
    complete = false;
    ++inner_lines_;
    take({.text = text, .shape = &shape_, .number = last_number_, .process = process}, kDeepest);
  }
  // "… panic: boom" and nothing after it: GOTRACEBACK=none behind a prefix. Elsewhere it is only talk of a panic.
  if (!open_end_.text.empty() && talk_ == 1) {
    Line line = open_end_.line;
    const std::string text = std::exchange(open_end_.text, {});
    line.text = text;
    line.record = {};
    ++inner_lines_;
    deliver(line);
  }
  Outcome out{.last = std::move(last_), .last_number = last_number_, .inner_lines = inner_lines_, .parts = parts_};
  std::uint32_t bits = 0;
  std::vector<traceback::Reading> readings;
  for (auto& [key, open] : processes_) {
    bool any = false;
    for (auto& reading : open.channel->finish(complete || key != last_process_)) {
      any = any || !reading.log.tracebacks.empty() || reading.log.races.read != 0 || !reading.log.runtime.empty();
      if (!reading.log.tracebacks.empty()) ++out.processes;
      readings.push_back(std::move(reading));
    }
    if (any) bits |= open.carriers;
  }
  out.carriers = names_of(bits);
  out.reading = merged(std::move(readings));
  if (time_ns_ != 0) out.reading.time_ns = time_ns_;
  out.reading.log.ends_in_newline = complete;
  return out;
}

}  // namespace gopsy::decode::log
