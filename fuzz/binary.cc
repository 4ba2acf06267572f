#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "binary/buildinfo.h"
#include "binary/disassembler.h"
#include "binary/elf.h"
#include "binary/pclntab.h"

// Executables come from wherever a profile says: everything that is asked of one.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto elf = gopsy::binary::Elf::open(bytes);
  if (!elf) return 0;
  std::size_t seen = elf->functions().size() + elf->relative_relocations().size() + elf->gnu_build_id().size();
  seen += gopsy::binary::build_info(*elf).dependencies.size();
  for (const auto& segment : elf->segments()) seen += elf->memory(segment.address, 64).size();
  const auto table = gopsy::binary::Pclntab::open(*elf);
  if (!table) return 0;
  const std::size_t count = table->function_count();
  for (std::size_t i = 0; i < std::min<std::size_t>(count, 32); ++i) {
    const auto function = table->function(i * (count / 32 + 1) % count);
    seen += table->frames(function.start).size() + table->frames(function.start + 7).size();
  }
  return seen == SIZE_MAX ? 1 : 0;
}
