#include "io/gzip_stream.h"

#include <libdeflate.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <span>
#include <utility>

namespace gopsy::io {
namespace {

constexpr unsigned kShortestMatch = 4;
constexpr unsigned kLongestMatch = 258;
constexpr unsigned kEnd = 256;
constexpr unsigned kFirstLength = 257;
constexpr std::size_t kLetters = 286;
constexpr std::size_t kDistances = 30;
constexpr std::size_t kSlack = 16;  // words are read and written whole

// Codes of up to 14 bits: four of them and what is left of a byte fit into a word.
constexpr unsigned kLongestCode = 14;

std::uint32_t word_at(const unsigned char* at) {
  std::uint32_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return word;
}

// A length or distance as a symbol and the bits that tell those of one symbol apart.
struct Extra {
  unsigned symbol = 0;
  unsigned bits = 0;
  unsigned value = 0;
};

// Both scales are four (or two) numbers with no extra bits, then groups of as many for each power of two.
template <unsigned GroupBits>
constexpr Extra scaled(unsigned number) {
  constexpr unsigned kPlain = 2U << GroupBits;
  if (number < kPlain) return {.symbol = number};
  const unsigned bits = 31 - static_cast<unsigned>(std::countl_zero(number)) - GroupBits;
  return {.symbol = (bits << GroupBits) + (number >> bits), .bits = bits, .value = number & ((1U << bits) - 1)};
}

constexpr Extra distance_symbol(unsigned distance) { return scaled<1>(distance - 1); }

constexpr Extra length_symbol(unsigned length) {
  if (length == kLongestMatch) return {.symbol = kFirstLength + 28};
  Extra extra = scaled<2>(length - 3);
  extra.symbol += kFirstLength;
  return extra;
}

// The lengths of an optimal prefix code, none above `longest`. At least two symbols get one: readers want whole codes.
void code_lengths(std::span<const std::uint32_t> counts, unsigned longest, std::span<std::uint8_t> lengths) {
  std::vector<std::pair<std::uint32_t, std::uint16_t>> used;  // count, symbol
  for (std::size_t i = 0; i < counts.size(); ++i)
    if (counts[i] != 0 || (i < 2 && std::ranges::count(counts, 0U) + 2 > std::ssize(counts)))
      used.emplace_back(counts[i], static_cast<std::uint16_t>(i));
  std::ranges::sort(used);
  // Huffman's tree from two queues: symbols by count, and inner nodes in the order in which they are made.
  const std::size_t count = used.size();
  std::vector<std::uint64_t> weight(count * 2);
  std::vector<std::size_t> parent(count * 2);
  for (std::size_t i = 0; i < count; ++i) weight[i] = used[i].first;
  std::size_t leaf = 0;
  std::size_t inner = count;
  for (std::size_t made = count; made + 1 < count * 2; ++made) {
    for (int side = 0; side < 2; ++side) {
      const bool takes_leaf = leaf < count && (inner == made || weight[leaf] <= weight[inner]);
      const std::size_t child = takes_leaf ? leaf++ : inner++;
      weight[made] += weight[child];
      parent[child] = made;
    }
  }
  std::vector<unsigned> depth(count * 2);
  std::vector<std::uint32_t> of_length(count + longest + 2);
  for (std::size_t i = count * 2 - 2; i-- > 0;) {
    depth[i] = depth[parent[i]] + 1;
    if (i < count) ++of_length[std::min(depth[i], longest)];
  }
  // What was cut to the longest takes too much room: shorter codes are made longer until all fits.
  std::uint64_t room = 0;
  for (unsigned size = 1; size <= longest; ++size) room += std::uint64_t{of_length[size]} << (longest - size);
  for (; room > std::uint64_t{1} << longest; --room) {
    unsigned size = longest - 1;
    while (of_length[size] == 0) --size;
    --of_length[longest];
    --of_length[size];
    of_length[size + 1] += 2;
  }
  std::size_t next = 0;
  for (unsigned size = longest; size > 0; --size)
    for (std::uint32_t i = 0; i < of_length[size]; ++i) lengths[used[next++].second] = static_cast<std::uint8_t>(size);
}

// Canonical codes, turned round: the first bit of a code is the lowest.
template <class Code>
void make_codes(std::span<const std::uint8_t> lengths, std::span<Code> codes) {
  std::array<std::uint32_t, 17> next{};
  for (const std::uint8_t size : lengths)
    if (size != 0) ++next[size + 1U];
  for (std::size_t size = 1; size < next.size(); ++size)
    next[size] = (next[size] + next[size - 1]) << (size > 1 ? 1 : 0);
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    std::uint32_t turned = 0;
    if (lengths[i] != 0) {
      std::uint32_t code = next[lengths[i]]++;
      for (unsigned bit = 0; bit < lengths[i]; ++bit, code >>= 1) turned = turned << 1 | (code & 1);
    }
    codes[i] = {.bits = static_cast<std::uint16_t>(turned), .size = lengths[i]};
  }
}

}  // namespace

