#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "binary/elf.h"

namespace gopsy::binary {

struct MachineInstruction {
  std::uint64_t address = 0;
  std::string text;          ///< "movq\t%rax, 0x20(%rsp)", as llvm-objdump writes it
  std::uint64_t target = 0;  ///< of a jump or call to a fixed place; 0 = none
};

/// The instructions of `code`, which lies at `address`. Bytes that are none stand as ".byte 0x06".
///
/// Shape   AT&T syntax on x86, or Intel's; the machine's own elsewhere.
/// Errors  Unsupported: not x86, x86-64 or arm64.
/// Cost    about 1 µs an instruction.
/// Source  capstone.
Result<std::vector<MachineInstruction>> disassemble(std::string_view code, std::uint64_t address, Machine machine,
                                                    bool intel);

}  // namespace gopsy::binary
