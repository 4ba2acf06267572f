#include <algorithm>
#include <cstdint>
#include <queue>
#include <vector>

#include "base/text.h"
#include "decode/legacy/memory_map.h"

namespace gopsy::decode {
namespace {

using Mapping = model::Profile::Mapping;
constexpr std::uint32_t kNone = model::Profile::kNoMapping;

// Two entries for one mapping that was split: they touch, and nothing that both know differs.
bool continues(const Mapping& first, const Mapping& second) {
  const auto agree = [](StringId a, StringId b) { return !a || !b || a == b; };
  if (!agree(first.file, second.file) || !agree(first.build_id, second.build_id)) return false;
  if (first.limit != second.start) return false;
  return first.offset == 0 || second.offset == 0 || first.offset + (first.limit - first.start) == second.offset;
}

void join_neighbours(std::vector<Mapping>& mappings) {
  std::size_t kept = 0;
  for (const Mapping& mapping : mappings) {
    if (kept == 0 || !continues(mappings[kept - 1], mapping)) {
      mappings[kept++] = mapping;
      continue;
    }
    Mapping& before = mappings[kept - 1];
    before.limit = mapping.limit;
    if (mapping.file) before.file = mapping.file;
    if (mapping.build_id) before.build_id = mapping.build_id;
  }
  mappings.resize(kept);
}

// "libc.so", "libc.so.6", "libc.so_1".
bool is_library(std::string_view file) {
  if (file.ends_with(".so")) return true;
  for (auto at = file.find(".so"); at != std::string_view::npos; at = file.find(".so", at + 1)) {
    const std::string_view rest = file.substr(at + 3);
    if (rest.size() >= 2 && (rest[0] == '.' || rest[0] == '_') && rest[1] >= '0' && rest[1] <= '9') return true;
  }
  return false;
}

void program_first(std::vector<Mapping>& mappings, const model::Symbols& symbols) {
  const auto program = std::ranges::find_if(mappings, [&](const Mapping& mapping) {
    const std::string_view file = symbols.text(mapping.file);
    return !file.empty() && file != "(deleted)" && file[0] != '[' && !is_library(file);
  });
  if (program != mappings.end()) std::swap(mappings.front(), *program);
}

// Some writers list the program's huge pages first, or not where it begins.
void correct_program(std::vector<Mapping>& mappings, const model::Symbols& symbols) {
  if (mappings.size() > 1 && symbols.text(mappings[0].file).starts_with("/anon_hugepage") &&
      mappings[0].limit == mappings[1].start)
    mappings.erase(mappings.begin());
  constexpr std::uint64_t kUsualStart = 0x400000;
  if (mappings.empty() || mappings[0].start - mappings[0].offset != kUsualStart) return;
  mappings[0].start = kUsualStart;
  mappings[0].offset = 0;
}

struct Range {
  std::uint64_t start;
  std::uint64_t limit;
  std::uint32_t mapping;
};

// Gives each location without a mapping that has an address the first mapping with a range around it.
void assign(model::Profile& profile, std::vector<Range> ranges) {
  std::vector<std::uint32_t> waiting;
  for (std::uint32_t i = 0; i < profile.locations.size(); ++i)
    if (profile.locations[i].mapping == kNone && profile.locations[i].address != 0) waiting.push_back(i);
  const auto address = [&](std::uint32_t i) { return profile.locations[i].address; };
  std::ranges::sort(waiting, {}, address);
  std::ranges::sort(ranges, {}, &Range::start);
  const auto later = [](const Range& a, const Range& b) { return a.mapping > b.mapping; };
  std::priority_queue<Range, std::vector<Range>, decltype(later)> open(later);
  auto next = ranges.begin();
  for (const std::uint32_t i : waiting) {
    for (; next != ranges.end() && next->start <= address(i); ++next) open.push(*next);
    while (!open.empty() && open.top().limit <= address(i)) open.pop();
    if (!open.empty()) profile.locations[i].mapping = open.top().mapping;
  }
}

void assign_within(model::Profile& profile) {
  std::vector<Range> ranges;
  for (std::uint32_t i = 0; i < profile.mappings.size(); ++i)
    ranges.push_back({.start = profile.mappings[i].start, .limit = profile.mappings[i].limit, .mapping = i});
  assign(profile, std::move(ranges));
}

// Some writers leave out the first part of a mapping that is split: its offset says how much.
void assign_before(model::Profile& profile) {
  std::vector<Range> ranges;
  for (std::uint32_t i = 0; i < profile.mappings.size(); ++i) {
    const Mapping& mapping = profile.mappings[i];
    if (mapping.offset != 0 && mapping.offset <= mapping.start)
      ranges.push_back({.start = mapping.start - mapping.offset, .limit = mapping.start, .mapping = i});
  }
  assign(profile, std::move(ranges));
  for (const auto& location : profile.locations) {
    if (location.mapping == kNone) continue;
    Mapping& mapping = profile.mappings[location.mapping];
    if (location.address >= mapping.start) continue;
    mapping.start -= mapping.offset;
    mapping.offset = 0;
  }
}

void assign_the_rest(model::Profile& profile) {
  Mapping everything{.limit = UINT64_MAX, .has_functions = true};
  bool needed = false;
  for (auto& location : profile.locations) {
    if (location.mapping != kNone || location.address == 0) continue;
    needed = true;
    location.mapping = static_cast<std::uint32_t>(profile.mappings.size());
    everything.has_functions = everything.has_functions && location.line_count != 0;
  }
  everything.has_filenames = everything.has_line_numbers = everything.has_functions;
  if (needed) profile.mappings.push_back(everything);
}

}  // namespace

void place_mappings(model::Profile& profile, std::vector<Mapping> mappings, const model::Symbols& symbols) {
  join_neighbours(mappings);
  program_first(mappings, symbols);
  correct_program(mappings, symbols);
  profile.mappings = std::move(mappings);
  assign_within(profile);
  assign_before(profile);
  assign_the_rest(profile);
  for (std::size_t i = 0; i < profile.mappings.size(); ++i) profile.mappings[i].id = i + 1;
}

}  // namespace gopsy::decode
