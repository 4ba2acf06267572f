#include "decode/log/anchors.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace gopsy::decode::log {
namespace {

using namespace std::string_view_literals;

// Each is long enough to be rare in ordinary logs and short enough to survive what carriers do to a line: no tab and
// no quote stands in one. Frames of a stack are found by their offset, whatever stands around them.
constexpr std::array kAnchors{
    // Tracebacks.
    "panic: "sv,
    "anic serving "sv,
    "fatal error: "sv,
    "goroutine "sv,
    "[signal "sv,
    "created by "sv,
    " +0x"sv,
    "untime error: "sv,
    "runtime stack:"sv,
    "sigcode="sv,
    "runtime: "sv,
    "runtime/cgo: "sv,
    "untime.gopanic"sv,
    "frames elided"sv,
    // What wrappers and the kernel say of an end.
    "exit status "sv,
    "signal: "sv,
    "exit code "sv,
    // Race reports.
    "DATA RACE"sv,
    "data race"sv,
    "created at:"sv,
    "race: limit on "sv,
    // GODEBUG lines: gctrace, schedtrace with its details, scavtrace, inittrace, pacertrace.
    "ms clock, "sv,
    "gomaxprocs="sv,
    "runqsize="sv,
    "lockedg="sv,
    "lockedm="sv,
    "KiB work"sv,
    "pacer: "sv,
    "scan: class"sv,
    "GODEBUG"sv,
    "GOTRACEBACK"sv,
    "GOMEMLIMIT="sv,
    "GOGC="sv,
};

// Anchors share eight buckets; a bit for each in the tables says which may have such a byte at that place.
constexpr std::size_t kFingerprint = 4;

// The four bytes that are looked at first stand where ordinary text has the rarest of them.
constexpr std::size_t fingerprint_at(std::string_view anchor) {
  constexpr auto cost = [](char c) {
    if (c == ' ' || c == 'e' || c == 't' || c == 'a' || c == 'o' || c == 'i' || c == 'n' || c == 'r' || c == 's')
      return 4;
    if (c >= 'a' && c <= 'z') return 3;
    return c == ':' || c == '=' || (c >= '0' && c <= '9') ? 3 : 1;
  };
  std::size_t best = 0;
  int least = 100;
  for (std::size_t at = 0; at + kFingerprint <= anchor.size(); ++at) {
    const int sum = cost(anchor[at]) + cost(anchor[at + 1]) + cost(anchor[at + 2]) + cost(anchor[at + 3]);
    if (sum < least) least = sum, best = at;
  }
  return best;
}

constexpr auto kPlaces = [] {
  std::array<std::size_t, kAnchors.size()> places{};
  for (std::size_t i = 0; i < kAnchors.size(); ++i) places[i] = fingerprint_at(kAnchors[i]);
  return places;
}();

struct Tables {
  // By position of the fingerprint: for each low and each high half of a byte the buckets that may go on.
  std::array<std::array<std::uint8_t, 16>, kFingerprint> low{};
  std::array<std::array<std::uint8_t, 16>, kFingerprint> high{};
  std::array<std::array<std::uint8_t, 256>, kFingerprint> whole{};
};

constexpr int bits(std::uint16_t set) { return std::popcount(set); }

// Which bytes a bucket lets pass, by position: sets of low and of high halves.
struct Bucket {
  std::array<std::uint16_t, kFingerprint> low{};
  std::array<std::uint16_t, kFingerprint> high{};

  constexpr void add(std::string_view anchor, std::size_t at) {
    for (std::size_t p = 0; p < kFingerprint; ++p) {
      const auto byte = static_cast<std::uint8_t>(anchor[at + p]);
      low[p] = static_cast<std::uint16_t>(low[p] | 1U << (byte & 15));
      high[p] = static_cast<std::uint16_t>(high[p] | 1U << (byte >> 4));
    }
  }
  [[nodiscard]] constexpr int lets_pass() const {
    int product = 1;
    for (std::size_t p = 0; p < kFingerprint; ++p) product *= bits(low[p]) * bits(high[p]);
    return product;
  }
};

// Each anchor goes where it lets the fewest other texts pass.
constexpr auto kBucketOf = [] {
  std::array<std::uint8_t, kAnchors.size()> of{};
  std::array<Bucket, 8> buckets{};
  for (std::size_t i = 0; i < kAnchors.size(); ++i) {
    std::size_t best = 0;
    int least = 1 << 30;
    for (std::size_t b = 0; b < buckets.size(); ++b) {
      Bucket with = buckets[b];
      with.add(kAnchors[i], kPlaces[i]);
      const int more = with.lets_pass() - buckets[b].lets_pass();
      if (more < least) least = more, best = b;
    }
    buckets[best].add(kAnchors[i], kPlaces[i]);
    of[i] = static_cast<std::uint8_t>(1U << best);
  }
  return of;
}();

constexpr Tables make_tables() {
  Tables tables;
  for (std::size_t i = 0; i < kAnchors.size(); ++i) {
    for (std::size_t p = 0; p < kFingerprint; ++p) {
      const auto byte = static_cast<std::uint8_t>(kAnchors[i][kPlaces[i] + p]);
      tables.low[p][byte & 15] |= kBucketOf[i];
      tables.high[p][byte >> 4] |= kBucketOf[i];
      tables.whole[p][byte] |= kBucketOf[i];
    }
  }
  return tables;
}

constexpr Tables kTables = make_tables();

// The buckets whose fingerprints may stand at `at`, by whole bytes.
std::uint8_t buckets_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[at + i]); };
  return kTables.whole[0][byte(0)] & kTables.whole[1][byte(1)] & kTables.whole[2][byte(2)] & kTables.whole[3][byte(3)];
}

