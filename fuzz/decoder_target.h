#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "decode/decoder.h"

namespace gopsy::fuzz {

/// Runs the decoder of that name over the input, whatever its sniffer says, and checks what holds for every
/// decoder: counts add up, references of the model lead somewhere, an error has a sentence.
inline int decode_with(std::string_view name, const std::uint8_t* bytes, std::size_t size) {
  static const decode::Decoder* const decoder = decode::find_decoder(name);
  GOPSY_CHECK(decoder != nullptr);
  const std::string_view input(reinterpret_cast<const char*>(bytes), size);
  decoder->sniff(input.substr(0, decode::kSniffBytes));

  model::Symbols symbols;
  const auto evidence = decoder->decode(input, symbols);
  if (!evidence) {
    GOPSY_CHECK(!message(evidence.error()).empty());
    return 0;
  }
  GOPSY_CHECK(!evidence->kind.empty());
  for (const model::Counts& counts : evidence->counts) {
    std::uint64_t placed = counts.kept;
    for (const auto& skipped : counts.skipped) placed += skipped.count;
    GOPSY_CHECK(placed == counts.read);
  }
  if (!evidence->profile) return 0;

  const model::Profile& profile = *evidence->profile;
  GOPSY_CHECK(profile.values.size() == profile.sample_count() * profile.types.size());
  GOPSY_CHECK(profile.label_start.size() == profile.stack_start.size());
  GOPSY_CHECK(profile.label_start.back() == profile.labels.size());
  GOPSY_CHECK(profile.stack_start.back() == profile.stack_locations.size());
  for (std::size_t i = 0; i < profile.sample_count(); ++i)
    GOPSY_CHECK(profile.stack_start[i] <= profile.stack_start[i + 1]);
  for (const std::uint32_t location : profile.stack_locations) GOPSY_CHECK(location < profile.locations.size());
  for (const auto& location : profile.locations) {
    GOPSY_CHECK(location.mapping == model::Profile::kNoMapping || location.mapping < profile.mappings.size());
    GOPSY_CHECK(std::size_t{location.first_line} + location.line_count <= profile.lines.size());
  }
  for (const auto& line : profile.lines) GOPSY_CHECK(line.function < profile.functions.size());
  return 0;
}

}  // namespace gopsy::fuzz

#define GOPSY_FUZZ_DECODER(name)                                                       \
  extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) { \
    return gopsy::fuzz::decode_with(name, bytes, size);                                \
  }                                                                                    \
  static_assert(true)
