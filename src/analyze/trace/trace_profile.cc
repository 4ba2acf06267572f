#include "analyze/trace/trace_profile.h"

#include <algorithm>
#include <array>
#include <map>

#include "analyze/trace/time_sums.h"
#include "base/format.h"

namespace gopsy::analyze {
namespace {

using model::Profile;
using model::TraceFacts;
using model::TraceProfiles;
using What = TraceProfiles::What;

constexpr std::array kKinds{
    TraceProfileKind{"sched", "from when a goroutine can run to when it does, by who woke it"},
    TraceProfileKind{"sync", "blocked on channels, select and package sync"},
    TraceProfileKind{"syscall", "in system calls"},
    TraceProfileKind{"net", "blocked on the network"},
    TraceProfileKind{"block", "blocked on anything, with the reason as a label"},
    TraceProfileKind{"cpu", "CPU samples"},
    TraceProfileKind{"states", "all of it: running, runnable, blocked, in system calls, CPU samples"},
};

// What runtime/pprof asks for, and nothing in a trace says otherwise.
constexpr std::int64_t kSampleNs = 10'000'000;

bool is_sync(std::string_view reason) {
  return reason.contains("chan") || reason.contains("sync") || reason.contains("select");
}

// A place without pc and name is what a trace has of a goroutine that it could not look at.
std::uint32_t stack_of(const TraceFacts& facts, const TraceProfiles::Row& row) {
  if (row.stack <= model::TraceStacks::kLost) return row.stack;
  const bool nowhere = std::ranges::all_of(facts.stacks.stack(row.stack),
                                           [&](std::uint32_t place) { return facts.stacks.places[place].pc == 0; });
  return nowhere ? 0 : row.stack;
}

// Puts rows of a trace into a profile.
class Builder {
 public:
  Builder(const TraceFacts& facts, model::Symbols& symbols)
      : facts_(facts),
        symbols_(symbols),
        state_(symbols.intern("state")),
        function_(symbols.intern("function")),
        known_(facts.stacks.size()),
        by_place_(facts.stacks.places.size()) {
    for (const TraceProfiles::Kind& kind : facts.profiles.kinds) states_.push_back(symbols.intern(state_of(kind)));
  }

  void type(std::string_view name, std::string_view unit) {
    profile_.types.push_back({.type = symbols_.intern(name), .unit = symbols_.intern(unit)});
  }

  void values(std::span<const std::int64_t> values) {
    profile_.values.insert(profile_.values.end(), values.begin(), values.end());
  }

  // Ends the sample whose values are there.
  void sample(const TraceProfiles::Row& row, bool start_function) {
    if (const auto locations = stack(stack_of(facts_, row));
        !locations.empty() || !start_function || row.function.none()) {
      profile_.stack_locations.append(locations);
    } else {
      profile_.stack_locations.push_back(start(row.function));
    }
    profile_.stack_start.push_back(profile_.stack_locations.size());
  }
  void label_state(const TraceProfiles::Row& row) { label(state_, states_[row.kind]); }
  void label_function(const TraceProfiles::Row& row) {
    if (row.function) label(function_, row.function);
  }
  void end_labels() { profile_.label_start.push_back(profile_.labels.size()); }

  Profile& profile() { return profile_; }

 private:
  struct Known {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    bool is = false;
  };

  std::string state_of(const TraceProfiles::Kind& kind) const {
    switch (kind.what) {
      case What::Running: return "running";
      case What::Runnable:
      case What::Woken: return "runnable";
      case What::Syscall: return "syscall";
      case What::Blocked:
        return kind.reason.none() ? "blocked" : fmt::format("blocked: {}", symbols_.text(kind.reason));
      case What::Sample: break;
    }
    return "cpu";
  }

  void label(StringId key, StringId text) {
    profile_.labels.push_back({.key = key, .text = text, .number = 0, .unit = {}});
  }

