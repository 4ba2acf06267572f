// The rows that samples refer to: mappings, locations and functions of a profile become those of the sum.
#include <algorithm>

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

}  // namespace

std::uint32_t Merger::mapping(const Profile& profile, std::uint32_t index) {
  if (mappings_[index] != 0) return mappings_[index] - 1;
  const Profile::Mapping& mapping = profile.mappings[index];
  // Every profile is asked for each of its mappings once, and merged ones have the same few.
  const std::uint64_t hash = mixed(mixed(in_pages(mapping), mapping.offset), identity(mapping).value);
  const auto next = static_cast<std::uint32_t>(sum_.mappings.size());
  const std::uint32_t row = mapping_index_.find_or_add(hash, next, [&](std::uint32_t other) {
    const Profile::Mapping& known = sum_.mappings[other];
    return in_pages(known) == in_pages(mapping) && known.offset == mapping.offset &&
           identity(known) == identity(mapping);
  });
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
  std::uint64_t hash =
      mixed(function.name.value, std::uint64_t{function.system_name.value} << 32 | function.file.value);
  hash = mixed(hash, static_cast<std::uint64_t>(function.start_line));
  const auto next = static_cast<std::uint32_t>(sum_.functions.size());
  const std::uint32_t row = function_index_.find_or_add(hash, next, [&](std::uint32_t other) {
    const Profile::Function& known = sum_.functions[other];
    return known.name == function.name && known.system_name == function.system_name && known.file == function.file &&
           known.start_line == function.start_line;
  });
  if (row == next) {
    sum_.functions.push_back(function);
    sum_.functions.back().id = std::uint64_t{next} + 1;
  }
  functions_[index] = row + 1;
  return row;
}

std::uint32_t Merger::location(const Profile& profile, std::uint32_t index) {
  const Profile::Location& source = profile.locations[index];
  const auto next = static_cast<std::uint32_t>(sum_.locations.size());
  Profile::Location location = source;
  location.id = std::uint64_t{next} + 1;
  if (source.mapping != Profile::kNoMapping) {
    location.mapping = mapping(profile, source.mapping);
    location.address += sum_.mappings[location.mapping].start - profile.mappings[source.mapping].start;
  }
  // The lines wait outside the sum: nearly always the location is known, and then nothing is written at all.
  lines_.resize(source.line_count);
  for (std::uint32_t i = 0; i < source.line_count; ++i) {
    lines_[i] = profile.lines[source.first_line + i];
    const std::uint32_t known = functions_[lines_[i].function];
    lines_[i].function = known != 0 ? known - 1 : function(profile, lines_[i].function);
  }
  const std::uint32_t row = location_index_.find_or_add(location_hash(location), next, [&](std::uint32_t other) {
    return same_location(sum_.locations[other], location);
  });
  if (row == next) {
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
