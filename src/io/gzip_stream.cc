#include "io/gzip_stream.h"

#include <algorithm>

#include "base/check.h"
#include "io/deflate.h"

namespace gopsy::io {

void GzipStream::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::string_view some = bytes.substr(0, kPiece - piece_.size());
    piece_ += some;
    bytes.remove_prefix(some.size());
    if (piece_.size() == kPiece) flush();
  }
}

// A stream of nothing is one member of nothing.
void GzipStream::finish() {
  if (!piece_.empty() || !any_) flush();
}

void GzipStream::flush() {
  const auto member = gzip(piece_, Effort::Fast);
  GOPSY_CHECK(member.has_value());  // a few megabytes
  sink_(*member);
  piece_.clear();
  any_ = true;
}

}  // namespace gopsy::io
