#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace gopsy {

/// A dense 32-bit index that cannot be mistaken for another kind of index. 0 means "none" wherever
/// a table reserves its first row for that (all tables of the model do).
template <class Tag>
struct Id {
  std::uint32_t value = 0;

  constexpr Id() = default;
  constexpr explicit Id(std::uint32_t v) : value(v) {}
  constexpr explicit Id(std::size_t v) : value(static_cast<std::uint32_t>(v)) {}

  [[nodiscard]] constexpr bool none() const { return value == 0; }
  constexpr explicit operator bool() const { return value != 0; }
  friend constexpr auto operator<=>(Id, Id) = default;
};

using StringId = Id<struct StringTag>;

}  // namespace gopsy

template <class Tag>
struct std::hash<gopsy::Id<Tag>> {
  std::size_t operator()(gopsy::Id<Tag> id) const noexcept { return id.value * 0x9E3779B97F4A7C15ULL; }
};
