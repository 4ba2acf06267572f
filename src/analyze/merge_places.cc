// The rows that samples refer to: mappings, locations and functions of a profile become those of the sum.
#include <algorithm>
#include <array>

#include "analyze/merge.h"

namespace gopsy::analyze {
namespace {

using model::Profile;

std::uint64_t mixed(std::uint64_t hash, std::uint64_t value) {
  const std::uint64_t product = (hash ^ value) * 0x9E3779B97F4A7C15ULL;
  return product ^ product >> 32;
}

// Sizes differ by less than a page where a program was loaded by different loaders.
std::uint64_t in_pages(const Profile::Mapping& mapping) { return (mapping.limit - mapping.start + 0xFFF) & ~0xFFFULL; }

StringId identity(const Profile::Mapping& mapping) { return mapping.build_id ? mapping.build_id : mapping.file; }

std::uint64_t hash_of(const Profile::Mapping& mapping) {
  return mixed(mixed(in_pages(mapping), mapping.offset), identity(mapping).value);
}

bool same(const Profile::Mapping& a, const Profile::Mapping& b) {
  return in_pages(a) == in_pages(b) && a.offset == b.offset && identity(a) == identity(b);
}

std::uint64_t hash_of(const Profile::Function& function) {
  const std::uint64_t hash =
      mixed(function.name.value, std::uint64_t{function.system_name.value} << 32 | function.file.value);
  return mixed(hash, static_cast<std::uint64_t>(function.start_line));
}

bool same(const Profile::Function& a, const Profile::Function& b) {
  return a.name == b.name && a.system_name == b.system_name && a.file == b.file && a.start_line == b.start_line;
}

}  // namespace

std::uint32_t Merger::mapping(const Profile& profile, std::uint32_t index) {
  if (mappings_[index] != 0) return mappings_[index] - 1;
  const Profile::Mapping& mapping = profile.mappings[index];
  const auto next = static_cast<std::uint32_t>(sum_.mappings.size());
  const std::uint32_t row = mapping_index_.find_or_add(
      hash_of(mapping), next, [&](std::uint32_t other) { return same(sum_.mappings[other], mapping); });
  if (row == next) {
    sum_.mappings.push_back(mapping);
    sum_.mappings.back().id = std::uint64_t{next} + 1;
  }
  mappings_[index] = row + 1;
  return row;
}

std::uint32_t Merger::function(const Profile& profile, std::uint32_t index) {
  if (functions_[index] != 0) return functions_[index] - 1;
  const Profile::Function& function = profile.functions[index];
  const auto next = static_cast<std::uint32_t>(sum_.functions.size());
  const std::uint32_t row = function_index_.find_or_add(
      hash_of(function), next, [&](std::uint32_t other) { return same(sum_.functions[other], function); });
  if (row == next) {
    sum_.functions.push_back(function);
    sum_.functions.back().id = std::uint64_t{next} + 1;
  }
  functions_[index] = row + 1;
  return row;
}

// What the sum has already is found in the order of the profile's tables: its samples refer to it in any order, which
// costs a cache miss a row and a wait for each. Nothing is added here, so that rows keep the order of their first use.
void Merger::find_known(const Profile& profile) {
  if (sum_.locations.empty()) return;
  for (std::size_t i = 0; i < profile.mappings.size(); ++i) {
    const Profile::Mapping& mapping = profile.mappings[i];
    const auto row =
        mapping_index_.find(hash_of(mapping), [&](std::uint32_t other) { return same(sum_.mappings[other], mapping); });
    mappings_[i] = row ? *row + 1 : 0;
  }
  for (std::size_t i = 0; i < profile.functions.size(); ++i) {
    const Profile::Function& function = profile.functions[i];
    const auto row = function_index_.find(hash_of(function),
                                          [&](std::uint32_t other) { return same(sum_.functions[other], function); });
    functions_[i] = row ? *row + 1 : 0;
  }
  // A few at a time, so that their misses wait together: first for the slots, then for the rows that those name.
  constexpr std::size_t kAtOnce = 32;
  const std::size_t count = profile.locations.size();
  std::array<std::uint64_t, kAtOnce> hashes{};
  for (std::size_t first = 0; first < count; first += kAtOnce) {
    const std::size_t end = std::min(first + kAtOnce, count);
    for (std::size_t i = first; i < end; ++i) {
      const auto location = translated(profile, profile.locations[i]);
      hashes[i - first] = location ? location_hash(*location) : 0;
      location_index_.prefetch(hashes[i - first]);
    }
    for (std::size_t i = first; i < end; ++i)
      __builtin_prefetch(sum_.locations.data() + location_index_.likely_row(hashes[i - first]));
    for (std::size_t i = first; i < end; ++i) {
      const auto location = translated(profile, profile.locations[i]);
      if (!location) continue;
      const auto row = location_index_.find(
          hashes[i - first], [&](std::uint32_t other) { return same_location(sum_.locations[other], *location); });
      locations_[i] = row ? *row + 1 : 0;
    }
  }
}

// In terms of the sum, its lines in `lines_`; nothing if the sum does not have all that it refers to.
std::optional<Profile::Location> Merger::translated(const Profile& profile, const Profile::Location& source) {
  Profile::Location location = source;
  if (source.mapping != Profile::kNoMapping) {
    if (mappings_[source.mapping] == 0) return std::nullopt;
    location.mapping = mappings_[source.mapping] - 1;
    location.address += sum_.mappings[location.mapping].start - profile.mappings[source.mapping].start;
  }
  lines_.resize(source.line_count);
  for (std::uint32_t i = 0; i < source.line_count; ++i) {
    lines_[i] = profile.lines[source.first_line + i];
    const std::uint32_t known = functions_[lines_[i].function];
    if (known == 0) return std::nullopt;
    lines_[i].function = known - 1;
  }
  return location;
}

std::uint32_t Merger::location(const Profile& profile, std::uint32_t index) {
  const Profile::Location& source = profile.locations[index];
  if (source.mapping != Profile::kNoMapping) mapping(profile, source.mapping);
  for (std::uint32_t i = 0; i < source.line_count; ++i)
    function(profile, profile.lines[source.first_line + i].function);
  Profile::Location location = translated(profile, source).value();
  const auto next = static_cast<std::uint32_t>(sum_.locations.size());
  const std::uint32_t row = location_index_.find_or_add(location_hash(location), next, [&](std::uint32_t other) {
    return same_location(sum_.locations[other], location);
  });
  if (row == next) {
    location.id = std::uint64_t{next} + 1;
    location.first_line = static_cast<std::uint32_t>(sum_.lines.size());
    sum_.lines.insert(sum_.lines.end(), lines_.begin(), lines_.end());
    sum_.locations.push_back(location);
  }
  locations_[index] = row + 1;
  return row;
}

// pprof's key keeps the column of the last line only: those before it are written over.
bool Merger::column_counts(const Profile::Location& location, std::uint32_t line) const {
  return !options_.pprof_exact || line + 1 == location.line_count;
}

std::uint64_t Merger::location_hash(const Profile::Location& location) const {
  std::uint64_t address = location.address;
  if (location.mapping != Profile::kNoMapping) address -= sum_.mappings[location.mapping].start;
  std::uint64_t hash = mixed(mixed(address, location.mapping), location.folded ? 1 : 0);
  for (std::uint32_t i = 0; i < location.line_count; ++i) {
    const Profile::Line& line = lines_[i];
    hash = mixed(hash, std::uint64_t{line.function} << 32 ^ static_cast<std::uint64_t>(line.line));
    if (column_counts(location, i)) hash = mixed(hash, static_cast<std::uint64_t>(line.column));
  }
  return hash;
}

bool Merger::same_location(const Profile::Location& a, const Profile::Location& b) const {
  // Both are rows of the sum, where equal offsets in a mapping are equal addresses.
  if (a.address != b.address || a.mapping != b.mapping || a.folded != b.folded || a.line_count != b.line_count)
    return false;
  for (std::uint32_t i = 0; i < a.line_count; ++i) {
    const Profile::Line& one = sum_.lines[a.first_line + i];
    const Profile::Line& other = lines_[i];
    if (one.function != other.function || one.line != other.line) return false;
    if (column_counts(a, i) && one.column != other.column) return false;
  }
  return true;
}

}  // namespace gopsy::analyze
