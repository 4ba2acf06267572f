#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace gopsy::io {

enum class Archive : std::uint8_t { None, Tar, Zip };

/// What the first bytes say. Tar by a header whose checksum holds (so old archives without "ustar" count
/// too), zip by a local header or an empty directory at the start.
Archive sniff_archive(std::string_view bytes);

/// How much walking an archive may cost; both count down and are shared by nested archives.
struct Budget {
  std::uint64_t bytes;    ///< that may still be inflated
  std::uint64_t members;  ///< that may still be visited
};

struct Member {
  std::string name;        ///< as stored: may hold "..", control characters, anything
  std::string_view bytes;  ///< valid during the visit
  bool truncated = false;  ///< cut off, or its checksum does not hold
};

/// Who is told: of every regular file in the archive, or why one could not be had.
struct Visitor {
  std::function<void(const Member&)> member;
  std::function<void(const std::string& name, const Error&)> refused;
};

/// Visits the regular files of a tar archive, in order.
///
/// Shape   ustar with prefixes, GNU long names and base-256 sizes, pax `path` and `size`, v7. Directories and
///         links hold no bytes and are passed over; sparse files are refused.
/// Errors  Truncated: the archive ends inside a header or a member; the member was visited with what is there.
///         Malformed, offset at the header: its checksum does not hold. TooLarge: the budget of members.
Result<void> walk_tar(std::string_view bytes, Budget& budget, const Visitor& visitor);

/// Visits the files of a zip archive, in the order of its directory.
///
/// Shape   stored, deflated or zstd members, zip64. Encrypted and otherwise compressed members are refused.
///         Where the directory is torn off, the local headers are followed as far as they lead.
/// Errors  Truncated: there was no directory, or it is cut; what could be found was visited.
///         TooLarge: the budget of members.
Result<void> walk_zip(std::string_view bytes, Budget& budget, const Visitor& visitor);

}  // namespace gopsy::io
