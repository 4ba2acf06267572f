#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "process/runtime/evidence.h"
#include "support/go_process.h"

namespace {

using gopsy::test::GoProcess;

// The executable is a good one: it was chosen by its build id. The memory is whatever a core says.
gopsy::binary::Object& program(const std::string& bytes) {
  static std::optional<gopsy::binary::Object> object;
  if (!object) {
    const auto path = std::filesystem::temp_directory_path() / ("gopsy-fuzz-runtime-" + std::to_string(::getpid()));
    std::ofstream(path, std::ios::binary) << bytes;
    object.emplace(*gopsy::binary::Object::open(path.string()));
    std::filesystem::remove(path);
  }
  return *object;
}

// One change of a word: where (a piece, an offset in it), and to what.
struct Change {
  std::uint8_t piece = 0;
  std::uint8_t kind = 0;
  std::uint16_t offset = 0;
  std::uint32_t value = 0;
};

constexpr std::array kPieces{GoProcess::kData, GoProcess::kList, GoProcess::kG, GoProcess::kStack, GoProcess::kM,
                             std::uint64_t{0xf000000000}};

std::uint64_t word_of(const Change& change) {
  switch (change.kind % 6) {
    case 0: return change.value;
    case 1: return kPieces[change.value % kPieces.size()] + (change.value >> 8) % 0x2000;
    case 2: return std::uint64_t{1} << (change.value % 64);
    case 3: return GoProcess::kText + change.value % 0x1000;
    case 4: return UINT64_MAX - change.value;
    default: return (std::uint64_t{change.value} << 32) | change.value;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  GoProcess process;
  process.memory.put(kPieces.back(), std::string(0x2000, '\1'));
  for (std::uint64_t id = 1; id < 9; ++id)
    process.add(id, id == 1 ? "runtime.main" : "main.work", {"runtime.gopark", "main.deep", "main.main", "runtime.goexit"});
  gopsy::process::Target target{.memory = &process.memory, .object = &program(process.program())};
  for (; size >= sizeof(Change); data += sizeof(Change), size -= sizeof(Change)) {
    Change change;
    std::memcpy(&change, data, sizeof change);
    const std::uint64_t piece = kPieces[change.piece % kPieces.size()];
    if (change.kind == 255 && target.threads.size() < 4)
      target.threads.push_back({.tid = change.offset, .pc = GoProcess::kText + change.value % 0x1000, .sp = piece + 64, .lr = 0});
    if (change.kind == 254) process.memory.remove(piece);
    process.memory.put_word(piece + change.offset % 0x8000U, word_of(change));
  }
  const auto runtime = gopsy::process::find_runtime(target);
  if (!runtime) return 0;
  gopsy::model::Symbols symbols;
  const auto evidence = gopsy::process::read_evidence(*runtime, 0, symbols);
  std::uint64_t skipped = 0;
  for (const auto& row : evidence.counts.front().skipped) skipped += row.count;
  if (evidence.counts.front().kept + skipped != evidence.counts.front().read) __builtin_trap();
  return 0;
}
