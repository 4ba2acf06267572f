#pragma once

#include <string>
#include <utility>
#include <vector>

#include "process/runtime/go_runtime.h"

namespace gopsy::process {

using Labels = std::vector<std::pair<std::string, std::string>>;

/// The labels that pprof.Do and pprof.SetGoroutineLabels gave a goroutine (g.labels), sorted by key.
///
/// Shape   up to Go 1.23 a map[string]string, of which both the buckets and those not yet moved are walked; since then
/// a
///         slice of pairs.
/// Cost    at most kMostLabels of them, each text cut after kLongestLabel bytes.
/// Source  runtime/pprof/label.go labelMap; runtime/map.go hmap, bmap (1.23).
Labels read_labels(const GoRuntime& runtime, std::uint64_t address);

inline constexpr std::size_t kMostLabels = 256;
inline constexpr std::size_t kLongestLabel = 4096;

}  // namespace gopsy::process
