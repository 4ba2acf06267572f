#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "process/core.h"
#include "process/trace_buffers.h"

// Cores come from machines that died in the middle of writing them: everything that is asked of one.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gopsy::process;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto image = read_core(bytes, {.executable = {.look = false}});
  if (!image) {
    GOPSY_CHECK(!image.error().message.empty());
    return 0;
  }
  const Memory& memory = *image->memory;
  std::uint64_t behind = 0;
  std::size_t seen = image->arguments.size();
  std::array<char, 10'000> room{};
  for (const Mapping& mapping : memory.mappings()) {
    GOPSY_CHECK(mapping.start < mapping.end && mapping.start >= behind);
    behind = mapping.end;
    const std::string_view view = memory.view(mapping.start, UINT64_MAX);
    const std::size_t read = memory.read(mapping.start, room);
    GOPSY_CHECK(read >= std::min(view.size(), room.size()));
    GOPSY_CHECK(std::string_view(room.data(), std::min(read, view.size())) ==
                view.substr(0, std::min(read, view.size())));
    seen += memory.word(mapping.end - 4).has_value();
  }
  for (const Thread& thread : image->threads) seen += memory.word(thread.registers.sp()).has_value();
  seen += find_trace_buffers(memory).size();
  return seen == SIZE_MAX ? 1 : 0;
}
