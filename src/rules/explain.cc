#include "rules/explain.h"

#include <algorithm>
#include <span>

#include "analyze/lookup.h"

namespace gopsy::rules {
namespace {

constexpr std::size_t kGoroutinesNamed = 5;
constexpr std::size_t kLongestQuote = 300;

Exhibit header_exhibit(const Crash& crash) {
  const model::Traceback& traceback = *crash.traceback;
  std::string text;
  const std::size_t shown = std::min(traceback.panics.size(), kLinksShown);
  for (const model::PanicValue& panic : std::span(traceback.panics).first(shown)) {
    const std::string_view mark = panic.repanicked ? " [recovered, repanicked]" : panic.recovered ? " [recovered]" : "";
    text += fmt::format("{}panic: {}{}", text.empty() ? "" : ", then ", shorten(crash.name(panic.text), kLongestQuote),
                        mark);
  }
  if (shown < traceback.panics.size()) text += fmt::format(", then {} more", traceback.panics.size() - shown);
  if (!traceback.fatal.none())
    text += fmt::format("{}fatal error: {}", text.empty() ? "" : ", then ",
                        shorten(crash.name(traceback.fatal), kLongestQuote));
  if (text.empty() && traceback.signal) text = crash.name(traceback.signal->name);
  if (text.empty()) text = "a throw of the runtime whose words are missing";
  return {.text = std::move(text), .path = crash.evidence->path, .line = crash.text_line};
}

Exhibit signal_exhibit(const Crash& crash, const model::Signal& signal) {
  std::string text = fmt::format("{} code={}", crash.name(signal.name), signal.code);
  if (signal.address) text += fmt::format(" addr={:#x}", *signal.address);
  if (signal.pc) text += fmt::format(" pc={:#x}", *signal.pc);
  if (signal.during_cgo) text += ", during cgo execution";
  return {.text = std::move(text), .path = crash.evidence->path, .line = signal.log_line};
}

std::string first_ids(const analyze::BlockedSite& site) {
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < std::min(site.goroutines.size(), kGoroutinesNamed); ++i)
    ids.push_back(fmt::format("{}", site.goroutines[i]->id));
  return fmt::format("{} {}{}", ids.size() == 1 ? "goroutine" : "goroutines", join(ids, ", "),
                     site.goroutines.size() > ids.size() ? ", …" : "");
}

std::string function_at(const model::Symbols& symbols, StringId function, StringId file, std::uint32_t line) {
  const std::string name = model::short_function(symbols.text(function));
  return line == 0 ? name : fmt::format("{} at {}:{}", name, symbols.text(file), line);
}

}  // namespace

std::string at(const model::Symbols& symbols, const model::TracebackFrame& frame) {
  return function_at(symbols, frame.function, frame.file, frame.line);
}

std::string at(const model::Symbols& symbols, const model::RaceFrame& frame) {
  return function_at(symbols, frame.function, frame.file, frame.line);
}

std::string place_of(const Crash& crash) {
  return crash.place() == nullptr ? "a place the log does not show" : at(*crash.symbols, *crash.place());
}

std::string one_line(std::string_view text, std::size_t most) {
  const auto end = text.find('\n');
  if (end == std::string_view::npos) return shorten(text, most);
  return shorten(text.substr(0, end), most) + " …";
}

Exhibit exhibit(const Crash& crash, const model::TracebackFrame& frame, std::string_view role) {
  std::string text = fmt::format("{}: {}", role, at(*crash.symbols, frame));
  if (frame.inlined) text += " (inlined)";
  return {
      .text = std::move(text), .path = crash.evidence->path, .line = frame.log_line, .goroutine = crash.goroutine->id};
}

void add_evidence(const analyze::BlockedPlace& place, const model::Symbols& symbols, Finding& finding) {
  for (const auto& site : place.sites) {
    const auto* first = site.goroutines.front();
    finding.evidence.push_back(
        {.text = fmt::format("{} in [{}] in {} ({})", counted(site.goroutines.size(), "goroutine"),
                             symbols.text(first->state), at(symbols, site.place), first_ids(site)),
         .path = site.evidence->path,
         .line = first->log_line,
         .goroutine = first->id});
  }
  const auto& site = place.largest();
  if (site.created_by.none()) return;
  finding.evidence.push_back(
      {.text =
           fmt::format("created by {} at {}:{}{}", model::short_function(symbols.text(site.created_by)),
                       symbols.text(site.created_file), site.created_line, site.one_creator ? "" : ", and elsewhere"),
       .path = site.evidence->path,
       .line = site.goroutines.front()->log_line,
       .goroutine = site.goroutines.front()->id});
}