  std::span<const std::uint32_t> stack(std::uint32_t row) {
    Known& known = known_[row];
    if (!known.is) {
      known = {.begin = static_cast<std::uint32_t>(locations_.size()), .end = 0, .is = true};
      if (row == model::TraceStacks::kLost) locations_.push_back(start(symbols_.intern("<stack table lost>")));
      for (const std::uint32_t place : facts_.stacks.stack(row)) locations_.push_back(location(place));
      known.end = static_cast<std::uint32_t>(locations_.size());
    }
    return std::span(locations_).subspan(known.begin, known.end - known.begin);
  }

  std::uint32_t location(std::uint32_t place) {
    std::uint32_t& known = by_place_[place];
    if (known != 0) return known - 1;
    const model::TracePlace& from = facts_.stacks.places[place];
    const model::Frame& frame = symbols_.frame(from.frame);
    known = add_location(from.pc, {.function = function(frame.function, frame.file), .line = frame.line, .column = 0});
    return known++;
  }

  // A function without a place in it.
  std::uint32_t start(StringId name) {
    const auto [known, is_new] = starts_.try_emplace(name, 0);
    if (!is_new) return known->second;
    const auto same = std::ranges::find(profile_.functions, name, &Profile::Function::name);
    const StringId file = same == profile_.functions.end() ? StringId() : same->file;
    return known->second = add_location(0, {.function = function(name, file), .line = 0, .column = 0});
  }

  std::uint32_t add_location(std::uint64_t pc, const Profile::Line& line) {
    profile_.locations.push_back({.id = profile_.locations.size() + 1,
                                  .address = pc,
                                  .first_line = static_cast<std::uint32_t>(profile_.lines.size()),
                                  .line_count = 1});
    profile_.lines.push_back(line);
    return static_cast<std::uint32_t>(profile_.locations.size() - 1);
  }

  std::uint32_t function(StringId name, StringId file) {
    const auto [known, is_new] =
        functions_.try_emplace({name, file}, static_cast<std::uint32_t>(profile_.functions.size()));
    if (is_new)
      profile_.functions.push_back(
          {.id = profile_.functions.size() + 1, .name = name, .system_name = name, .file = file});
    return known->second;
  }

