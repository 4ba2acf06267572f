#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace gopsy::io {

/// Compresses what is written to it, piece by piece, so that neither input nor output need be in memory as a whole.
///
/// Shape   gzip members of kPiece bytes of input each, without a name and a time. A gzip file is a series of members
///         (RFC 1952, section 2.2), and Go's, zlib's and libdeflate's readers go through all of them.
/// Yields  `sink` gets the compressed bytes as they come; the same input gives the same bytes, however it is cut.
/// Cost    libdeflate's fastest level, as io::gzip; a piece and its compressed form in memory.
class GzipStream {
 public:
  using Sink = std::function<void(std::string_view)>;

  explicit GzipStream(Sink sink) : sink_(std::move(sink)) {}

  void write(std::string_view bytes);
  /// Writes what is left. REQUIRES: the last call.
  void finish();

  static constexpr std::size_t kPiece = std::size_t{4} << 20;

 private:
  void flush();

  Sink sink_;
  std::string piece_;
  bool any_ = false;
};

}  // namespace gopsy::io
