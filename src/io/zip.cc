#include <algorithm>
#include <cstring>
#include <optional>

#include "io/archive.h"
#include "io/inflate.h"

namespace gopsy::io {
namespace {

// Signatures and layouts: PKWARE APPNOTE 6.3.10, sections 4.3.7 (local), 4.3.12 (directory), 4.3.14 to 4.3.16.
constexpr std::string_view kLocal("PK\3\4", 4);
constexpr std::string_view kEntry("PK\1\2", 4);
constexpr std::string_view kEnd("PK\5\6", 4);
constexpr std::string_view kEnd64("PK\6\6", 4);
constexpr std::string_view kLocator64("PK\6\7", 4);
constexpr std::size_t kLocalBytes = 30;
constexpr std::size_t kEntryBytes = 46;
constexpr std::size_t kEndBytes = 22;
constexpr std::size_t kMostComment = 65535;

constexpr std::uint16_t kEncrypted = 1;
constexpr std::uint16_t kSizesFollow = 8;

enum Method : std::uint16_t { kStored = 0, kDeflated = 8, kZstd = 93 };

// REQUIRES: at + sizeof(T) <= bytes.size().
template <class T>
T little(std::string_view bytes, std::size_t at) {
  T value{};
  std::memcpy(&value, bytes.data() + at, sizeof(T));
  return value;
}

struct Entry {
  std::string name;
  std::uint16_t flags = 0;
  std::uint16_t method = 0;
  std::uint32_t crc = 0;
  std::uint64_t stored = 0;
  std::uint64_t size = 0;
  std::uint64_t local = 0;  // offset of the local header
};

// The zip64 extra field holds, in this order, those of size, stored, offset that did not fit 32 bits.
void read_zip64(std::string_view extra, Entry& entry) {
  while (extra.size() >= 4) {
    const auto id = little<std::uint16_t>(extra, 0);
    const std::size_t length = std::min<std::size_t>(little<std::uint16_t>(extra, 2), extra.size() - 4);
    std::string_view content = extra.substr(4, length);
    extra.remove_prefix(4 + length);
    if (id != 1) continue;
    for (std::uint64_t* wide : {&entry.size, &entry.stored, &entry.local}) {
      if (*wide != UINT32_MAX || content.size() < 8) continue;
      *wide = little<std::uint64_t>(content, 0);
      content.remove_prefix(8);
    }
  }
}

Error refusal(Errc code, std::uint64_t offset, const char* what, std::uint64_t a = 0) {
  return {.code = code, .offset = offset, .what = what, .a = a};
}

// Unpacks the member whose bytes begin at the front of `content` and tells the visitor. Yields how many stored
// bytes it took, which only a local header without sizes needs to know.
std::uint64_t visit(const Entry& entry, std::string_view content, bool cut, Budget& budget, const Visitor& visitor) {
  const auto refuse = [&](const Error& error) {
    visitor.refused(entry.name, error);
    return std::uint64_t{content.size()};
  };
  if ((entry.flags & kEncrypted) != 0)
    return refuse(refusal(Errc::Unsupported, entry.local, "the member is encrypted; unpack it first"));
  if (entry.method == kStored) {
    // Stored members may overlap, so that a small archive makes a lot to read: they cost budget like inflated ones.
    if (content.size() > budget.bytes)
      return refuse(refusal(Errc::TooLarge, entry.local, "the members exceed max_inflated_bytes"));
    budget.bytes -= content.size();
    const bool damaged = cut || crc32(content) != entry.crc;
    visitor.member({.name = entry.name, .bytes = content, .truncated = damaged});
    return content.size();
  }
  if (entry.method != kDeflated && entry.method != kZstd)
    return refuse(refusal(Errc::Unsupported, entry.local, "zip compression method {}", entry.method));
  auto inflated =
      entry.method == kZstd ? inflate(content, budget.bytes) : inflate_raw(content, entry.size, budget.bytes);
  if (!inflated) return refuse(inflated.error());
  budget.bytes -= inflated->bytes.size();
  const std::string_view bytes = inflated->bytes.view();
  const bool sizes_known = (entry.flags & kSizesFollow) == 0 || entry.crc != 0;
  const bool damaged = inflated->truncated || (sizes_known && crc32(bytes) != entry.crc);
  visitor.member({.name = entry.name, .bytes = bytes, .truncated = damaged});
  return inflated->stored_bytes;
}

// Where the content of a member starts: behind its local header, whose own name and extra field may differ in
// length from those of the directory.
std::optional<std::size_t> content_start(std::string_view bytes, std::uint64_t local) {
  if (local > bytes.size() || bytes.size() - local < kLocalBytes) return std::nullopt;
  const std::string_view header = bytes.substr(local, kLocalBytes);
  if (!header.starts_with(kLocal)) return std::nullopt;
  const std::size_t start = local + kLocalBytes + little<std::uint16_t>(header, 26) + little<std::uint16_t>(header, 28);
  return start <= bytes.size() ? std::optional(start) : std::nullopt;
}

struct Directory {
  std::uint64_t at = 0;
  std::uint64_t entries = 0;
};

std::optional<Directory> find_directory(std::string_view bytes) {
  if (bytes.size() < kEndBytes) return std::nullopt;
  const std::size_t lowest = bytes.size() - std::min(bytes.size(), kEndBytes + kMostComment);
  for (std::size_t at = bytes.size() - kEndBytes + 1; at-- > lowest;) {
    if (bytes.substr(at, 4) != kEnd) continue;
    if (at + kEndBytes + little<std::uint16_t>(bytes, at + 20) > bytes.size()) continue;
    Directory found{.at = little<std::uint32_t>(bytes, at + 16), .entries = little<std::uint16_t>(bytes, at + 10)};
    constexpr std::size_t kLocatorBytes = 20;
    if (at >= kLocatorBytes && bytes.substr(at - kLocatorBytes, 4) == kLocator64) {
      const auto wide = little<std::uint64_t>(bytes, at - kLocatorBytes + 8);
      if (wide <= bytes.size() && bytes.size() - wide >= 56 && bytes.substr(wide, 4) == kEnd64) {
        found.entries = little<std::uint64_t>(bytes, wide + 32);
        found.at = little<std::uint64_t>(bytes, wide + 48);
      }
    }
    if (found.at <= at) return found;
  }
  return std::nullopt;
}

// Takes one member off the budget.
Result<void> admit(Budget& budget, std::uint64_t offset) {
  if (budget.members == 0) return std::unexpected(refusal(Errc::TooLarge, offset, "too many members in archives"));
  --budget.members;
  return {};
}

Result<void> walk_directory(std::string_view bytes, Directory directory, Budget& budget, const Visitor& visitor) {
  std::uint64_t at = directory.at;
  for (std::uint64_t i = 0; i < directory.entries; ++i) {
    if (bytes.size() - at < kEntryBytes || bytes.substr(at, 4) != kEntry)
      return std::unexpected(refusal(Errc::Truncated, at, "the zip directory ends after {} members", i));
    if (const auto admitted = admit(budget, at); !admitted) return admitted;
    const std::string_view header = bytes.substr(at, kEntryBytes);
    const std::size_t name_bytes = little<std::uint16_t>(header, 28);
    const std::size_t extra_bytes = little<std::uint16_t>(header, 30);
    const std::size_t comment_bytes = little<std::uint16_t>(header, 32);
    const std::string_view rest = bytes.substr(at + kEntryBytes);
    if (rest.size() < name_bytes + extra_bytes + comment_bytes)
      return std::unexpected(refusal(Errc::Truncated, at, "the zip directory ends after {} members", i));
    at += kEntryBytes + name_bytes + extra_bytes + comment_bytes;
    Entry entry{.name = std::string(rest.substr(0, name_bytes)),
                .flags = little<std::uint16_t>(header, 8),
                .method = little<std::uint16_t>(header, 10),
                .crc = little<std::uint32_t>(header, 16),
                .stored = little<std::uint32_t>(header, 20),
                .size = little<std::uint32_t>(header, 24),
                .local = little<std::uint32_t>(header, 42)};
    read_zip64(rest.substr(name_bytes, extra_bytes), entry);
    if (entry.name.ends_with('/')) continue;
    const auto start = content_start(bytes, entry.local);
    if (!start) {
      visitor.refused(entry.name, refusal(Errc::Malformed, entry.local, "the zip directory points at no member"));
      continue;
    }
    // The directory knows the sizes even where the local header left them to a descriptor.
    entry.flags &= static_cast<std::uint16_t>(~kSizesFollow);
    const std::string_view content = bytes.substr(*start, entry.stored);
    visit(entry, content, content.size() < entry.stored, budget, visitor);
  }
  return {};
}

// Without a directory: from local header to local header.
Result<void> walk_local_headers(std::string_view bytes, Budget& budget, const Visitor& visitor) {
  std::size_t at = 0;
  while (bytes.substr(at).starts_with(kLocal)) {
    const auto start = content_start(bytes, at);
    if (!start) break;
    if (const auto admitted = admit(budget, at); !admitted) return admitted;
    const std::string_view header = bytes.substr(at, kLocalBytes);
    const std::size_t name_bytes = little<std::uint16_t>(header, 26);
    Entry entry{.name = std::string(bytes.substr(at + kLocalBytes, name_bytes)),
                .flags = little<std::uint16_t>(header, 6),
                .method = little<std::uint16_t>(header, 8),
                .crc = little<std::uint32_t>(header, 14),
                .stored = little<std::uint32_t>(header, 18),
                .size = little<std::uint32_t>(header, 22),
                .local = at};
    const std::size_t extra_at = at + kLocalBytes + name_bytes;
    read_zip64(bytes.substr(extra_at, *start - extra_at), entry);
    const bool sizes_follow = (entry.flags & kSizesFollow) != 0 && entry.stored == 0;
    std::string_view content = bytes.substr(*start);
    const bool cut = !sizes_follow && content.size() < entry.stored;
    if (!sizes_follow) content = content.substr(0, entry.stored);
    const bool endless = sizes_follow && entry.method != kDeflated;
    std::uint64_t taken = content.size();
    if (endless) {
      visitor.refused(entry.name, refusal(Errc::Truncated, at, "its size stood in the lost zip directory"));
    } else if (!entry.name.ends_with('/')) {
      taken = visit(entry, content, cut, budget, visitor);
    }
    at = *start + (sizes_follow ? taken : content.size());
    // A descriptor (12 to 24 bytes, with or without a signature) may stand before the next header.
    const std::size_t next = bytes.substr(at, 24 + kLocal.size()).find(kLocal);
    at = next == std::string_view::npos ? at : at + next;
  }
  return std::unexpected(refusal(Errc::Truncated, at, "the zip archive has no directory at its end"));
}

}  // namespace

Result<void> walk_zip(std::string_view bytes, Budget& budget, const Visitor& visitor) {
  if (const auto directory = find_directory(bytes)) return walk_directory(bytes, *directory, budget, visitor);
  return walk_local_headers(bytes, budget, visitor);
}

}  // namespace gopsy::io
