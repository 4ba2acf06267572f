#include "process/runtime/wall_clock.h"

#include <algorithm>

#include "model/wait_kind.h"

namespace gopsy::process {

WallClock::WallClock(const GoRuntime& runtime, model::Symbols& symbols)
    : runtime_(runtime), symbols_(symbols), code_(runtime, symbols), goexit_(symbols.intern("runtime.goexit")) {}

void WallClock::sample(std::int64_t ns) {
  ++samples_;
  read_goroutines(runtime_, code_, [&](const ReadGoroutine& read) { add(read, ns); });
}

void WallClock::add(const ReadGoroutine& read, std::int64_t ns) {
  const StringId state = symbols_.intern(state_text(runtime_, read.state));
  const auto [own, is_new] = own_starts_.try_emplace(read.state.start_pc, false);
  if (is_new) own->second = is_runtimes_own(runtime_, read.state.start_pc);
  if (own->second || model::wait_kind(symbols_.text(state)) == model::WaitKind::RuntimeIdle) return;
  ++goroutines_;
  scratch_.clear();
  if (read.stack != nullptr) {
    for (const StackFrame& frame : read.stack->frames) scratch_.push_back(frame.pc);
    // What every goroutine returns to is no place in the program; profiles of the runtime leave it out, too.
    if (read.stack->end == WalkedStack::End::Bottom && scratch_.size() > 1 &&
        code_.frames_of(*read.stack->frames.back().code).back().function == goexit_)
      scratch_.pop_back();
  } else {
    scratch_.assign({kOnProcessor, read.state.start_pc + 1});
  }
  std::uint64_t hash = state.value;
  for (const std::uint64_t pc : scratch_) {
    hash = (hash ^ pc) * 0x9E3779B97F4A7C15ULL;
    hash ^= hash >> 29;
  }
  const auto [begin, end] = by_hash_.equal_range(hash);
  for (auto at = begin; at != end; ++at) {
    Row& row = rows_[at->second];
    if (row.state != state || !std::ranges::equal(std::span(pcs_).subspan(row.first, row.count), scratch_)) continue;
    ++row.samples;
    row.ns += ns;
    return;
  }
  if (rows_.size() == kMostStacks) {
    ++dropped_;
    return;
  }
  by_hash_.emplace(hash, static_cast<std::uint32_t>(rows_.size()));
  rows_.push_back({.first = static_cast<std::uint32_t>(pcs_.size()),
                   .count = static_cast<std::uint32_t>(scratch_.size()),
                   .state = state,
                   .samples = 1,
                   .ns = ns});
  pcs_.insert(pcs_.end(), scratch_.begin(), scratch_.end());
}

std::uint32_t WallClock::function(model::Profile& profile, const CodeFrame& frame) {
  const std::uint64_t key = std::uint64_t{frame.function.value} << 32 | frame.file.value;
  const auto [known, is_new] = functions_.try_emplace(key, static_cast<std::uint32_t>(profile.functions.size()));
  if (is_new)
    profile.functions.push_back({.id = profile.functions.size() + 1,
                                 .name = frame.function,
                                 .system_name = frame.function,
                                 .file = frame.file});
  return known->second;
}

std::uint32_t WallClock::location(model::Profile& profile, std::uint64_t pc) {
  const auto [known, is_new] = locations_.try_emplace(pc, static_cast<std::uint32_t>(profile.locations.size()));
  if (!is_new) return known->second;
  model::Profile::Location location{.id = profile.locations.size() + 1,
                                    .address = pc == kOnProcessor ? 0 : pc,
                                    .first_line = static_cast<std::uint32_t>(profile.lines.size())};
  if (pc == kOnProcessor) {
    const CodeFrame marker{.function = symbols_.intern("[on a processor]"), .file = {}};
    profile.lines.push_back({.function = function(profile, marker)});
  } else if (const Code* const code = code_.at(pc, false); code != nullptr) {
    for (const CodeFrame& frame : code_.frames_of(*code))
      profile.lines.push_back({.function = function(profile, frame), .line = frame.line});
  }
  location.line_count = static_cast<std::uint32_t>(profile.lines.size()) - location.first_line;
  profile.locations.push_back(location);
  return known->second;
}

model::Profile WallClock::take() {
  model::Profile profile;
  const StringId nanoseconds = symbols_.intern("nanoseconds");
  const StringId wall = symbols_.intern("wall");
  profile.types = {{.type = symbols_.intern("samples"), .unit = symbols_.intern("count")},
                   {.type = wall, .unit = nanoseconds}};
  profile.default_type = wall;
  const StringId key = symbols_.intern("state");
  for (const Row& row : rows_) {
    for (const std::uint64_t pc : std::span(pcs_).subspan(row.first, row.count))
      profile.stack_locations.push_back(location(profile, pc));
    profile.stack_start.push_back(profile.stack_locations.size());
    profile.values.push_back(static_cast<std::int64_t>(row.samples));
    profile.values.push_back(row.ns);
    profile.labels.push_back({.key = key, .text = row.state});
    profile.label_start.push_back(profile.labels.size());
  }
  return profile;
}

}  // namespace gopsy::process
