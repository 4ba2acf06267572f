#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "model/trace_event.h"

namespace gopsy::decode::trace {

/// "go 1.22 trace\0\0\0".
constexpr std::size_t kHeaderBytes = 16;
constexpr unsigned kNewestFormat = 26;
constexpr std::uint64_t kMostBatchBytes = 64 << 10;
constexpr std::uint64_t kMostFrames = 128;
constexpr std::uint64_t kMostStringBytes = 1 << 10;
constexpr std::uint64_t kNoThread = ~std::uint64_t{0};
/// Units a second of Linux, where the trace clock is nanotime() / 64.
constexpr std::uint64_t kLinuxFrequency = 15'625'000;

/// The format version of a trace that starts with `head`: 11, 19, 21 (v1), 22, 23, 25, 26 (v2), or a newer one. Nothing
/// where it is no trace.
std::optional<unsigned> format_of(std::string_view head);

inline bool is_v1(unsigned format) { return format < 22; }
bool is_known(unsigned format);

/// The Go versions that write a format: 23 -> {23, 24}. The newest is 0 where later ones do so too.
struct GoVersions {
  unsigned oldest;
  unsigned newest;
};
GoVersions go_versions(unsigned format);

/// One type of event as the v2 wire has it.
///
/// Source  internal/trace/tracev2/events.go, read at go1.26.
struct EventSpec {
  std::string_view name;
  std::uint8_t args = 0;                    ///< all of them, the time difference of timed events included
  bool timed = false;                       ///< stands in the stream of a thread
  bool has_data = false;                    ///< a length and so many bytes follow
  bool is_stack = false;                    ///< the second argument counts frames that follow
  std::array<std::string_view, 5> names{};  ///< of the arguments
};

constexpr std::size_t kSpecs = 137;
const std::array<EventSpec, kSpecs>& specs();

/// How many of the specs a format knows: types at or above are invalid in it.
std::size_t known_specs(unsigned format);

/// The names that every generation of a format registers first, so that they can be told without its string table:
/// ids 1, 2, 3, ... Source: runtime/traceruntime.go, traceRegisterLabelsAndReasons; read from real traces.
std::span<const std::string_view> fixed_strings(unsigned format);

}  // namespace gopsy::decode::trace
