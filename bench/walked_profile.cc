#include <random>
#include <vector>

#include "big_profile.h"
#include "support/wire_writer.h"

namespace gopsy::bench {
namespace {

using test::WireWriter;

constexpr std::uint64_t kFirstText = 0x401000;
constexpr std::uint64_t kSites = 6;
constexpr std::uint64_t kTenants = 40;
constexpr std::uint64_t kRequests = 1000;

enum Text : std::uint64_t { kEmpty, kSamples, kCount, kCpu, kNanoseconds, kProgram, kTenant, kRequest, kFirstName };

/// The names come first in the string table, then the values of the labels.
std::uint64_t first_label(const Walk& walk) { return kFirstName + 2 * std::uint64_t{walk.functions}; }

void write_samples(WireWriter& out, const Walk& walk) {
  std::mt19937 random(walk.seed);
  std::vector<std::uint64_t> leaf_first(walk.depth);
  const std::vector<std::uint64_t> values = {1, 10'000'000};
  for (std::uint32_t sample = 0; sample < walk.samples; ++sample) {
    std::uint64_t function = 0;
    for (std::uint32_t level = walk.depth; level-- > 0;) {
      const std::uint64_t site = function * kSites + random() % kSites;
      leaf_first[level] = site + 1;
      function = site * 2'654'435'761U % walk.functions;  // a site always calls the same function
    }
    WireWriter inside;
    inside.packed(1, leaf_first).packed(2, values);
    if (walk.labels) {
      const std::uint64_t first = first_label(walk);
      inside.message(3, WireWriter().varint(1, kTenant).varint(2, first + random() % kTenants));
      inside.message(3, WireWriter().varint(1, kRequest).varint(2, first + kTenants + random() % kRequests));
    }
    out.message(2, inside);
  }
}

void write_places(WireWriter& out, const Walk& walk) {
  out.message(3, WireWriter()
                     .varint(1, 1)
                     .varint(2, kFirstText)
                     .varint(3, kFirstText << 4)
                     .varint(5, kProgram)
                     .varint(7, 1)
                     .varint(8, 1)
                     .varint(9, 1)
                     .varint(10, 1));
  for (std::uint64_t site = 0; site < walk.functions * kSites; ++site) {
    const std::uint64_t function = site / kSites;
    WireWriter inside;
    inside.varint(1, site + 1).varint(2, 1).varint(3, kFirstText + 64 + site * 16);
    if (site % 4 == 0) {
      inside.message(4, WireWriter().varint(1, (function * 7 + site) % walk.functions + 1).varint(2, site % 300 + 1));
    }
    inside.message(4, WireWriter().varint(1, function + 1).varint(2, site % 500 + 1));
    out.message(4, inside);
  }
  for (std::uint64_t function = 0; function < walk.functions; ++function) {
    const std::uint64_t name = kFirstName + 2 * function;
    out.message(5, WireWriter().varint(1, function + 1).varint(2, name).varint(3, name).varint(4, name + 1));
  }
}

void write_texts(WireWriter& out, const Walk& walk) {
  for (const char* text : {"", "samples", "count", "cpu", "nanoseconds", "/srv/shop", "tenant", "request"}) {
    out.bytes(6, text);
  }
  for (std::uint64_t function = 0; function < walk.functions; ++function) {
    const std::string package = "example.com/shop/service" + std::to_string(function % 97);
    out.bytes(6, package + ".(*Handler).Method" + std::to_string(function));
    out.bytes(6, "/src/" + package + "/file" + std::to_string(function % 13) + ".go");
  }
  if (!walk.labels) return;
  for (std::uint64_t i = 0; i < kTenants; ++i) out.bytes(6, "tenant-" + std::to_string(i));
  for (std::uint64_t i = 0; i < kRequests; ++i) out.bytes(6, "/api/v1/request/" + std::to_string(i));
}

}  // namespace

std::string walked_profile(const Walk& walk) {
  WireWriter out;
  out.message(1, WireWriter().varint(1, kSamples).varint(2, kCount));
  out.message(1, WireWriter().varint(1, kCpu).varint(2, kNanoseconds));
  write_samples(out, walk);
  write_places(out, walk);
  write_texts(out, walk);
  out.varint(9, 1'795'000'000'000'000'000).varint(10, 30'000'000'000);
  out.message(11, WireWriter().varint(1, kCpu).varint(2, kNanoseconds)).varint(12, 10'000'000);
  return out.str();
}

}  // namespace gopsy::bench