  const TraceFacts& facts_;
  model::Symbols& symbols_;
  Profile profile_;
  StringId state_;
  StringId function_;
  std::vector<StringId> states_;  // by kind
  std::vector<Known> known_;      // by stack, in locations_
  std::vector<std::uint32_t> locations_;
  std::vector<std::uint32_t> by_place_;  // its location, plus 1
  std::map<StringId, std::uint32_t> starts_;
  std::map<std::pair<StringId, StringId>, std::uint32_t> functions_;
};

Profile cpu_profile(const TraceFacts& facts, model::Symbols& symbols) {
  Builder builder(facts, symbols);
  builder.type("samples", "count");
  builder.type("cpu", "nanoseconds");
  for (const TraceProfiles::Row& row : facts.profiles.rows) {
    if (facts.profiles.kinds[row.kind].what != What::Sample) continue;
    const auto count = static_cast<std::int64_t>(row.count);
    builder.values(std::array{count, count * kSampleNs});
    builder.sample(row, false);
    builder.label_function(row);
    builder.end_labels();
  }
  builder.profile().period = kSampleNs;
  builder.profile().period_type = builder.profile().types[1];
  return std::move(builder.profile());
}

// go tool trace adds up by stack alone.
Profile delay_profile(const TraceFacts& facts, const std::vector<bool>& wanted, bool label, model::Symbols& symbols) {
  Builder builder(facts, symbols);
  builder.type("contentions", "count");
  builder.type("delay", "nanoseconds");
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::size_t> order;
  std::vector<TraceProfiles::Row> sums;
  for (const TraceProfiles::Row& row : facts.profiles.rows) {
    if (!wanted[row.kind] || row.contentions == 0) continue;
    const auto [at, is_new] = order.try_emplace({stack_of(facts, row), label ? row.kind : 0}, sums.size());
    if (is_new) {
      sums.push_back(row);
      continue;
    }
    TraceProfiles::Row& sum = sums[at->second];
    sum.contentions += row.contentions;
    add_ns(sum.delay_ns, row.delay_ns);
  }
  for (const TraceProfiles::Row& sum : sums) {
    builder.values(std::array{static_cast<std::int64_t>(sum.contentions), sum.delay_ns});
    builder.sample(sum, false);
    if (label) builder.label_state(sum);
    builder.end_labels();
  }
  builder.profile().period = 1;
  builder.profile().period_type = {.type = symbols.intern("trace"), .unit = symbols.intern("count")};
  return std::move(builder.profile());
}

}  // namespace

std::span<const TraceProfileKind> trace_profile_kinds() { return kKinds; }

std::vector<std::string> trace_profile_reasons(const TraceFacts& facts, const model::Symbols& symbols) {
  std::vector<std::string> reasons;
  for (const TraceProfiles::Kind& kind : facts.profiles.kinds)
    if (kind.reason) reasons.emplace_back(symbols.text(kind.reason));
  return reasons;
}

std::optional<Profile> trace_profile_of(std::string_view kind, const TraceFacts& facts, model::Symbols& symbols) {
  if (kind == "states") return trace_profile(facts, symbols);
  if (kind == "cpu") return cpu_profile(facts, symbols);
  const bool known = std::ranges::find(kKinds, kind, &TraceProfileKind::name) != kKinds.end();
  bool found = known;
  std::vector<bool> wanted;
  for (const TraceProfiles::Kind& row : facts.profiles.kinds) {
    const std::string_view reason = symbols.text(row.reason);
    const bool blocked = row.what == What::Blocked;
    const bool named = !known && blocked && row.reason && reason == kind;
    found |= named;
    wanted.push_back(named || (kind == "sched" && row.what == What::Woken) ||
                     (kind == "syscall" && row.what == What::Syscall) ||
                     (blocked && (kind == "block" || (kind == "net" && reason == "network") ||
                                  (kind == "sync" && is_sync(reason)))));
  }
  if (!found) return std::nullopt;
  return delay_profile(facts, wanted, kind == "block", symbols);
}

Profile trace_profile(const TraceFacts& facts, model::Symbols& symbols) {
  const auto& kinds = facts.profiles.kinds;
  const bool sampled = std::ranges::any_of(
      facts.profiles.rows, [&](const TraceProfiles::Row& row) { return kinds[row.kind].what == What::Sample; });
  Builder builder(facts, symbols);
  if (sampled) builder.type("samples", "count");
  if (sampled) builder.type("cpu", "nanoseconds");
  constexpr std::array kColumns{"sched", "sync", "syscall", "net", "running", "runnable", "blocked", "time"};
  for (const std::string_view column : kColumns) builder.type(column, "nanoseconds");
  for (const TraceProfiles::Row& row : facts.profiles.rows) {
    const TraceProfiles::Kind& kind = kinds[row.kind];
    const std::string_view reason = symbols.text(kind.reason);
    const bool blocked = kind.what == What::Blocked;
    const std::array values{kind.what == What::Woken ? row.delay_ns : 0,
                            blocked && is_sync(reason) ? row.delay_ns : 0,
                            kind.what == What::Syscall ? row.delay_ns : 0,
                            blocked && reason == "network" ? row.delay_ns : 0,
                            kind.what == What::Running ? row.ns : 0,
                            kind.what == What::Runnable ? row.ns : 0,
                            blocked ? row.ns : 0,
                            row.ns};
    const auto samples = kind.what == What::Sample ? static_cast<std::int64_t>(row.count) : 0;
    if (samples == 0 && std::ranges::all_of(values, [](std::int64_t ns) { return ns == 0; })) continue;
    if (sampled) builder.values(std::array{samples, samples * kSampleNs});
    builder.values(values);
    builder.sample(row, kind.what != What::Woken && kind.what != What::Sample);
    builder.label_state(row);
    builder.label_function(row);
    builder.end_labels();
  }
  builder.profile().default_type = symbols.intern(sampled ? "cpu" : "time");
  builder.profile().duration_ns = facts.times.wall_ns;
  return std::move(builder.profile());
}

}  // namespace gopsy::analyze
