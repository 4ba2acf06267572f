#include "binary/buildinfo.h"

#include <algorithm>

#include "base/text.h"

namespace gopsy::binary {
namespace {

constexpr std::string_view kMagic("\xff Go buildinf:", 14);
constexpr std::size_t kHeader = 32;
constexpr std::uint64_t kMostText = std::uint64_t{16} << 20;

// A string header in memory: a pointer and a length.
std::string_view string_at(const Elf& elf, std::uint64_t header, bool big_endian, unsigned word) {
  const Reader at(elf.memory(header, std::uint64_t{2} * word), big_endian);
  const auto data = at.word(0, word);
  const auto size = at.word(word, word);
  if (!data || !size || *size > kMostText) return {};
  return elf.memory(*data, *size);
}

std::string_view counted_string(std::string_view& rest) {
  std::uint64_t size = 0;
  for (unsigned shift = 0; shift < 63 && !rest.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(rest[0]);
    rest.remove_prefix(1);
    size |= std::uint64_t{byte & 0x7Fu} << shift;
    if (byte < 0x80) break;
  }
  const std::string_view text = rest.substr(0, std::min<std::uint64_t>(size, rest.size()));
  rest.remove_prefix(text.size());
  return text;
}

BuildInfo::Module module_of(const std::vector<std::string_view>& words) {
  const auto word = [&](std::size_t i) { return i < words.size() ? std::string(words[i]) : std::string(); };
  return {.path = word(1), .version = word(2), .sum = word(3), .replaced_by = {}};
}

void read_modules(std::string_view text, BuildInfo& info) {
  // Sixteen bytes of mark on either side.
  if (text.size() >= 33 && text[text.size() - 17] == '\n') text = text.substr(16, text.size() - 32);
  LineReader lines(text);
  BuildInfo::Module* last = nullptr;
  while (lines.next()) {
    const auto words = split(lines.line(), '\t');
    if (words[0] == "path" && words.size() > 1) info.path = words[1];
    if (words[0] == "mod") last = &(info.main = module_of(words));
    if (words[0] == "dep") last = &info.dependencies.emplace_back(module_of(words));
    if (words[0] == "=>" && last != nullptr) {
      const auto replacement = module_of(words);
      last->replaced_by = replacement.path;
      last->version = replacement.version;
    }
    if (words[0] == "build" && words.size() > 1) {
      const auto equals = words[1].find('=');
      if (equals != std::string_view::npos)
        info.settings.emplace_back(words[1].substr(0, equals), words[1].substr(equals + 1));
    }
  }
}

// The blob lies in its own section, or at a multiple of 16 bytes of the first writable segment.
std::string_view find_blob(const Elf& elf) {
  if (const Section* const section = elf.section(".go.buildinfo")) {
    const std::string_view content = elf.content(*section);
    if (content.starts_with(kMagic)) return elf.file().slice(section->offset, elf.file().size());
  }
  for (const Segment& segment : elf.segments()) {
    if (!segment.writable) continue;
    const std::string_view area =
        elf.file().slice(segment.offset, std::min<std::uint64_t>(segment.file_size, kMostText));
    for (std::size_t at = area.find(kMagic); at != std::string_view::npos; at = area.find(kMagic, at + 1))
      if (at % 16 == 0) return area.substr(at);
  }
  return {};
}

}  // namespace

unsigned BuildInfo::minor() const {
  std::string_view text = go_version;
  // "go1.26.3", "devel go1.27-abcdef"
  const auto start = text.find("go1.");
  if (start == std::string_view::npos) return 0;
  text.remove_prefix(start + 4);
  return static_cast<unsigned>(consume_decimal(text).value_or(0));
}

std::string_view BuildInfo::setting(std::string_view key) const {
  const auto found = std::ranges::find(settings, key, &std::pair<std::string, std::string>::first);
  return found == settings.end() ? std::string_view{} : std::string_view(found->second);
}

BuildInfo build_info(const Elf& elf) {
  BuildInfo info;
  const std::string_view blob = find_blob(elf);
  if (blob.size() < kHeader) return info;
  const auto word = static_cast<unsigned char>(blob[14]);
  const auto flags = static_cast<unsigned char>(blob[15]);
  if ((flags & 2) != 0) {
    std::string_view rest = blob.substr(kHeader);
    info.go_version = counted_string(rest);
    read_modules(counted_string(rest), info);
    return info;
  }
  if (word != 4 && word != 8) return info;
  const bool big_endian = (flags & 1) != 0;
  const Reader header(blob, big_endian);
  info.go_version = string_at(elf, header.word(16, word).value_or(0), big_endian, word);
  read_modules(string_at(elf, header.word(16 + word, word).value_or(0), big_endian, word), info);
  return info;
}

}  // namespace gopsy::binary
