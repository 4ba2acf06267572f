#pragma once

#include <cstdint>
#include <unordered_map>

#include "base/ids.h"
#include "base/pair_table.h"
#include "model/profile.h"

namespace gopsy::decode {

/// Makes the tables of a model::Profile for formats that have names instead of tables: equal functions and equal
/// places become one row each, numbered from 1 in the order of first sight.
class ProfileBuilder {
 public:
  explicit ProfileBuilder(model::Profile& profile) : profile_(profile) {}

  /// The index of the function of that name in that file.
  std::uint32_t function(StringId name, StringId file);

  struct Place {
    std::uint64_t address = 0;
    std::uint32_t function = 0;
    std::int64_t line = 0;
    std::uint32_t mapping = model::Profile::kNoMapping;
  };

  /// The index of the location with that one line.
  std::uint32_t location(const Place& place);
  /// The index of the location that is nothing but that function's name: all that folded stacks have.
  /// Cost: one array access for a name met before.
  std::uint32_t named(StringId name);
  /// The index of a location without lines: nothing but an address is known.
  std::uint32_t address(std::uint64_t address, std::uint32_t mapping = model::Profile::kNoMapping);
  /// The index of the location that is `caller` with `function` inlined into it, innermost first.
  std::uint32_t inlined(std::uint32_t function, std::uint32_t caller);

 private:
  struct PlaceHash {
    std::size_t operator()(const Place& place) const noexcept;
  };
  struct PlaceEqual {
    bool operator()(const Place& a, const Place& b) const {
      return a.address == b.address && a.function == b.function && a.line == b.line && a.mapping == b.mapping;
    }
  };
  static constexpr std::uint32_t kNoFunction = UINT32_MAX;

  std::uint32_t add_location(std::uint64_t address, std::uint32_t mapping);

  model::Profile& profile_;
  PairTable functions_;
  std::vector<std::uint32_t> named_;  // by name: location + 1, 0 = not met
  PairTable inlined_;
  std::unordered_map<std::uint32_t, std::uint32_t> inlined_locations_;
  std::unordered_map<Place, std::uint32_t, PlaceHash, PlaceEqual> places_;
};

}  // namespace gopsy::decode
