#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gopsy::test {

struct File {
  std::string name;
  std::string content;
};

/// `content` as one gzip member, without name or time: equal input gives equal bytes.
std::string gzip(std::string_view content);

/// `content` as one zstd frame with a checksum.
std::string zstd(std::string_view content);

/// `content` as one lz4 frame with a checksum.
std::string lz4(std::string_view content);

/// A ustar archive; names over 100 bytes get a GNU long-name member before them.
std::string tar(const std::vector<File>& files);

/// One pax record set ("path", "size", ...) as the member that stands before the file it describes.
std::string pax_header(std::string_view records);

struct ZipOptions {
  bool deflate = true;
  bool sizes_follow = false;  ///< as a streaming writer leaves them: in a descriptor behind the content
  bool directory = true;      ///< false: torn off
  bool zip64 = false;         ///< sizes in the zip64 extra field
};

std::string zip(const std::vector<File>& files, const ZipOptions& options);
std::string zip(const std::vector<File>& files);

}  // namespace gopsy::test