std::string counts_by_input(const analyze::BlockedPlace& place) {
  if (place.sites.size() < 2) return {};
  std::vector<std::string> counts;
  for (const auto& site : place.sites)
    counts.push_back(fmt::format("{} in {}", with_commas(site.goroutines.size()), site.evidence->path));
  return fmt::format(" ({})", join(counts, ", "));
}

std::string_view words_of(model::WaitKind wait) {
  using enum model::WaitKind;
  switch (wait) {
    case ChanReceive: return "receive from a channel";
    case ChanSend: return "send to a channel";
    case ChanReceiveNil: return "receive from a nil channel";
    case ChanSendNil: return "send to a nil channel";
    case Select: return "select";
    case SelectNoCases: return "select without cases";
    case MutexLock: return "lock a Mutex";
    case RWMutexRLock: return "read-lock an RWMutex";
    case RWMutexLock: return "write-lock an RWMutex";
    case WaitGroupWait: return "wait for a WaitGroup";
    case CondWait: return "wait for a Cond";
    default: return "wait for a semaphore";
  }
}

Finding about(const Crash& crash, double confidence) {
  Finding finding{.confidence = confidence};
  for (const model::LogLine& lead : crash.traceback->lead)
    finding.evidence.push_back(
        {.text = std::string(crash.name(lead.text)), .path = crash.evidence->path, .line = lead.number});
  finding.evidence.push_back(header_exhibit(crash));
  if (crash.traceback->signal) finding.evidence.push_back(signal_exhibit(crash, *crash.traceback->signal));
  for (const model::LogLine& line : crash.traceback->before)
    finding.evidence.push_back(
        {.text = fmt::format("logged before it: {}", shorten(crash.name(line.text), kLongestQuote)),
         .path = crash.evidence->path,
         .line = line.number});
  if (crash.root != nullptr && crash.root != crash.user)
    finding.evidence.push_back(exhibit(crash, *crash.root, "raised in"));
  if (crash.user != nullptr && crash.kind != CrashKind::StackOverflow)
    finding.evidence.push_back(exhibit(crash, *crash.user, "at"));
  if (crash.goroutine != nullptr && !crash.goroutine->created_by.none()) {
    const auto& g = *crash.goroutine;
    std::string text = fmt::format("created by {} at {}:{}", model::short_function(crash.name(g.created_by)),
                                   crash.name(g.created_file), g.created_line);
    if (g.creator != 0) text += fmt::format(" in goroutine {}", g.creator);
    finding.evidence.push_back(
        {.text = std::move(text), .path = crash.evidence->path, .line = g.log_line, .goroutine = g.id});
  }
  if (std::string words = deferred_words(crash); !words.empty())
    finding.evidence.push_back(
        {.text = std::move(words), .path = crash.evidence->path, .goroutine = crash.goroutine->id});
  finding.next = flame_command(crash);
  return finding;
}

void add_profile_shares(Inquiry& inquiry, const Crash& crash, Finding& finding) {
  if (crash.user == nullptr) return;
  for (const auto& share : inquiry.shares_of(crash.user->function)) {
    const std::string_view unit = inquiry.incident.symbols.text(share.unit);
    finding.evidence.push_back(
        {.text = fmt::format("{} is in {} of the {} samples here: {} of {}",
                             model::short_function(crash.function(*crash.user)), percent(share.share()),
                             inquiry.incident.symbols.text(share.type), human_value(share.cumulative, unit),
                             human_value(share.total, unit)),
         .path = share.evidence->path});
  }
}

std::string shell_word(std::string_view text) {
  constexpr std::string_view kSafe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-:=+,@%";
  if (!text.empty() && text.find_first_not_of(kSafe) == std::string_view::npos) return std::string(text);
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string regex_of(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view("\\.+*?()|[]{}^$").contains(c)) out += '\\';
    out += c;
  }
  return out;
}

std::string flame_command(const Crash& crash) {
  // Among hundreds of goroutines the one that crashed is a hairline: the picture is of its function.
  const bool crowded = crash.traceback->goroutines.size() > 1 && crash.user != nullptr;
  const std::string focus =
      crowded ? fmt::format(" --focus {}", shell_word(regex_of(crash.function(*crash.user)))) : "";
  return fmt::format("gopsy flame {}{} -o crash.svg", shell_word(crash.evidence->path), focus);
}

}  // namespace gopsy::rules
