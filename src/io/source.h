#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "io/bytes.h"
#include "io/inflate.h"

namespace gopsy::io {

/// How far opening may go; a flag of the user raises each.
struct Limits {
  std::uint64_t max_inflated_bytes = std::uint64_t{8} << 30;  ///< all inflated and piped bytes of one `open`
  /// One compressed input may grow to this, or to 200 times its size if that is more: logs and profiles stay far below,
  /// and what does not is made to fill memory.
  std::uint64_t max_bomb_bytes = std::uint64_t{1} << 30;
  std::uint64_t max_members = 100'000;  ///< files visited, archive members included
  unsigned max_depth = 4;               ///< wrappers around a piece: gzip, tar, zip, ...
};

/// One file or archive member, unwrapped.
struct Piece {
  std::string path;                   ///< as the user named it; "a.tar:b/cpu.pb.gz" inside an archive
  std::string_view bytes;             ///< valid during the call only; may be empty
  Codec inflated_from = Codec::None;  ///< the innermost codec that was undone
  bool truncated = false;             ///< some wrapper was cut off or damaged
  std::uint64_t trailing_bytes = 0;   ///< behind the compressed stream, not read
  const Bytes* file = nullptr;        ///< of a file that nothing wraps: who reads it through once can drop its pages
};

/// What could not be opened, and why. Offsets count bytes of the file or member named.
struct Refused {
  std::string path;
  Error error;
};

/// Opens what a user names and hands every piece of it to `each`, one at a time, in a stable order.
///
/// Shape   a file, a FIFO, `-` for standard input, or a directory, walked in the order of names; hidden entries
///         (all version control keeps its own there) and CVS are passed over, links to directories too, so that
///         no cycle is entered. Gzip, zstd, tar and zip are undone wherever the first bytes say so.
/// Yields  what was refused; nothing in there keeps the rest from being opened. An archive that is torn after
///         some members yields those members and one refusal in its own name.
/// Errors  none of its own: they are the refusals.
/// Cost    one piece and its wrappers in memory at a time.
std::vector<Refused> open(const std::string& what, const Limits& limits, const std::function<void(const Piece&)>& each);

/// The same for what was fetched: `bytes` under the name `path`.
std::vector<Refused> open_bytes(const std::string& path, std::string_view bytes, const Limits& limits,
                                const std::function<void(const Piece&)>& each);

}  // namespace gopsy::io
