#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "model/symbols.h"

namespace gopsy::render {

/// What a frame is to a Go programmer; each has its own hue, and shades of it tell packages apart.
enum class Territory : std::uint8_t { Program, Module, Standard, Runtime, Native, Marker };
constexpr std::size_t kTerritories = 6;

/// One colour class of the drawing: its CSS class name is `prefix` and the shade's digit.
struct Hue {
  char prefix;
  unsigned shades;
  std::string_view title;  ///< in the legend
};

const Hue& hue_of(Territory territory);

/// Program is what stands neither in GOROOT nor in a module cache or vendor folder; without a file
/// name all code outside the standard library is taken for it, but for golang.org and the like.
Territory territory_of(const model::Frame& frame, const model::Symbols& symbols);

/// "p3": the CSS class of the frame. Shades are hashes of the package: stable over profiles.
std::string css_class(const model::Frame& frame, const model::Symbols& symbols);

/// The rules of all classes, for light and for dark surroundings; those of the script's tools as well.
std::string_view stylesheet();

}  // namespace gopsy::render
