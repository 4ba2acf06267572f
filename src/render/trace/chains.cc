#include "render/trace/chains.h"

#include <algorithm>

#include "base/format.h"
#include "base/units.h"
#include "render/words.h"

namespace gopsy::render {
namespace {

using model::TraceChain;
using model::TraceChainEnd;
using model::TraceChainLink;
using model::TraceWaker;

constexpr std::size_t kWakesShown = 20;
constexpr std::size_t kPatternsShown = 8;

std::string_view words_of(TraceWaker waker) {
  switch (waker) {
    case TraceWaker::Network: return "the network: no goroutine did it";
    case TraceWaker::Timer: return "a timer: no goroutine did it";
    case TraceWaker::Collector: return "the garbage collector";
    case TraceWaker::Runtime: return "the runtime: no goroutine did it";
    case TraceWaker::Goroutine: break;
  }
  return "a goroutine";
}

std::string_view name_of(TraceWaker waker) {
  switch (waker) {
    case TraceWaker::Network: return "network";
    case TraceWaker::Timer: return "timer";
    case TraceWaker::Collector: return "collector";
    case TraceWaker::Runtime: return "runtime";
    case TraceWaker::Goroutine: break;
  }
  return "goroutine";
}

std::string_view name_of(TraceChainEnd end) {
  switch (end) {
    case TraceChainEnd::Running: return "running";
    case TraceChainEnd::Runnable: return "runnable";
    case TraceChainEnd::Syscall: return "syscall";
    case TraceChainEnd::Network: return "network";
    case TraceChainEnd::Timer: return "timer";
    case TraceChainEnd::Collector: return "collector";
    case TraceChainEnd::Created: return "created";
    case TraceChainEnd::Mixed: return "mixed";
    case TraceChainEnd::Depth: return "depth";
    case TraceChainEnd::Unknown: break;
  }
  return "unknown";
}

// What workers of the collector and the like do all day.
bool is_of_runtime(std::string_view reason) {
  return reason == "system goroutine wait" || reason.starts_with("GC worker") ||
         reason.starts_with("GC background sweeper");
}

std::string goroutine(std::uint64_t goid, StringId function, const TraceStackWords& words) {
  if (function.none()) return fmt::format("goroutine {}", goid);
  return fmt::format("goroutine {} ({})", goid, printable_line(model::short_function(words.symbols().text(function))));
}

// What the waker of the last link did meanwhile: where the chain ends.
std::string verdict(const TraceChain& chain, const TraceStackWords& words) {
  const TraceChainLink& last = chain.links.back();
  const std::string meanwhile = words_of_states(last.meanwhile, 3);
  const std::string who = fmt::format("goroutine {}", last.waker);
  switch (chain.end) {
    case TraceChainEnd::Running:
      return fmt::format("{} was computing: {} of those {}", who, human_duration(last.meanwhile.running_ns),
                         human_duration(last.length_ns()));
    case TraceChainEnd::Runnable:
      return fmt::format("{} was ready but waited {} for a processor", who, human_duration(last.meanwhile.runnable_ns));
    case TraceChainEnd::Syscall:
      return fmt::format("{} was in system calls for {}, the longest, {}, at {}", who,
                         human_duration(last.meanwhile.syscall_ns), human_duration(last.doing_ns),
                         words.place(last.doing_stack));
    case TraceChainEnd::Network: return "it waited for the network";
    case TraceChainEnd::Timer: return "it slept, or waited for a timer";
    case TraceChainEnd::Collector: return "the garbage collector held it up";
    case TraceChainEnd::Created:
      return fmt::format("{} was created only meanwhile, and then was {}", who,
                         meanwhile.empty() ? "not seen" : meanwhile);
    case TraceChainEnd::Mixed:
      return fmt::format("{} did several things meanwhile: {}{}", who, meanwhile,
                         last.doing_stack == 0
                             ? ""
                             : fmt::format("; the longest of them, {}, at {}", human_duration(last.doing_ns),
                                           words.place(last.doing_stack)));
    case TraceChainEnd::Depth: return "and so on: the chain is longer";
    case TraceChainEnd::Unknown: break;
  }
  if (last.kind != TraceWaker::Goroutine) return "nobody is seen to have woken it";
  return meanwhile.empty() ? fmt::format("what {} did before is not known", who)
                           : fmt::format("{} was {}; what it waited for is not known", who, meanwhile);
}

void add_json_chain(JsonWriter& json, const TraceChain& chain, const TraceStackWords& words) {
  json.key("end");
  json.value(name_of(chain.end));
  json.key("links");
  json.begin_array();
  for (const TraceChainLink& link : chain.links) {
    json.begin_object();
    json.member("goroutine", link.goid);
    json.member("waker", name_of(link.kind));
    json.member("waker_goroutine", link.waker);
    json.member("waker_function", words.symbols().text(link.waker_function));
    json.member("reason", words.symbols().text(link.reason));
    json.member("begin_ns", link.begin_ns);
    json.member("end_ns", link.end_ns);
    json.key("meanwhile");
    json.begin_object();
    json.member("running_ns", link.meanwhile.running_ns);
    json.member("runnable_ns", link.meanwhile.runnable_ns);
    json.member("syscall_ns", link.meanwhile.syscall_ns);
    json.member("waiting_ns", link.meanwhile.waiting_ns);
    json.end_object();
    json.member("longest_ns", link.doing_ns);
    words.add_json(json, "stack", link.stack);
    words.add_json(json, "waker_stack", link.waker_stack);
    words.add_json(json, "longest_stack", link.doing_stack);
    json.end_object();
  }
  json.end_array();
}

std::string head(const model::Evidence& evidence) { return fmt::format("{}\n", printable_line(evidence.path)); }

void begin_json(JsonWriter& json, const model::Evidence& evidence) {
  json.begin_object();
  json.member("path", evidence.path);
  json.member("first_ns", evidence.trace->first_ns);
}

}  // namespace

std::string words_of_reason(std::string_view reason) {
  if (reason.empty()) return "(no reason given)";
  if (reason == "sync") return "for a lock or wait group";
  if (reason == "sync.(*Cond).Wait") return "for a condition";
  if (reason == "chan receive") return "to receive from a channel";
  if (reason == "chan send") return "to send to a channel";
  if (reason == "select") return "in a select";
  if (reason == "network") return "for the network";
  if (reason == "sleep") return "asleep";
  return fmt::format("({})", printable_line(reason));
}

std::string words_of_chain(const TraceChain& chain, const TraceStackWords& words, std::string_view indent) {
  std::string out;
  for (std::size_t i = 0; i < chain.links.size(); ++i) {
    const TraceChainLink& link = chain.links[i];
    std::size_t alike = 1;
    while (i + alike < chain.links.size() && chain.links[i + alike].stack == link.stack &&
           chain.links[i + alike].waker_stack == link.waker_stack)
      ++alike;
    out += fmt::format("{}{}goroutine {} waited {} {}\n{}  at {}\n", indent, i == 0 ? "" : "meanwhile ", link.goid,
                       human_duration(link.length_ns()), words_of_reason(words.symbols().text(link.reason)), indent,
                       words.place(link.stack));
    if (link.kind == TraceWaker::Goroutine) {
      out += fmt::format("{}  until {} at {}\n", indent, goroutine(link.waker, link.waker_function, words),
                         words.place(link.waker_stack));
    } else {
      out += fmt::format("{}  until woken by {}\n", indent, words_of(link.kind));
    }
    if (alike > 1) {
      out += fmt::format("{}  behind {} that waited at the same place before it, back to goroutine {}\n", indent,
                         counted(alike - 1, "other"), chain.links[i + alike - 1].goid);
      i += alike - 1;
    }
  }
  return out + fmt::format("{}because {}\n", indent, verdict(chain, words));
}

std::string trace_wakers_text(const model::Evidence& evidence, const model::Symbols& symbols) {
  const model::TraceChains& chains = evidence.trace_facts->chains;
  const TraceStackWords words(symbols, evidence.trace_facts->stacks);
  std::string out = head(evidence);
  if (chains.wakes.empty()) return out + "  no block of a goroutine ended\n";
  out += fmt::format("\nWho ended blocks, by where both stood: {}\n", counted(chains.wakes.size(), "pair"));
  out += fmt::format("  {:>10} {:>10} {:>10}\n", "waited", "times", "longest");
  std::size_t shown = 0;
  for (const model::TraceWake& wake : chains.wakes) {
    if (is_of_runtime(symbols.text(wake.reason))) continue;
    if (shown++ == kWakesShown) break;
    out += fmt::format("  {:>10} {:>10} {:>10}  {} at {}\n", human_duration(wake.total_ns), with_commas(wake.count),
                       human_duration(wake.longest_ns), words_of_reason(symbols.text(wake.reason)),
                       words.place(wake.blocked_stack));
    out += fmt::format(
        "{:37}until {}\n", "",
        wake.waker == TraceWaker::Goroutine ? words.place(wake.waker_stack) : std::string(words_of(wake.waker)));
    out += fmt::format(
        "{:37}the longest: goroutine {}{}, until {}\n", "", wake.longest_goid,
        wake.waker == TraceWaker::Goroutine ? fmt::format(", woken by goroutine {}", wake.longest_waker) : "",
        trace_moment(wake.longest_end_ns, evidence.trace->first_ns));
  }
  const std::size_t left = chains.wakes.size() - std::min(shown, kWakesShown);
  if (left != 0)
    out += fmt::format("  and {} more, those of the runtime's own goroutines among them, which --json has\n",
                       counted(left, "pair"));
  if (chains.other_wakes != 0)
    out += fmt::format("  and {} of pairs that are not kept\n", counted(chains.other_wakes, "block"));
  return out;
}

std::string trace_wakers_json(const model::Evidence& evidence, const model::Symbols& symbols) {
  const model::TraceChains& chains = evidence.trace_facts->chains;
  const TraceStackWords words(symbols, evidence.trace_facts->stacks);
  std::string out;
  JsonWriter json(out);
  begin_json(json, evidence);
  json.member("other_wakes", chains.other_wakes);
  json.key("wakes");
  json.begin_array();
  for (const model::TraceWake& wake : chains.wakes) {
    json.begin_object();
    json.member("reason", symbols.text(wake.reason));
    json.member("waker", name_of(wake.waker));
    json.member("count", wake.count);
    json.member("total_ns", wake.total_ns);
    json.member("longest_ns", wake.longest_ns);
    json.member("longest_goroutine", wake.longest_goid);
    json.member("longest_waker", wake.longest_waker);
    json.member("longest_end_ns", wake.longest_end_ns);
    words.add_json(json, "blocked_stack", wake.blocked_stack);
    words.add_json(json, "waker_stack", wake.waker_stack);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return out + '\n';
}

std::string trace_blocks_text(const model::Evidence& evidence, const model::Symbols& symbols) {
  const model::TraceChains& chains = evidence.trace_facts->chains;
  const TraceStackWords words(symbols, evidence.trace_facts->stacks);
  std::string out = head(evidence);
  const std::string threshold = human_duration(chains.threshold_ns);
  if (chains.long_blocks == 0)
    return out + fmt::format("  no goroutine waited {} or longer for another one\n", threshold);
  out += fmt::format("\n{} of {} or longer that another goroutine ended, {} in all\n",
                     counted(chains.long_blocks, "block"), threshold, human_duration(chains.long_blocks_ns));
  if (chains.idle_blocks != 0)
    out += fmt::format(
        "  {} of them, {}, go back to the network or a timer: more often than not there was nothing to "
        "do. They come last.\n",
        with_commas(chains.idle_blocks), human_duration(chains.idle_blocks_ns));
  if (chains.endless_blocks != 0)
    out += fmt::format("  {} more had not ended when the trace did\n", counted(chains.endless_blocks, "block"));
  std::size_t shown = 0;
  for (const auto& pattern : chains.patterns) {
    if (shown++ == kPatternsShown) break;
    out += fmt::format("\n{} {} in all, {}; the longest, at {}:\n", pattern.longest.idle() ? "idle" : "busy",
                       human_duration(pattern.total_ns), counted(pattern.count, "time"),
                       trace_moment(pattern.longest.links[0].begin_ns, evidence.trace->first_ns));
    out += words_of_chain(pattern.longest, words, "    ");
  }
  if (chains.patterns.size() > kPatternsShown)
    out +=
        fmt::format("\nand {} more, which --json has\n", counted(chains.patterns.size() - kPatternsShown, "pattern"));
  if (chains.other_patterns != 0)
    out += fmt::format("and {} of patterns that are not kept\n", counted(chains.other_patterns, "block"));
  return out;
}

std::string trace_blocks_json(const model::Evidence& evidence, const model::Symbols& symbols) {
  const model::TraceChains& chains = evidence.trace_facts->chains;
  const TraceStackWords words(symbols, evidence.trace_facts->stacks);
  std::string out;
  JsonWriter json(out);
  begin_json(json, evidence);
  json.member("threshold_ns", chains.threshold_ns);
  json.member("long_blocks", chains.long_blocks);
  json.member("long_blocks_ns", chains.long_blocks_ns);
  json.member("idle_blocks", chains.idle_blocks);
  json.member("idle_blocks_ns", chains.idle_blocks_ns);
  json.member("endless_blocks", chains.endless_blocks);
  json.member("other_patterns", chains.other_patterns);
  json.key("patterns");
  json.begin_array();
  for (const auto& pattern : chains.patterns) {
    json.begin_object();
    json.member("count", pattern.count);
    json.member("total_ns", pattern.total_ns);
    add_json_chain(json, pattern.longest, words);
    json.end_object();
  }
  json.end_array();
  json.key("worst");
  json.begin_array();
  for (const TraceChain& chain : chains.worst) {
    json.begin_object();
    add_json_chain(json, chain, words);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return out + '\n';
}

}  // namespace gopsy::render
