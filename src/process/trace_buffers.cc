#include "process/trace_buffers.h"

#include <algorithm>
#include <array>
#include <optional>
#include <tuple>

#include "binary/reader.h"

namespace gopsy::process {
namespace {

constexpr std::uint64_t kPage = 4096;
constexpr std::uint64_t kBufferSize = std::uint64_t{64} << 10;
constexpr std::uint64_t kHeader = 32;
constexpr std::uint64_t kMostBytes = kBufferSize - kHeader;
constexpr std::uint64_t kSizeBytes = 10;  // traceBytesPerNumber: room for any number
constexpr std::size_t kLook = 96;         // header, three numbers, and the size
constexpr std::size_t kBatch = 1024;      // pages looked at together
constexpr char kEventBatch = 1;

/// What the first bytes of a buffer say.
struct Head {
  std::uint64_t pos = 0;
  std::uint64_t size_at = 0;
  std::uint64_t generation = 0;
  std::uint64_t thread = 0;
  std::uint64_t time = 0;
  std::uint64_t stated_size = 0;
};

std::optional<std::uint64_t> varint(std::string_view bytes, std::uint64_t& at) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && at < bytes.size(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes[at++]);
    value |= std::uint64_t{byte & 0x7FU} << shift;
    if (byte < 0x80) return value;
  }
  return std::nullopt;
}

std::optional<Head> head_of(std::string_view look) {
  const binary::Reader reader(look, /*big_endian=*/false);
  const std::uint64_t link = reader.get<std::uint64_t>(0).value_or(1);
  Head head{.pos = reader.get<std::uint64_t>(16).value_or(0), .size_at = reader.get<std::uint64_t>(24).value_or(0)};
  if (link % kPage != 0 || head.pos > kMostBytes || head.size_at > kLook || head.size_at + kSizeBytes > head.pos)
    return std::nullopt;
  const std::string_view batch = reader.slice(kHeader, kLook);
  if (batch.empty() || batch.front() != kEventBatch) return std::nullopt;
  std::uint64_t at = 1;
  const auto generation = varint(batch, at);
  const auto thread = varint(batch, at);
  const auto time = varint(batch, at);
  if (!generation || !thread || !time || at != head.size_at || *generation == 0) return std::nullopt;
  head.generation = *generation;
  head.thread = *thread;
  head.time = *time;
  head.stated_size = varint(batch, at).value_or(0);
  return head;
}

// The batch with its size filled in, as a number of ten bytes; nothing if the buffer has changed its use meanwhile.
std::optional<TraceBuffer> batch_at(const Memory& memory, std::uint64_t address, const Head& head) {
  TraceBuffer buffer{.address = address,
                     .generation = head.generation,
                     .thread = head.thread,
                     .time = head.time,
                     .ended = head.stated_size == head.pos - head.size_at - kSizeBytes,
                     .bytes = std::string(head.pos, '\0')};
  if (memory.read(address + kHeader, buffer.bytes) != head.pos) return std::nullopt;
  std::array<char, kLook> again{};
  const std::size_t got = memory.read(address, again);
  const auto now = head_of({again.data(), got});
  if (!now || now->generation != head.generation || now->time != head.time || now->pos < head.pos) return std::nullopt;
  std::uint64_t size = head.pos - head.size_at - kSizeBytes;
  for (std::uint64_t i = 0; i < kSizeBytes; ++i, size >>= 7) {
    const char more = i + 1 < kSizeBytes ? '\x80' : '\0';
    buffer.bytes[head.size_at + i] = static_cast<char>((size & 0x7F) | static_cast<unsigned char>(more));
  }
  return buffer;
}

void look_through(const Memory& memory, const Mapping& mapping, std::vector<TraceBuffer>& found) {
  std::vector<std::array<char, kLook>> looks(kBatch);
  std::vector<Memory::Request> requests;
  std::uint64_t free_from = mapping.start;  // behind the last buffer that was found
  for (std::uint64_t at = mapping.start; at < mapping.end;) {
    requests.clear();
    const std::uint64_t first = at;
    for (; at < mapping.end && requests.size() < kBatch; at += kPage)
      requests.push_back({.address = at, .into = looks[(at - first) / kPage]});
    memory.read_many(requests);
    for (const Memory::Request& request : requests) {
      if (request.address < free_from) continue;
      const auto head = head_of({request.into.data(), request.got});
      if (!head) continue;
      if (auto buffer = batch_at(memory, request.address, *head)) {
        found.push_back(std::move(*buffer));
        free_from = request.address + kBufferSize;
      }
    }
  }
}

}  // namespace

std::vector<TraceBuffer> find_trace_buffers(const Memory& memory) {
  std::vector<TraceBuffer> found;
  for (const Mapping& mapping : memory.mappings())
    if (mapping.readable && mapping.writable && mapping.file.empty()) look_through(memory, mapping, found);
  std::ranges::stable_sort(
      found, {}, [](const TraceBuffer& buffer) { return std::tuple(buffer.generation, buffer.thread, buffer.time); });
  return found;
}

}  // namespace gopsy::process