// The anchor whose fingerprint stands at `at`, if its other bytes agree: its start.
std::size_t confirm(std::string_view text, std::size_t at, std::uint8_t buckets, std::size_t from) {
  for (std::size_t i = 0; i < kAnchors.size(); ++i) {
    if ((kBucketOf[i] & buckets) == 0) continue;
    const std::size_t before = kPlaces[i];
    if (at < from + before) continue;
    if (text.substr(at - before).starts_with(kAnchors[i])) return at - before;
  }
  return std::string_view::npos;
}

#if defined(__x86_64__)
__attribute__((target("ssse3"))) std::size_t find_by_sixteen(std::string_view text, std::size_t from) {
  const auto load = [](const std::array<std::uint8_t, 16>& table) __attribute__((target("ssse3"))) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(table.data()));
  };
  const __m128i low0 = load(kTables.low[0]);
  const __m128i low1 = load(kTables.low[1]);
  const __m128i low2 = load(kTables.low[2]);
  const __m128i low3 = load(kTables.low[3]);
  const __m128i high0 = load(kTables.high[0]);
  const __m128i high1 = load(kTables.high[1]);
  const __m128i high2 = load(kTables.high[2]);
  const __m128i high3 = load(kTables.high[3]);
  const __m128i half = _mm_set1_epi8(15);
  const auto buckets = [half](const char* at, __m128i low, __m128i high) __attribute__((target("ssse3"))) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    return _mm_and_si128(_mm_shuffle_epi8(low, _mm_and_si128(bytes, half)),
                         _mm_shuffle_epi8(high, _mm_and_si128(_mm_srli_epi16(bytes, 4), half)));
  };
  std::size_t at = from;
  for (; at + 16 + kFingerprint <= text.size(); at += 16) {
    const char* const data = text.data() + at;
    const __m128i fits = _mm_and_si128(_mm_and_si128(buckets(data, low0, high0), buckets(data + 1, low1, high1)),
                                       _mm_and_si128(buckets(data + 2, low2, high2), buckets(data + 3, low3, high3)));
    auto found = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(fits, _mm_setzero_si128()))) ^ 0xFFFFU;
    for (; found != 0; found &= found - 1) {
      const std::size_t i = at + static_cast<std::size_t>(std::countr_zero(found));
      const std::uint8_t may = buckets_at(text, i);
      if (may == 0) continue;
      if (const std::size_t hit = confirm(text, i, may, from); hit != std::string_view::npos) return hit;
    }
  }
  // The words that began before the last step's end are looked for again; `from` keeps older ones out.
  return find_anchor_plainly(text, std::max(from, at < 16 ? 0 : at - 16));
}
#endif

}  // namespace

std::size_t find_anchor_plainly(std::string_view text, std::size_t from) {
  for (std::size_t at = from; at + kFingerprint <= text.size(); ++at) {
    const std::uint8_t buckets = buckets_at(text, at);
    if (buckets == 0) continue;
    if (const std::size_t hit = confirm(text, at, buckets, from); hit != std::string_view::npos) return hit;
  }
  return std::string_view::npos;
}

std::size_t find_anchor(std::string_view text, std::size_t from) {
  if (from >= text.size()) return std::string_view::npos;
#if defined(__x86_64__)
  static const bool kBySixteen = __builtin_cpu_supports("ssse3") != 0;
  if (kBySixteen) return find_by_sixteen(text, from);
#endif
  return find_anchor_plainly(text, from);
}

std::size_t count_newlines(std::string_view text) {
  std::size_t count = 0;
  std::size_t at = 0;
#if defined(__x86_64__)
  const __m128i newline = _mm_set1_epi8('\n');
  // A byte counts to 255 before it must be emptied.
  while (at + 16 <= text.size()) {
    __m128i sums = _mm_setzero_si128();
    for (int step = 0; step < 255 && at + 16 <= text.size(); ++step, at += 16) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
      sums = _mm_sub_epi8(sums, _mm_cmpeq_epi8(bytes, newline));
    }
    const __m128i wide = _mm_sad_epu8(sums, _mm_setzero_si128());
    count += static_cast<std::size_t>(_mm_cvtsi128_si64(wide)) +
             static_cast<std::size_t>(_mm_cvtsi128_si64(_mm_unpackhi_epi64(wide, wide)));
  }
#endif
  return count + static_cast<std::size_t>(std::count(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), '\n'));
}

}  // namespace gopsy::decode::log
