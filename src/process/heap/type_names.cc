#include "process/heap/type_names.h"

#include <array>
#include <cstring>

namespace gopsy::process {
namespace {

constexpr std::size_t kTypeBytes = 48;
constexpr std::size_t kFlags = 20;
constexpr std::size_t kName = 40;
constexpr std::uint8_t kExtraStar = 2;  // the name has a star in front that the type has not
constexpr std::size_t kMostName = 1024;

}  // namespace

std::string type_name(const GoRuntime& runtime, std::uint64_t address) {
  if (!runtime.types.contains(address) || address % 8 != 0) return {};
  std::array<char, kTypeBytes> type{};
  if (runtime.memory->read(address, type) != type.size()) return {};
  std::int32_t offset = 0;
  std::memcpy(&offset, type.data() + kName, sizeof offset);
  if (offset <= 0) return {};
  const std::uint64_t at = runtime.types.start + static_cast<std::uint32_t>(offset);
  std::array<char, kMostName + 4> name{};
  const std::size_t got = runtime.memory->read(at, name);
  // A byte of flags, the length as a varint, the text.
  std::size_t length = 0;
  std::size_t i = 1;
  for (unsigned shift = 0; i < got && shift <= 14; shift += 7) {
    const auto byte = static_cast<std::uint8_t>(name[i++]);
    length |= static_cast<std::size_t>(byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  if (length == 0 || length > kMostName || i + length > got) return {};
  std::string text(name.data() + i, length);
  if ((static_cast<std::uint8_t>(type[kFlags]) & kExtraStar) != 0 && text.starts_with('*')) text.erase(0, 1);
  return text;
}

}  // namespace gopsy::process
