#include "big_profile.h"

#include <random>
#include <vector>

#include "support/wire_writer.h"

namespace gopsy::bench {
namespace {

using test::WireWriter;

constexpr std::uint64_t kFirstText = 0x401000;

enum Text : std::uint64_t { kEmpty, kSamples, kCount, kCpu, kNanoseconds, kProgram, kFirstName };

}  // namespace

std::string big_profile(const Shape& shape) {
  WireWriter out;
  out.message(1, WireWriter().varint(1, kSamples).varint(2, kCount));
  out.message(1, WireWriter().varint(1, kCpu).varint(2, kNanoseconds));

  std::mt19937 random(20);  // always the same bytes
  std::vector<std::uint64_t> root_first(shape.depth);
  std::vector<std::uint64_t> leaf_first(shape.depth);
  for (std::uint32_t sample = 0; sample < shape.samples; ++sample) {
    std::uint64_t function = 1;
    for (std::uint32_t level = 0; level < shape.depth; ++level) {
      root_first[level] = function;
      // A caller has one favourite callee and seven others, all fixed by its number.
      const std::uint64_t choice = random() % 1000 < shape.spread ? 1 + random() % 7 : 0;
      function = (function * 31 + choice * 977 + level) % shape.functions + 1;
    }
    for (std::uint32_t i = 0; i < shape.depth; ++i) leaf_first[i] = root_first[shape.depth - 1 - i];
    const std::vector<std::uint64_t> values = {1, 10'000'000};
    out.message(2, WireWriter().packed(1, leaf_first).packed(2, values));
  }

  out.message(3, WireWriter().varint(1, 1).varint(2, kFirstText).varint(3, kFirstText << 4).varint(5, kProgram));
  for (std::uint64_t id = 1; id <= shape.functions; ++id) {
    const std::uint64_t name = kFirstName + 2 * (id - 1);
    out.message(4, WireWriter()
                       .varint(1, id)
                       .varint(2, 1)
                       .varint(3, kFirstText + id * 64)
                       .message(4, WireWriter().varint(1, id).varint(2, id % 500)));
    out.message(5, WireWriter().varint(1, id).varint(2, name).varint(3, name).varint(4, name + 1));
  }
  for (const char* text : {"", "samples", "count", "cpu", "nanoseconds", "/srv/shop"}) out.bytes(6, text);
  for (std::uint64_t id = 1; id <= shape.functions; ++id) {
    const std::string package = "example.com/shop/service" + std::to_string(id % 97);
    out.bytes(6, package + ".(*Handler).Method" + std::to_string(id));
    out.bytes(6, "/src/" + package + "/file" + std::to_string(id % 13) + ".go");
  }
  out.varint(9, 1'795'000'000'000'000'000).varint(10, 30'000'000'000);
  out.message(11, WireWriter().varint(1, kCpu).varint(2, kNanoseconds)).varint(12, 10'000'000);
  return out.str();
}

}  // namespace gopsy::bench
