#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace gopsy::io {

/// Compresses what is written to it, piece by piece, into one gzip member without a name and a time.
///
/// Yields  `sink` gets the compressed bytes as they come; the same input gives the same bytes, however it is cut.
/// Cost    holds half a megabyte, whatever comes. On a profile whose bytes hardly repeat about twice as fast as the
///         fastest level of libdeflate, which needs input and output as a whole, for a few percent more bytes.
/// Source  RFC 1951 and 1952.
class GzipStream {
 public:
  using Sink = std::function<void(std::string_view)>;

  explicit GzipStream(Sink sink);

  void write(std::string_view bytes);
  /// Writes what is left. REQUIRES: the last call.
  void finish();

 private:
  // So many bytes as they are, then a copy of `length` bytes from `distance` before; the last one of a block has none.
  struct Step {
    std::uint32_t literals = 0;
    std::uint16_t length = 0;
    std::uint16_t distance = 0;
  };

  void find_steps(std::size_t begin, std::size_t end);
  void write_block(std::size_t begin, std::size_t end, bool last);
  void write_steps(std::size_t begin);
  void bits(std::uint64_t value, unsigned count);
  void flush_bits();
  void hand_over();

  static constexpr std::size_t kWindow = std::size_t{32} << 10;
  static constexpr std::size_t kBlock = std::size_t{128} << 10;
  static constexpr unsigned kHashBits = 13;

  Sink sink_;
  std::vector<unsigned char> in_;  // the window, then the block that is being filled
  std::size_t begin_ = 0;          // of the block
  std::size_t end_ = 0;            // of what is filled
  std::uint32_t base_ = 0;         // the place in the stream of in_[0], modulo 2^32
  std::vector<std::uint16_t> heads_ = std::vector<std::uint16_t>(std::size_t{1} << kHashBits);  // places, modulo 2^16
  std::vector<Step> steps_;

  // A code and its length, ready to be written.
  struct Code {
    std::uint16_t bits = 0;
    std::uint16_t size = 0;
  };
  std::array<Code, 288> letters_{};  // bytes, the end of a block, lengths
  std::array<Code, 32> distances_{};

  std::vector<unsigned char> out_;
  unsigned char* at_ = nullptr;
  std::uint64_t held_ = 0;
  unsigned held_bits_ = 0;
  std::uint32_t crc_ = 0;
  std::uint32_t size_ = 0;
};

}  // namespace gopsy::io
