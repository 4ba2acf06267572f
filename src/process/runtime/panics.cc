#include "process/runtime/panics.h"

#include <algorithm>
#include <array>
#include <unordered_set>

#include "base/format.h"
#include "binary/reader.h"

namespace gopsy::process {
namespace {

constexpr std::size_t kMostPanics = 1000;
constexpr std::uint64_t kLongestText = std::uint64_t{64} << 10;
constexpr std::uint64_t kLongestName = 1024;
constexpr std::size_t kTypeBytes = 48;
constexpr std::uint64_t kExtraStar = 2;  // abi.TFlagExtraStar: the name is that of the pointer to it

// abi.Kind; the flag bits above 31 are of Go before 1.26.
enum Kind : std::uint8_t {
  Bool = 1,
  Int,
  Int8,
  Int16,
  Int32,
  Int64,
  Uint,
  Uint8,
  Uint16,
  Uint32,
  Uint64,
  Uintptr,
  Float32,
  Float64,
  String = 24,
};

struct Type {
  std::uint8_t kind = 0;
  std::uint64_t size = 0;
  std::string name;
};

std::string bytes_at(const Memory& memory, std::uint64_t address, std::uint64_t size) {
  std::string bytes(static_cast<std::size_t>(size), '\0');
  bytes.resize(memory.read(address, bytes));
  return bytes;
}

// A name of the type tables: a byte of flags, the length as a varint, the text.
std::string name_at(const Memory& memory, std::uint64_t address) {
  const std::string bytes = bytes_at(memory, address, kLongestName);
  std::uint64_t size = 0;
  std::size_t at = 1;
  for (unsigned shift = 0; at < bytes.size() && shift < 28; shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes[at++]);
    size |= std::uint64_t{byte & 0x7FU} << shift;
    if (byte < 0x80) break;
  }
  return at > bytes.size() ? std::string() : bytes.substr(at, static_cast<std::size_t>(size));
}

Type type_at(const GoRuntime& runtime, std::uint64_t address) {
  if (!runtime.types.contains(address)) return {};
  std::array<char, kTypeBytes> bytes{};
  if (runtime.memory->read(address, bytes) != bytes.size()) return {};
  const binary::Reader fields({bytes.data(), bytes.size()}, false);
  Type type{.kind = static_cast<std::uint8_t>(fields.get<std::uint8_t>(23).value_or(0) & 31U),
            .size = fields.get<std::uint64_t>(0).value_or(0)};
  type.name = name_at(*runtime.memory, runtime.types.start + fields.get<std::uint32_t>(40).value_or(0));
  if ((fields.get<std::uint8_t>(20).value_or(0) & kExtraStar) != 0 && type.name.starts_with('*')) type.name.erase(0, 1);
  return type;
}

std::string string_value(const Memory& memory, std::uint64_t header) {
  const auto pointer = memory.word(header);
  const auto size = memory.word(header + 8);
  if (!pointer || !size) return {};
  return bytes_at(memory, *pointer, std::min(*size, kLongestText));
}

std::string number_value(const Memory& memory, const Type& type, std::uint64_t data) {
  std::array<char, 8> bytes{};
  const std::size_t size = std::min<std::size_t>(static_cast<std::size_t>(type.size), bytes.size());
  if (memory.read(data, {bytes.data(), size}) != size) return "?";
  std::uint64_t value = 0;
  std::memcpy(&value, bytes.data(), sizeof value);
  const unsigned unused = 64 - 8 * static_cast<unsigned>(std::max<std::size_t>(size, 1));
  if (type.kind == Bool) return value != 0 ? "true" : "false";
  if (type.kind >= Int && type.kind <= Int64)
    return fmt::format("{}", static_cast<std::int64_t>(value << unused) >> unused);
  return fmt::format("{}", value);
}

std::string value_text(const GoRuntime& runtime, std::uint64_t type_address, std::uint64_t data) {
  if (type_address == 0) return "nil";
  const Memory& memory = *runtime.memory;
  const Type type = type_at(runtime, type_address);
  const bool is_number = type.kind >= Bool && type.kind <= Uintptr;
  if (type.kind == String) {
    const std::string text = string_value(memory, data);
    return type.name == "string" ? text : fmt::format("{}(\"{}\")", type.name, text);
  }
  if (is_number) {
    const std::string text = number_value(memory, type, data);
    return type.name.contains('.') ? fmt::format("{}({})", type.name, text) : text;
  }
  return fmt::format("({}) {:#x}", type.name.empty() ? "unknown type" : type.name, data);
}

}  // namespace

std::string type_name(const GoRuntime& runtime, std::uint64_t type) { return type_at(runtime, type).name; }

std::vector<model::PanicValue> read_panics(const GoRuntime& runtime, std::uint64_t newest, model::Symbols& symbols) {
  const RuntimeLayout::Panic& at = runtime.layout.panic;
  const Memory& memory = *runtime.memory;
  std::vector<model::PanicValue> values;
  std::unordered_set<std::uint64_t> seen;  // they are linked on stacks that may be damaged
  for (std::uint64_t panic = newest; panic != 0 && values.size() < kMostPanics && seen.insert(panic).second;) {
    const auto type = memory.word(panic + at.arg);
    const auto data = memory.word(panic + at.arg + 8);
    const auto link = memory.word(panic + at.link);
    if (!type || !data || !link) break;
    const auto flag = [&](std::uint16_t offset) {
      return offset != 0 && memory.get<std::uint8_t>(panic + offset).value_or(0) != 0;
    };
    if (!flag(at.goexit))
      values.push_back({.text = symbols.intern(value_text(runtime, *type, *data)),
                        .recovered = flag(at.recovered),
                        .repanicked = flag(at.repanicked)});
    panic = *link;
  }
  std::ranges::reverse(values);
  // printpanics: a panic whose older neighbour is marked as panicked again is that one's own value, and not printed.
  for (std::size_t i = values.size(); i-- > 1;)
    if (values[i - 1].repanicked) values.erase(values.begin() + static_cast<std::ptrdiff_t>(i));
  return values;
}

}  // namespace gopsy::process
