#include "decode/perf/columns.h"

#include <algorithm>
#include <array>
#include <string>

namespace gopsy::decode {
namespace {

// "cycles:ppp" is cycles; "sched:sched_switch" is a name.
std::string_view without_modifiers(std::string_view name) {
  const auto colon = name.rfind(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == name.size()) return name;
  return name.find_first_not_of("ukhGHIpPSDWeb", colon + 1) == std::string_view::npos ? name.substr(0, colon) : name;
}

}  // namespace

std::optional<std::uint32_t> PerfColumns::event(std::string_view name, model::Symbols& symbols) {
  const StringId id = symbols.intern(without_modifiers(name));
  const auto found = std::ranges::find(events_, id);
  if (found == events_.end()) {
    if (events_.size() == kMostEvents) return std::nullopt;
    events_.push_back(id);
    return static_cast<std::uint32_t>(events_.size() - 1);
  }
  return static_cast<std::uint32_t>(found - events_.begin());
}

void PerfColumns::add(std::uint32_t event, std::optional<std::uint64_t> period) {
  const auto value = static_cast<std::int64_t>(std::min<std::uint64_t>(period.value_or(1), INT64_MAX));
  rows_.push_back({.event = event, .has_period = period.has_value(), .period = value});
}

void PerfColumns::add_types(model::Profile& profile, model::Symbols& symbols, bool periods) const {
  const StringId count = symbols.intern("count");
  for (const StringId id : events_) {
    const std::string name(symbols.text(id));
    const bool clock = name == "cpu-clock" || name == "task-clock";
    profile.types.push_back({.type = symbols.intern(name + "_sample"), .unit = count});
    if (periods)
      profile.types.push_back(
          {.type = symbols.intern(name + "_event"), .unit = clock ? symbols.intern("nanoseconds") : count});
  }
}

std::size_t PerfColumns::most_sampled() const {
  std::array<std::uint64_t, kMostEvents> samples{};
  for (const Row& row : rows_) ++samples[row.event];
  return static_cast<std::size_t>(std::ranges::max_element(samples) - samples.begin());
}

void PerfColumns::finish(model::Profile& profile, model::Symbols& symbols) const {
  const bool periods = std::ranges::any_of(rows_, &Row::has_period);
  add_types(profile, symbols, periods);
  const std::size_t columns = periods ? 2 : 1;
  profile.values.assign(rows_.size() * profile.types.size(), 0);
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const std::size_t at = i * profile.types.size() + rows_[i].event * columns;
    profile.values[at] = 1;
    if (periods) profile.values[at + 1] = rows_[i].period;
  }
  if (events_.size() > 1) profile.default_type = profile.types[most_sampled() * columns + columns - 1].type;
  if (events_.size() != 1 || !periods) return;
  const auto differs = [&](const Row& row) { return row.period != rows_[0].period; };
  profile.period_type = {.type = events_[0], .unit = profile.types[1].unit};
  profile.period = std::ranges::any_of(rows_, differs) ? 0 : rows_[0].period;
}

void add_thread_labels(model::Profile& profile, model::Symbols& symbols, StringId thread_comm, std::int64_t pid,
                       std::int64_t tid) {
  if (thread_comm)
    profile.labels.push_back({.key = symbols.intern("thread_comm"), .text = thread_comm, .number = 0, .unit = {}});
  if (pid > 0) profile.labels.push_back({.key = symbols.intern("pid"), .text = {}, .number = pid, .unit = {}});
  if (tid > 0) profile.labels.push_back({.key = symbols.intern("tid"), .text = {}, .number = tid, .unit = {}});
}

void program_first(model::Profile& profile, model::Symbols& symbols, const std::unordered_set<StringId>& comms) {
  constexpr std::size_t kMostComm = 15;  // the kernel keeps no more
  const auto program = std::ranges::find_if(profile.mappings, [&](const auto& mapping) {
    std::string_view name = symbols.text(mapping.file);
    name.remove_prefix(name.rfind('/') + 1);
    return comms.contains(symbols.intern(name.substr(0, kMostComm)));
  });
  if (program == profile.mappings.end() || program == profile.mappings.begin()) return;
  const auto index = static_cast<std::uint32_t>(program - profile.mappings.begin());
  std::swap(*program, profile.mappings.front());
  std::swap(program->id, profile.mappings.front().id);
  for (auto& location : profile.locations) {
    if (location.mapping == index) {
      location.mapping = 0;
    } else if (location.mapping == 0) {
      location.mapping = index;
    }
  }
}

}  // namespace gopsy::decode
