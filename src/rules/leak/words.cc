#include "rules/leak/words.h"

namespace gopsy::rules {
namespace {

std::string next_command(const model::Symbols& symbols, std::string_view path, StringId function) {
  return fmt::format("gopsy flame {} --focus {} -o goroutines.svg", shell_word(path),
                     shell_word(regex_of(symbols.text(function))));
}

std::string_view confirm_words(LeakKind kind, LeakReason reason) {
  // A timer is always about to fire, and a connection about to be read: no profile proves these.
  const bool provable = kind != LeakKind::Sleep && reason != LeakReason::Frames;
  switch (reason) {
    case LeakReason::Marked: return "Confirmed: the goroutineleak profile marks only what can never go on.";
    case LeakReason::State: return "The state in the dump is the proof.";
    default:
      return provable ? "A second dump a minute later: the same ids confirm it, other ids refute it. On Go 1.26 and "
                        "later the goroutineleak profile proves it where the channel or lock is no longer reachable."
                      : "A second dump a minute later: the same ids confirm it, other ids refute it.";
  }
}

}  // namespace

std::uint64_t count_of(const LeakPlace& place) { return place.at.largest().goroutines.size(); }

std::string where(const model::Symbols& symbols, const analyze::BlockedSite& site) {
  const bool unknown = site.place.function.none();
  std::string text = unknown ? "a place the dump does not show" : at(symbols, site.place);
  const std::string_view creator = symbols.text(site.created_by);
  if ((unknown || model::is_standard_library(symbols.text(site.place.function))) && !creator.empty() &&
      !model::is_standard_library(creator))
    text += fmt::format(" (started by {} at {}:{})", model::short_function(symbols.text(site.created_by)),
                        symbols.text(site.created_file), site.created_line);
  return text;
}

std::string where(const model::Symbols& symbols, const LeakStack& stack) {
  return at(symbols, model::TracebackFrame{
                         .function = stack.place.function, .file = stack.place.file, .line = stack.place.line});
}

std::string leaked_they_wait(std::uint64_t count, Belief belief) {
  const bool one = count == 1;
  if (belief == Belief::Proven)
    return fmt::format("{} leaked: {}", counted(count, "goroutine"), one ? "it waits" : "they wait");
  return fmt::format("{} {} stuck: {}", counted(count, "goroutine"), one ? "is" : "are",
                     one ? "it waits" : "they wait");
}

std::string how_known(const LeakPlace& place) {
  const auto& site = place.at.largest();
  switch (place.reason) {
    case LeakReason::Marked:
      return "The runtime marked it (leaked): its collector found that nothing that can still run reaches what the "
             "goroutine waits for.";
    case LeakReason::State: return "The state itself never ends.";
    case LeakReason::Age:
      return fmt::format(
          "The runtime gives the wait as {}. That is an estimate, up to one collection (2 minutes in an idle process) "
          "too long, but a partner that is merely slow would have come.",
          counted(site.oldest_minutes, "minute"));
    case LeakReason::NoPartner:
      return "Nobody in the dump is left who could release it: no other goroutine with code in reach of it runs, "
             "sleeps, waits for I/O or stands in a select; all wait for each other.";
    case LeakReason::Spread:
      return fmt::format(
          "Each of the {} was started by another goroutine, which is gone{}: every call leaves one behind.",
          site.goroutines.size(),
          place.kind == LeakKind::Context ? "" : ", and none has a sibling left that could feed it");
    case LeakReason::Crowd:
    case LeakReason::Frames:
    case LeakReason::Outlived: break;
  }
  return "The call that started it is over.";
}

double confidence_of(const LeakPlace& place) {
  switch (place.reason) {
    case LeakReason::Marked:
    case LeakReason::State: return 0.98;
    case LeakReason::Crowd:
    case LeakReason::Age: return 0.8;
    case LeakReason::NoPartner: return 0.7;
    case LeakReason::Spread:
    case LeakReason::Frames: return 0.65;
    case LeakReason::Outlived: break;
  }
  return 0.3;
}

Finding about(const Inquiry& inquiry, const LeakPlace& place) {
  const auto& symbols = inquiry.incident.symbols;
  const auto& site = place.at.largest();
  Finding finding{.confidence = confidence_of(place)};
  add_evidence(place.at, symbols, finding);
  finding.confirm = confirm_words(place.kind, place.reason);
  finding.next = next_command(symbols, site.evidence->path, site.place.function);
  return finding;
}

Finding about(const Inquiry& inquiry, const LeakStack& stack) {
  const auto& symbols = inquiry.incident.symbols;
  const bool proven = stack.belief == Belief::Proven;
  Finding finding{.confidence = proven ? 0.98 : 0.65};
  finding.evidence.push_back(
      {.text = fmt::format("{} in {}{}", counted(static_cast<std::uint64_t>(stack.count), "goroutine"),
                           where(symbols, stack), proven ? ", leaked according to the goroutineleak profile" : ""),
       .path = stack.evidence->path});
  finding.confirm = confirm_words(stack.kind, proven ? LeakReason::Marked : LeakReason::Frames);
  finding.next = next_command(symbols, stack.evidence->path, stack.place.function);
  return finding;
}

void run_leak_rule(const Inquiry& inquiry, LeakKind kind, const LeakWords& words, std::vector<Finding>& findings) {
  const auto& symbols = inquiry.incident.symbols;
  for (const LeakPlace& place : inquiry.leaks) {
    if (place.kind != kind || place.belief == Belief::Candidate) continue;
    if (words.told_elsewhere != nullptr && words.told_elsewhere(place)) continue;
    Finding finding = about(inquiry, place);
    finding.title = fmt::format("{} {}{}", leaked_they_wait(count_of(place), place.belief),
                                fmt::format(fmt::runtime(words.waits), where(symbols, place.at.largest())),
                                counts_by_input(place.at));
    finding.why = fmt::format("{} {}", how_known(place), words.why);
    finding.fix = words.fix;
    findings.push_back(std::move(finding));
  }
  for (const LeakStack& stack : inquiry.leak_stacks) {
    if (stack.kind != kind || stack.belief == Belief::Candidate) continue;
    Finding finding = about(inquiry, stack);
    finding.title = fmt::format("{} {}", leaked_they_wait(static_cast<std::uint64_t>(stack.count), stack.belief),
                                fmt::format(fmt::runtime(words.waits), where(symbols, stack)));
    finding.why = fmt::format(
        "A goroutineleak profile lists only goroutines whose channel or lock nothing that can still run reaches. {}",
        words.why);
    finding.fix = words.fix;
    findings.push_back(std::move(finding));
  }
}

}  // namespace gopsy::rules
