#include "decode/profile_builder.h"

namespace gopsy::decode {

std::size_t ProfileBuilder::PlaceHash::operator()(const Place& place) const noexcept {
  const std::uint64_t row = std::uint64_t{place.function} << 32 ^ static_cast<std::uint64_t>(place.line);
  return (place.address * 0x9E3779B97F4A7C15ULL) ^ (row * 0xC2B2AE3D27D4EB4FULL) ^
         (place.mapping * 0x165667B19E3779F9ULL);
}

std::uint32_t ProfileBuilder::function(StringId name, StringId file) {
  const auto [number, is_new] = functions_.number(name.value, file.value);
  if (is_new) profile_.functions.push_back({.id = number, .name = name, .system_name = name, .file = file});
  return number - 1;
}

std::uint32_t ProfileBuilder::add_location(std::uint64_t address, std::uint32_t mapping) {
  const auto index = static_cast<std::uint32_t>(profile_.locations.size());
  profile_.locations.push_back({.id = std::uint64_t{index} + 1,
                                .mapping = mapping,
                                .address = address,
                                .first_line = static_cast<std::uint32_t>(profile_.lines.size())});
  return index;
}

std::uint32_t ProfileBuilder::location(const Place& place) {
  const auto [found, is_new] = places_.try_emplace(place, static_cast<std::uint32_t>(profile_.locations.size()));
  if (is_new) {
    add_location(place.address, place.mapping);
    profile_.lines.push_back({.function = place.function, .line = place.line});
    profile_.locations.back().line_count = 1;
  }
  return found->second;
}

std::uint32_t ProfileBuilder::named(StringId name) {
  if (name.value >= named_.size()) named_.resize(std::size_t{name.value} * 2 + 1);
  if (named_[name.value] == 0) named_[name.value] = location({.function = function(name, {})}) + 1;
  return named_[name.value] - 1;
}

std::uint32_t ProfileBuilder::address(std::uint64_t address, std::uint32_t mapping) {
  const Place nowhere{.address = address, .function = kNoFunction, .mapping = mapping};
  const auto [found, is_new] = places_.try_emplace(nowhere, static_cast<std::uint32_t>(profile_.locations.size()));
  if (is_new) add_location(address, mapping);
  return found->second;
}

std::uint32_t ProfileBuilder::inlined(std::uint32_t function, std::uint32_t caller) {
  const auto [number, is_new] = inlined_.number(function, caller);
  if (!is_new) return inlined_locations_.at(number);
  const std::uint32_t index = add_location(profile_.locations[caller].address, profile_.locations[caller].mapping);
  inlined_locations_.emplace(number, index);
  profile_.lines.push_back({.function = function});
  const model::Profile::Location outer = profile_.locations[caller];
  for (std::uint32_t i = 0; i < outer.line_count; ++i) profile_.lines.push_back(profile_.lines[outer.first_line + i]);
  profile_.locations[index].line_count = outer.line_count + 1;
  return index;
}

}  // namespace gopsy::decode
