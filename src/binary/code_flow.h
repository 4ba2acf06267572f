#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "binary/elf.h"

namespace gopsy::binary {

/// A place that an instruction reads or writes. Registers are numbered as the machine does: rax, rcx, rdx, rbx, rsp,
/// rbp, rsi, rdi, r8 … r15; x0 … x30, sp.
struct FlowOperand {
  enum class Kind : std::uint8_t { None, Register, Number, Memory };
  static constexpr std::uint8_t kNoRegister = 0xFF;

  Kind kind = Kind::None;
  std::uint8_t reg = kNoRegister;    ///< of Memory: the base
  std::uint8_t index = kNoRegister;  ///< of Memory
  std::uint8_t scale = 1;
  std::int64_t number = 0;  ///< the number, or the displacement; what is relative to the instruction has its address
};

/// As much of an instruction as one needs to see where code leads and which addresses it works on.
struct FlowInstruction {
  enum class Kind : std::uint8_t {
    Other,    ///< `written` is all that is known of it
    Copy,     ///< a whole word from `from` to `to`
    Address,  ///< the address that `from` names goes to `to`
    Push,
    Pop,
    Call,    ///< `target`, or what `from` has
    Jump,    ///< the same, and it does not come back
    Branch,  ///< perhaps
    Return,
    Atomic,  ///< on the memory `to`: what other threads see at once
    Trap,
  };

  std::uint64_t address = 0;
  Kind kind = Kind::Other;
  FlowOperand to;
  FlowOperand from;
  std::uint64_t target = 0;   ///< 0: not a fixed place
  std::uint32_t written = 0;  ///< bit n: register n is changed in a way that is not said here
};

/// The registers that Go's calls use on a machine.
struct FlowRegisters {
  std::uint8_t stack = 4;     ///< the stack pointer
  std::uint8_t receiver = 0;  ///< the first argument since Go 1.17 (amd64), 1.18 (arm64)
  std::uint8_t second = 3;
  std::uint8_t closure = 2;  ///< the closure that is called
  bool pushes_return = true;
};
FlowRegisters flow_registers(Machine machine);

/// The instructions of `code`, which lies at `address`. Bytes that are none are passed over.
///
/// Errors  Unsupported: not x86-64 or arm64.
/// Cost    about 0.5 µs an instruction.
Result<std::vector<FlowInstruction>> decode_flow(std::string_view code, std::uint64_t address, Machine machine);

}  // namespace gopsy::binary
