#include <algorithm>
#include <array>

#include "base/format.h"
#include "base/units.h"
#include "render/trace/chains.h"
#include "render/words.h"

namespace gopsy::render {
namespace {

using model::TraceLockSite;

constexpr std::size_t kSitesShown = 10;
constexpr std::size_t kHoldersShown = 3;

std::string share(std::int64_t part, std::int64_t whole) {
  return whole <= 0 ? "none" : percent(static_cast<double>(part) / static_cast<double>(whole));
}

// The mean length of the queue over time, a character a slice: ▁ is up to an eighth of the highest.
std::string timeline(const TraceLockSite& site) {
  constexpr std::array<std::string_view, 9> kHeights{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  std::int64_t most = 0;
  for (const std::int64_t ns : site.queue) most = std::max(most, ns);
  std::string out;
  for (const std::int64_t ns : site.queue) {
    const double height = most == 0 ? 0 : static_cast<double>(ns) / static_cast<double>(most) * 8;
    out += kHeights[ns == 0 ? 0 : std::clamp<std::size_t>(static_cast<std::size_t>(height + 0.5), 1, 8)];
  }
  return out;
}

void add_site(std::string& out, const TraceLockSite& site, std::int64_t slice_ns, const model::Evidence& evidence,
              const TraceStackWords& words) {
  const std::int64_t wall = evidence.trace_facts->times.wall_ns;
  if (site.of_runtime) {
    out += "\nInside the runtime: allocations that waited for their turn to begin a collection\n";
  } else {
    out += fmt::format("\n{} at {}\n", site.call.empty() ? "A lock" : printable_line(model::short_function(site.call)),
                       words.frame(site.place));
  }
  out += fmt::format("  {} waited {} in all, the longest {}\n", counted(site.waits, "time"),
                     human_duration(site.waited_ns), human_duration(site.longest_ns));
  out += fmt::format(
      "  somebody stood in the queue {} of the time ({} of {}), two or more {}; the longest queue: {} at {}\n",
      share(site.queued_ns, wall), human_duration(site.queued_ns), human_duration(wall), share(site.crowded_ns, wall),
      site.longest_queue, trace_moment(site.longest_queue_ns, evidence.trace->first_ns));
  std::uint64_t turns = 0;
  for (const auto& holder : site.holders) turns += holder.count;
  if (turns != 0)
    out += fmt::format(
        "  the lock changed hands {} meanwhile, every {} on average; {} straight to the next in the queue and on, up "
        "to {} in a row\n",
        counted(turns, "time"), human_duration(site.queued_ns / static_cast<std::int64_t>(turns)),
        counted(site.handoffs, "time"), with_commas(site.longest_run));
  if (const std::string held = words_of_states(site.held, 4); !held.empty())
    out += fmt::format("  those who held it meanwhile were: {}\n", held);
  std::size_t shown = 0;
  for (const auto& holder : site.holders) {
    if (shown++ == kHoldersShown) break;
    out += fmt::format("    {:>10} {:>10}  let in at {}\n", human_duration(holder.held_ns),
                       counted(holder.count, "time"), words.place(holder.stack));
  }
  if (site.queue.size() > 1)
    out += fmt::format("  queue over time, {} a character: |{}|\n", human_duration(slice_ns), timeline(site));
}

}  // namespace

std::string trace_locks_text(const model::Evidence& evidence, const model::Symbols& symbols) {
  const model::TraceChains& chains = evidence.trace_facts->chains;
  const TraceStackWords words(symbols, evidence.trace_facts->stacks);
  std::string out = fmt::format("{}\n", printable_line(evidence.path));
  if (chains.locks.empty()) return out + "  nobody waited in package sync\n";
  out += fmt::format("\nWhere goroutines queued in package sync: {}\n", counted(chains.locks.size(), "place"));
  std::size_t shown = 0;
  for (const TraceLockSite& site : chains.locks)
    if (shown++ < kSitesShown) add_site(out, site, chains.slice_ns, evidence, words);
  if (chains.locks.size() > kSitesShown)
    out += fmt::format("\nand {} more, which --json has\n", counted(chains.locks.size() - kSitesShown, "place"));
  return out;
}

std::string trace_locks_json(const model::Evidence& evidence, const model::Symbols& symbols) {
  const model::TraceChains& chains = evidence.trace_facts->chains;
  const TraceStackWords words(symbols, evidence.trace_facts->stacks);
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.member("path", evidence.path);
  json.member("wall_ns", evidence.trace_facts->times.wall_ns);
  json.member("slice_ns", chains.slice_ns);
  json.member("other_locks", chains.other_locks);
  json.key("locks");
  json.begin_array();
  for (const TraceLockSite& site : chains.locks) {
    json.begin_object();
    json.member("call", site.call);
    json.member("of_runtime", site.of_runtime);
    json.member("waits", site.waits);
    json.member("waited_ns", site.waited_ns);
    json.member("longest_ns", site.longest_ns);
    json.member("queued_ns", site.queued_ns);
    json.member("crowded_ns", site.crowded_ns);
    json.member("longest_queue", site.longest_queue);
    json.member("longest_queue_ns", site.longest_queue_ns);
    json.member("handoffs", site.handoffs);
    json.member("longest_run", site.longest_run);
    json.member("held_running_ns", site.held.running_ns);
    json.member("held_runnable_ns", site.held.runnable_ns);
    json.member("held_syscall_ns", site.held.syscall_ns);
    json.member("held_waiting_ns", site.held.waiting_ns);
    json.key("queue_ns");
    json.begin_array();
    for (const std::int64_t ns : site.queue) json.value(ns);
    json.end_array();
    json.key("holders");
    json.begin_array();
    for (const auto& holder : site.holders) {
      json.begin_object();
      json.member("count", holder.count);
      json.member("held_ns", holder.held_ns);
      words.add_json(json, "stack", holder.stack);
      json.end_object();
    }
    json.end_array();
    words.add_json(json, "stack", site.example);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return out + '\n';
}

}  // namespace gopsy::render
