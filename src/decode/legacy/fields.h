#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "model/evidence.h"
#include "model/profile.h"

namespace gopsy::decode {

/// What stands in the lines of the old text profiles.

/// `a * b`, held within 64 bits.
std::int64_t times(std::int64_t a, std::int64_t b);
/// The whole part of `value`, held within 64 bits; 0 for what is no number.
std::int64_t whole(double value);

/// The leading decimal number of `text`, removed from it; nothing beyond 63 bits.
std::optional<std::int64_t> consume_number(std::string_view& text);
void skip_blanks(std::string_view& text);

/// Appends every `0x…` (lower case, as the writers print them) of `text`; false if one exceeds 64 bits.
bool add_addresses(std::string_view text, std::vector<std::uint64_t>& out);

/// "n: bytes [n: bytes] @ REST", of heap profiles' headers and samples alike.
struct HeapFields {
  std::int64_t in_use_count = 0;
  std::int64_t in_use_bytes = 0;
  std::int64_t count = 0;
  std::int64_t bytes = 0;
  std::string_view rest;
};
/// The fields where they first fit, text before them passed over. Cost: linear.
std::optional<HeapFields> find_heap_fields(std::string_view text);

/// True for the lines behind which the memory map stands.
bool starts_memory_map(std::string_view line);

struct Scaled {
  std::int64_t count;
  std::int64_t bytes;
};
/// What a sample of `count` objects with `bytes` stands for if each byte had the chance 1/rate to be picked:
/// divided by 1 - e^(-mean size / rate). A rate up to 1 means that everything was counted.
Scaled unsampled(std::int64_t count, std::int64_t bytes, std::int64_t rate);

/// An error if something was read and nothing kept of it.
Result<void> any_kept(const model::Counts& counts);

/// Ends a sample: its stack and values.
void add_sample(model::Profile& profile, std::span<const std::uint32_t> stack,
                std::initializer_list<std::int64_t> values);

}  // namespace gopsy::decode