GzipStream::GzipStream(Sink sink) : sink_(std::move(sink)), in_(kWindow + kBlock + kSlack), out_(kBlock * 2 + 4096) {
  at_ = out_.data();
  constexpr std::array<unsigned char, 10> kHeader{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff};
  at_ = std::ranges::copy(kHeader, at_).out;
}

void GzipStream::write(std::string_view bytes) {
  crc_ = libdeflate_crc32(crc_, bytes.data(), bytes.size());
  size_ += static_cast<std::uint32_t>(bytes.size());
  while (!bytes.empty()) {
    const std::size_t taken = std::min(bytes.size(), begin_ + kBlock - end_);
    std::memcpy(in_.data() + end_, bytes.data(), taken);
    end_ += taken;
    bytes.remove_prefix(taken);
    if (end_ < begin_ + kBlock) return;
    write_block(begin_, end_, false);
    // The end of this block is the window of the next one.
    const std::size_t gone = end_ - kWindow;
    std::memmove(in_.data(), in_.data() + gone, kWindow);
    base_ += static_cast<std::uint32_t>(gone);
    begin_ = end_ = kWindow;
  }
}

void GzipStream::finish() {
  write_block(begin_, end_, true);
  bits(0, (8 - held_bits_ % 8) % 8);
  flush_bits();
  for (const std::uint32_t number : {crc_, size_})
    for (unsigned shift = 0; shift < 32; shift += 8) *at_++ = static_cast<unsigned char>(number >> shift);
  hand_over();
}

