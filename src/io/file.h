#pragma once

#include <string>

#include "base/error.h"
#include "io/bytes.h"

namespace gopsy::io {

/// The whole content of a file, a pipe, or (`-`) standard input.
///
/// Shape   a regular file, a FIFO or /dev/fd/N (waits for its writer as cat does), a terminal, /dev/null.
/// Yields  what was there when it was read: a file that grows meanwhile is taken up to where it ended.
/// Errors  Io, `a` = errno: it cannot be opened or read; EISDIR for a directory.
///         Unsupported: a block device, or a character device that never ends.
///         TooLarge: a pipe brings more than `limit` bytes.
/// Cost    one read up to 16 MiB, else a mapping: pages come when they are touched.
Result<Bytes> read_whole(const std::string& path, std::uint64_t limit);

}  // namespace gopsy::io
