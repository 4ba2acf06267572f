#pragma once

#include <string_view>

#include "analyze/races.h"

namespace gopsy::analyze {

/// What a side did, from the frames of runtime and library inside of `place`. REQUIRES: frames, place, access set.
RaceOperation operation_of(const RaceSide& side, const model::Symbols& symbols);

/// The part of an operation that belongs to the identity of a race: "map" for reads and writes of one.
std::string_view class_of(RaceOperation operation);

struct RaceVerdict {
  RaceKind kind = RaceKind::Field;
  RacePattern pattern = RacePattern::Unknown;
  double confidence = 0;
};

/// What is shared, from one report alone.
RaceVerdict verdict_on(const RaceVariant& variant, const model::Symbols& symbols);

}  // namespace gopsy::analyze