// Greedy, with one place remembered a hash. A table of more places finds a little more, and no longer stays in the
// cache: 15 bits save 4 % of the bytes and cost half as much time again.
void GzipStream::find_steps(std::size_t begin, std::size_t end) {
  steps_.clear();
  const unsigned char* const in = in_.data();
  std::uint16_t* const heads = heads_.data();
  const std::size_t last = end < begin + 2 * kSlack ? begin : end - kSlack;
  std::size_t literals = begin;
  for (std::size_t at = begin; at < last;) {
    const std::uint32_t word = word_at(in + at);
    std::uint16_t& head = heads[word * 2'654'435'761U >> (32 - kHashBits)];
    const auto place = static_cast<std::uint16_t>(base_ + at);
    const std::size_t distance = static_cast<std::uint16_t>(place - head);
    head = place;
    if (distance - 1 >= kWindow || distance > at || word_at(in + at - distance) != word) {
      ++at;
      continue;
    }
    const std::size_t most = std::min<std::size_t>(kLongestMatch, end - at);
    std::size_t length = kShortestMatch;
    while (length < most && in[at + length] == in[at + length - distance]) ++length;
    steps_.push_back({.literals = static_cast<std::uint32_t>(at - literals),
                      .length = static_cast<std::uint16_t>(length),
                      .distance = static_cast<std::uint16_t>(distance)});
    at += length;
    literals = at;
  }
  steps_.push_back({.literals = static_cast<std::uint32_t>(end - literals)});
}

void GzipStream::write_block(std::size_t begin, std::size_t end, bool last) {
  find_steps(begin, end);
  std::array<std::array<std::uint32_t, kLetters>, 2> letters{};
  std::array<std::uint32_t, kDistances> distances{};
  const unsigned char* at = in_.data() + begin;
  for (const Step& step : steps_) {
    std::uint32_t i = 0;
    // Two counters each: equal bytes follow one another, and would wait for one another.
    for (; i + 1 < step.literals; i += 2) ++letters[0][at[i]], ++letters[1][at[i + 1]];
    if (i < step.literals) ++letters[0][at[i]];
    at += step.literals + step.length;
    if (step.length == 0) continue;
    ++letters[0][length_symbol(step.length).symbol];
    ++distances[distance_symbol(step.distance).symbol];
  }
  for (std::size_t i = 0; i < kLetters; ++i) letters[0][i] += letters[1][i];
  ++letters[0][kEnd];

  std::array<std::uint8_t, kLetters + kDistances> lengths{};
  const std::span all(lengths);
  code_lengths(letters[0], kLongestCode, all.first(kLetters));
  code_lengths(distances, kLongestCode, all.subspan(kLetters));
  make_codes<Code>(all.first(kLetters), letters_);
  make_codes<Code>(all.subspan(kLetters), distances_);

  // The lengths are a code's letters themselves, one after the other: runs would save a thousandth.
  std::array<std::uint32_t, 19> counts{};
  for (const std::uint8_t size : lengths) ++counts[size];
  std::array<std::uint8_t, 19> sizes{};
  code_lengths(counts, 7, sizes);
  std::array<Code, 19> codes{};
  make_codes<Code>(sizes, codes);
  bits(last ? 1 : 0, 1);
  bits(2, 2);
  bits(kLetters - 257, 5);
  bits(kDistances - 1, 5);
  bits(sizes.size() - 4, 4);
  constexpr std::string_view kOrder("\x10\x11\x12\0\x8\x7\x9\x6\xa\x5\xb\x4\xc\x3\xd\x2\xe\x1\xf", 19);
  for (const char symbol : kOrder) bits(sizes[static_cast<unsigned char>(symbol)], 3);
  for (const std::uint8_t size : lengths) bits(codes[size].bits, codes[size].size);
  write_steps(begin);
  bits(letters_[kEnd].bits, letters_[kEnd].size);
  if (!last) hand_over();
}

void GzipStream::write_steps(std::size_t begin) {
  const unsigned char* at = in_.data() + begin;
  const auto hold = [&](Code code) {
    held_ |= std::uint64_t{code.bits} << held_bits_;
    held_bits_ += code.size;
  };
  for (const Step& step : steps_) {
    std::uint32_t i = 0;
    for (; i + 4 <= step.literals; i += 4) {
      for (std::uint32_t j = 0; j < 4; ++j) hold(letters_[at[i + j]]);
      flush_bits();
    }
    for (; i < step.literals; ++i) hold(letters_[at[i]]);
    flush_bits();
    at += step.literals + step.length;
    if (step.length == 0) continue;
    const Extra length = length_symbol(step.length);
    const Extra distance = distance_symbol(step.distance);
    hold(letters_[length.symbol]);
    hold({.bits = static_cast<std::uint16_t>(length.value), .size = static_cast<std::uint16_t>(length.bits)});
    hold(distances_[distance.symbol]);
    hold({.bits = static_cast<std::uint16_t>(distance.value), .size = static_cast<std::uint16_t>(distance.bits)});
    flush_bits();
  }
}

void GzipStream::bits(std::uint64_t value, unsigned count) {
  held_ |= value << held_bits_;
  held_bits_ += count;
  flush_bits();
}

// Writes a whole word and keeps what is less than a byte.
void GzipStream::flush_bits() {
  const std::uint64_t word = std::endian::native == std::endian::little ? held_ : __builtin_bswap64(held_);
  std::memcpy(at_, &word, sizeof word);
  at_ += held_bits_ / 8;
  held_ = held_bits_ < 64 ? held_ >> (held_bits_ & ~7U) : 0;
  held_bits_ &= 7U;
}

void GzipStream::hand_over() {
  sink_({reinterpret_cast<const char*>(out_.data()), static_cast<std::size_t>(at_ - out_.data())});
  at_ = out_.data();
}

}  // namespace gopsy::io
