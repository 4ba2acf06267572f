#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"
#include "io/archive.h"

namespace gopsy::io {
namespace {

constexpr std::size_t kBlock = 512;

// A field that ends at its first NUL or at its width.
std::string_view field(std::string_view header, std::size_t at, std::size_t width) {
  const std::string_view text = header.substr(at, width);
  return text.substr(0, text.find('\0'));
}

std::optional<std::uint64_t> octal(std::string_view text) {
  text = trim(text);
  std::uint64_t value = 0;
  if (text.empty() || text.size() > 21) return std::nullopt;
  for (const char c : text) {
    if (c < '0' || c > '7') return std::nullopt;
    value = value << 3 | static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

// Octal digits, or (GNU, star) a big-endian number with the top bit of the first byte set.
std::optional<std::uint64_t> number(std::string_view header, std::size_t at, std::size_t width) {
  if ((static_cast<unsigned char>(header[at]) & 0x80) == 0) return octal(field(header, at, width));
  std::uint64_t value = static_cast<unsigned char>(header[at]) & 0x7F;
  for (std::size_t i = at + 1; i < at + width; ++i) {
    if (value >> 56 != 0) return std::nullopt;
    value = value << 8 | static_cast<unsigned char>(header[i]);
  }
  return value;
}

// The sum counts the checksum field itself as blanks; some old writers summed signed bytes.
bool checksum_holds(std::string_view header) {
  const auto stated = octal(field(header, 148, 8));
  if (!stated) return false;
  std::int64_t plain = 0;
  std::int64_t with_signs = 0;
  for (std::size_t i = 0; i < kBlock; ++i) {
    const char c = i >= 148 && i < 156 ? ' ' : header[i];
    plain += static_cast<unsigned char>(c);
    with_signs += static_cast<signed char>(c);
  }
  const auto sum = static_cast<std::int64_t>(*stated);
  return sum == plain || sum == with_signs;
}

struct Overrides {
  std::optional<std::string> path;
  std::optional<std::uint64_t> size;
};

// pax records: "LENGTH KEY=VALUE\n", LENGTH counting itself.
void read_pax(std::string_view records, Overrides& next) {
  while (!records.empty()) {
    std::string_view rest = records;
    const auto length = consume_decimal(rest);
    const std::size_t digits = records.size() - rest.size();
    if (!length || *length > records.size() || *length < digits + 2) return;
    std::string_view record = records.substr(digits + 1, *length - digits - 2);
    records.remove_prefix(*length);
    const auto key = consume_until(record, "=");
    if (key == "path") next.path = std::string(record);
    if (key == "size") next.size = parse_decimal(record);
  }
}

std::string name_of(std::string_view header, const Overrides& overrides) {
  if (overrides.path) return *overrides.path;
  const std::string_view name = field(header, 0, 100);
  // Only ustar has a prefix; GNU's own format ("ustar  ") keeps times there.
  const bool posix = header.substr(257, 6) == std::string_view("ustar\0", 6);
  const std::string_view prefix = posix ? field(header, 345, 155) : std::string_view();
  return prefix.empty() ? std::string(name) : std::string(prefix) + "/" + std::string(name);
}

bool is_zero(std::string_view block) { return block.find_first_not_of('\0') == std::string_view::npos; }

}  // namespace

Archive sniff_archive(std::string_view bytes) {
  if (bytes.starts_with(std::string_view("PK\3\4", 4)) || bytes.starts_with(std::string_view("PK\5\6", 4)))
    return Archive::Zip;
  const bool tar = bytes.size() >= kBlock && bytes[0] != '\0' && checksum_holds(bytes.substr(0, kBlock));
  return tar ? Archive::Tar : Archive::None;
}

Result<void> walk_tar(std::string_view bytes, Budget& budget, const Visitor& visitor) {
  Overrides next;
  std::size_t at = 0;
  while (at < bytes.size()) {
    const std::string_view header = bytes.substr(at, kBlock);
    // Zero blocks end an archive, but `tar -A` leaves them between two: look at what follows.
    if (is_zero(header)) {
      at += header.size();
      continue;
    }
    if (header.size() < kBlock)
      return std::unexpected(Error{.code = Errc::Truncated, .offset = at, .what = "a tar header is cut off"});
    const auto stated = number(header, 124, 12);
    if (!checksum_holds(header) || !stated) {
      return std::unexpected(
          Error{.code = Errc::Malformed, .offset = at, .what = "the checksum of a tar header does not hold"});
    }
    if (budget.members == 0)
      return std::unexpected(Error{.code = Errc::TooLarge, .offset = at, .what = "too many members in archives"});
    --budget.members;
    at += kBlock;
    const char type = header[156];
    const bool is_extension = type == 'L' || type == 'K' || type == 'x' || type == 'g';
    const std::uint64_t size = is_extension ? *stated : next.size.value_or(*stated);
    const std::size_t left = bytes.size() - at;
    const std::size_t there = std::min<std::uint64_t>(size, left);
    const std::string_view content = bytes.substr(at, there);
    const bool cut = size > left;

    if (type == 'L' && !cut) next.path = std::string(content.substr(0, content.find('\0')));
    if (type == 'x' && !cut) read_pax(content, next);
    if (!is_extension) {
      const std::string name = name_of(header, next);
      const bool is_file = (type == '0' || type == '\0' || type == '7') && !name.ends_with('/');
      if (is_file) visitor.member({.name = name, .bytes = content, .truncated = cut});
      if (type == 'S')
        visitor.refused(name, {.code = Errc::Unsupported, .offset = at, .what = "a sparse file in a tar archive"});
      next = {};
    }
    if (cut) {
      return std::unexpected(Error{.code = Errc::Truncated,
                                   .offset = at,
                                   .what = "a member of {} bytes has {} left in the archive",
                                   .a = size,
                                   .b = left});
    }
    at += std::min(left, (there + kBlock - 1) / kBlock * kBlock);
  }
  return {};
}

}  // namespace gopsy::io
