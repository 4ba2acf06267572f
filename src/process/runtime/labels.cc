#include "process/runtime/labels.h"

#include <algorithm>
#include <array>

#include "binary/reader.h"

namespace gopsy::process {
namespace {

// A bucket: 8 bytes of hashes, 8 keys, 8 values (string headers), the overflow bucket.
constexpr std::size_t kBucket = 8 + 8 * 16 + 8 * 16 + 8;
constexpr std::uint8_t kLeastHash = 5;  // smaller ones are marks: empty, moved
constexpr unsigned kMostBucketBits = 12;
constexpr unsigned kMostOverflow = 64;

std::string text(const Memory& memory, std::uint64_t pointer, std::uint64_t size) {
  std::string bytes(std::min<std::uint64_t>(size, kLongestLabel), '\0');
  bytes.resize(memory.read(pointer, bytes));
  return bytes;
}

void add(const Memory& memory, const binary::Reader& bytes, std::uint64_t key, std::uint64_t value, Labels& labels) {
  const auto word = [&](std::uint64_t at) { return bytes.get<std::uint64_t>(at).value_or(0); };
  labels.emplace_back(text(memory, word(key), word(key + 8)), text(memory, word(value), word(value + 8)));
}

void read_list(const Memory& memory, std::uint64_t address, Labels& labels) {
  const std::uint64_t list = memory.word(address).value_or(0);
  const std::uint64_t count = std::min<std::uint64_t>(memory.word(address + 8).value_or(0), kMostLabels);
  std::string bytes(count * 32, '\0');
  bytes.resize(memory.read(list, bytes) / 32 * 32);
  const binary::Reader pairs(bytes, false);
  for (std::uint64_t at = 0; at < bytes.size(); at += 32) add(memory, pairs, at, at + 16, labels);
}

void read_buckets(const Memory& memory, std::uint64_t first, unsigned bits, Labels& labels) {
  for (std::uint64_t i = 0; first != 0 && i < std::uint64_t{1} << bits; ++i) {
    std::uint64_t bucket = first + i * kBucket;
    for (unsigned chain = 0; bucket != 0 && chain < kMostOverflow; ++chain) {
      std::array<char, kBucket> bytes{};
      if (memory.read(bucket, bytes) != bytes.size()) return;
      const binary::Reader fields({bytes.data(), bytes.size()}, false);
      for (std::uint64_t slot = 0; slot < 8; ++slot) {
        if (labels.size() >= kMostLabels) return;
        if (fields.get<std::uint8_t>(slot).value_or(0) >= kLeastHash)
          add(memory, fields, 8 + slot * 16, 8 + 8 * 16 + slot * 16, labels);
      }
      bucket = fields.get<std::uint64_t>(kBucket - 8).value_or(0);
    }
  }
}

void read_map(const Memory& memory, std::uint64_t map, Labels& labels) {
  std::array<char, 32> header{};
  if (map == 0 || memory.read(map, header) != header.size()) return;
  const binary::Reader fields({header.data(), header.size()}, false);
  const unsigned bits = fields.get<std::uint8_t>(9).value_or(0);
  if (bits > kMostBucketBits) return;
  read_buckets(memory, fields.get<std::uint64_t>(16).value_or(0), bits, labels);
  // While the map grows, part of it still stands in the old half; what was moved is marked there.
  const std::uint64_t old = fields.get<std::uint64_t>(24).value_or(0);
  const bool same_size = (fields.get<std::uint8_t>(8).value_or(0) & 8) != 0;
  if (old != 0) read_buckets(memory, old, same_size || bits == 0 ? bits : bits - 1, labels);
}

}  // namespace

Labels read_labels(const GoRuntime& runtime, std::uint64_t address) {
  Labels labels;
  if (runtime.layout.labels_are_list) {
    read_list(*runtime.memory, address, labels);
  } else {
    read_map(*runtime.memory, runtime.memory->word(address).value_or(0), labels);
  }
  std::ranges::sort(labels);
  return labels;
}

}  // namespace gopsy::process
