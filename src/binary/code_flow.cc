#include "binary/code_flow.h"

#include <capstone/capstone.h>

#include <algorithm>
#include <memory>

namespace gopsy::binary {
namespace {

using Kind = FlowInstruction::Kind;
using Operand = FlowOperand;

struct FreeInstruction {
  void operator()(cs_insn* instruction) const { cs_free(instruction, 1); }
};

class Engine {
 public:
  Engine(cs_arch machine, cs_mode mode) : open_(cs_open(machine, mode, &handle_) == CS_ERR_OK) {
    if (open_) cs_option(handle_, CS_OPT_DETAIL, CS_OPT_ON);
  }
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  ~Engine() {
    if (open_) cs_close(&handle_);
  }
  [[nodiscard]] bool is_open() const { return open_; }
  [[nodiscard]] csh handle() const { return handle_; }

 private:
  csh handle_ = 0;
  bool open_;
};

std::uint8_t x86_register(unsigned reg) {
  struct Names {
    std::array<unsigned, 5> all;
  };
  constexpr std::array kNames{
      Names{{X86_REG_RAX, X86_REG_EAX, X86_REG_AX, X86_REG_AL, X86_REG_AH}},
      Names{{X86_REG_RCX, X86_REG_ECX, X86_REG_CX, X86_REG_CL, X86_REG_CH}},
      Names{{X86_REG_RDX, X86_REG_EDX, X86_REG_DX, X86_REG_DL, X86_REG_DH}},
      Names{{X86_REG_RBX, X86_REG_EBX, X86_REG_BX, X86_REG_BL, X86_REG_BH}},
      Names{{X86_REG_RSP, X86_REG_ESP, X86_REG_SP, X86_REG_SPL, 0}},
      Names{{X86_REG_RBP, X86_REG_EBP, X86_REG_BP, X86_REG_BPL, 0}},
      Names{{X86_REG_RSI, X86_REG_ESI, X86_REG_SI, X86_REG_SIL, 0}},
      Names{{X86_REG_RDI, X86_REG_EDI, X86_REG_DI, X86_REG_DIL, 0}},
      Names{{X86_REG_R8, X86_REG_R8D, X86_REG_R8W, X86_REG_R8B, 0}},
      Names{{X86_REG_R9, X86_REG_R9D, X86_REG_R9W, X86_REG_R9B, 0}},
      Names{{X86_REG_R10, X86_REG_R10D, X86_REG_R10W, X86_REG_R10B, 0}},
      Names{{X86_REG_R11, X86_REG_R11D, X86_REG_R11W, X86_REG_R11B, 0}},
      Names{{X86_REG_R12, X86_REG_R12D, X86_REG_R12W, X86_REG_R12B, 0}},
      Names{{X86_REG_R13, X86_REG_R13D, X86_REG_R13W, X86_REG_R13B, 0}},
      Names{{X86_REG_R14, X86_REG_R14D, X86_REG_R14W, X86_REG_R14B, 0}},
      Names{{X86_REG_R15, X86_REG_R15D, X86_REG_R15W, X86_REG_R15B, 0}},
  };
  for (std::size_t i = 0; i < kNames.size() && reg != 0; ++i)
    if (std::ranges::find(kNames[i].all, reg) != kNames[i].all.end()) return static_cast<std::uint8_t>(i);
  return Operand::kNoRegister;
}

std::uint8_t arm_register(unsigned reg) {
  if (reg >= ARM64_REG_X0 && reg <= ARM64_REG_X28) return static_cast<std::uint8_t>(reg - ARM64_REG_X0);
  if (reg >= ARM64_REG_W0 && reg <= ARM64_REG_W30) return static_cast<std::uint8_t>(reg - ARM64_REG_W0);
  if (reg == ARM64_REG_X29) return 29;
  if (reg == ARM64_REG_X30) return 30;
  if (reg == ARM64_REG_SP || reg == ARM64_REG_WSP) return 31;
  return Operand::kNoRegister;
}

Operand number(std::int64_t value) { return {.kind = Operand::Kind::Number, .number = value}; }
Operand memory(std::uint8_t base, std::int64_t displacement) {
  return {.kind = Operand::Kind::Memory, .reg = base, .number = displacement};
}

std::uint32_t bit(std::uint8_t reg) { return reg < 32 ? std::uint32_t{1} << reg : 0; }

class X86 {
 public:
  static void decode(const cs_insn& in, std::vector<FlowInstruction>& out) {
    const cs_x86& detail = in.detail->x86;
    const std::size_t count = std::min<std::size_t>(detail.op_count, 2);
    FlowInstruction one{.address = in.address};
    if (count > 0) one.to = operand(in, detail.operands[0]);
    if (count > 1) one.from = operand(in, detail.operands[1]);
    const bool whole = count > 0 && detail.operands[0].size == 8;
    const bool writes_memory = one.to.kind == Operand::Kind::Memory;
    if (detail.prefix[0] == X86_PREFIX_LOCK || (in.id == X86_INS_XCHG && (writes_memory || is_memory(one.from)))) {
      one.kind = Kind::Atomic;
      if (!writes_memory) std::swap(one.to, one.from);
    } else if (is_in(in, CS_GRP_CALL)) {
      one.kind = Kind::Call;
    } else if (in.id == X86_INS_JMP) {
      one.kind = Kind::Jump;
    } else if (is_in(in, CS_GRP_JUMP)) {
      one.kind = Kind::Branch;
    } else if (is_in(in, CS_GRP_RET)) {
      one.kind = Kind::Return;
    } else if (in.id == X86_INS_UD2 || in.id == X86_INS_INT3) {
      one.kind = Kind::Trap;
    } else if (in.id == X86_INS_PUSH) {
      one.kind = Kind::Push;
      one.from = one.to;
    } else if (in.id == X86_INS_POP) {
      one.kind = Kind::Pop;
    } else if ((in.id == X86_INS_MOV || in.id == X86_INS_MOVABS) &&
               (whole || (one.from.kind == Operand::Kind::Number && !writes_memory && detail.operands[0].size == 4))) {
      one.kind = Kind::Copy;
      if (!whole) one.from.number = static_cast<std::int64_t>(static_cast<std::uint32_t>(one.from.number));
    } else if (in.id == X86_INS_LEA) {
      one.kind = Kind::Address;
    } else if ((in.id == X86_INS_ADD || in.id == X86_INS_SUB) && one.from.kind == Operand::Kind::Number && whole &&
               one.to.kind == Operand::Kind::Register) {
      one.kind = Kind::Address;
      one.from = memory(one.to.reg, in.id == X86_INS_ADD ? one.from.number : -one.from.number);
    }
    const bool leads = one.kind == Kind::Call || one.kind == Kind::Jump || one.kind == Kind::Branch;
    if (leads && one.to.kind == Operand::Kind::Number) one.target = static_cast<std::uint64_t>(one.to.number);
    if (leads) one.from = one.to;
    out.push_back(one);
  }

  static std::uint8_t number_of(unsigned reg) { return x86_register(reg); }

 private:
  static bool is_memory(const Operand& operand) { return operand.kind == Operand::Kind::Memory; }
  static bool is_in(const cs_insn& in, std::uint8_t group) {
    return std::find(in.detail->groups, in.detail->groups + in.detail->groups_count, group) !=
           in.detail->groups + in.detail->groups_count;
  }

  static Operand operand(const cs_insn& in, const cs_x86_op& from) {
    if (from.type == X86_OP_IMM) return number(from.imm);
    if (from.type == X86_OP_REG)
      return {.kind = Operand::Kind::Register, .reg = x86_register(static_cast<unsigned>(from.reg))};
    if (from.type != X86_OP_MEM) return {};
    Operand operand = memory(Operand::kNoRegister, from.mem.disp);
    if (from.mem.segment != X86_REG_INVALID) return {};
    if (from.mem.base == X86_REG_RIP) {
      operand.number += static_cast<std::int64_t>(in.address + in.size);
    } else if (from.mem.base != X86_REG_INVALID) {
      operand.reg = x86_register(static_cast<unsigned>(from.mem.base));
    }
    if (from.mem.index != X86_REG_INVALID) operand.index = x86_register(static_cast<unsigned>(from.mem.index));
    operand.scale = static_cast<std::uint8_t>(from.mem.scale);
    return operand;
  }
};

class Arm64 {
 public:
  static void decode(const cs_insn& in, std::vector<FlowInstruction>& out) {
    const cs_arm64& detail = in.detail->arm64;
    const std::size_t count = std::min<std::size_t>(detail.op_count, 3);
    FlowInstruction one{.address = in.address};
    std::array<Operand, 3> operands;
    for (std::size_t i = 0; i < count; ++i) operands[i] = operand(detail.operands[i]);
    const bool whole = count > 0 && is_whole(detail.operands[0]);
    one.to = operands[0];
    one.from = operands[1];
    switch (in.id) {
      case ARM64_INS_BL:
      case ARM64_INS_BLR: one.kind = Kind::Call; break;
      case ARM64_INS_B: one.kind = detail.cc == ARM64_CC_INVALID ? Kind::Jump : Kind::Branch; break;
      case ARM64_INS_BR: one.kind = Kind::Jump; break;
      case ARM64_INS_CBZ:
      case ARM64_INS_CBNZ:
      case ARM64_INS_TBZ:
      case ARM64_INS_TBNZ:
        one.kind = Kind::Branch;
        one.to = operands[count - 1];
        break;
      case ARM64_INS_RET: one.kind = Kind::Return; break;
      case ARM64_INS_BRK: one.kind = Kind::Trap; break;
      case ARM64_INS_LDAXR:
      case ARM64_INS_LDXR:
        one.kind = Kind::Atomic;
        one.to = operands[1];
        break;
      case ARM64_INS_MOV:
      case ARM64_INS_ADRP:
      case ARM64_INS_ADR: one.kind = whole ? Kind::Copy : Kind::Other; break;
      case ARM64_INS_ADD:
      case ARM64_INS_SUB:
        if (!whole || operands[2].kind != Operand::Kind::Number || detail.operands[2].shift.value != 0) break;
        one.kind = Kind::Address;
        one.from = memory(operands[1].reg, in.id == ARM64_INS_ADD ? operands[2].number : -operands[2].number);
        break;
      case ARM64_INS_LDR:
      case ARM64_INS_LDUR:
      case ARM64_INS_STR:
      case ARM64_INS_STUR:
      case ARM64_INS_LDP:
      case ARM64_INS_STP:
        if (whole) return transfer(in, operands, out);
        break;
      default: break;
    }
    const bool leads = one.kind == Kind::Call || one.kind == Kind::Jump || one.kind == Kind::Branch;
    if (leads && one.to.kind == Operand::Kind::Number) one.target = static_cast<std::uint64_t>(one.to.number);
    if (leads) one.from = one.to;
    out.push_back(one);
  }

  static std::uint8_t number_of(unsigned reg) { return arm_register(reg); }

 private:
  static bool is_whole(const cs_arm64_op& operand) {
    return operand.type == ARM64_OP_REG &&
           ((operand.reg >= ARM64_REG_X0 && operand.reg <= ARM64_REG_X28) || operand.reg == ARM64_REG_X29 ||
            operand.reg == ARM64_REG_X30 || operand.reg == ARM64_REG_SP || operand.reg == ARM64_REG_XZR);
  }

  static Operand operand(const cs_arm64_op& from) {
    if (from.type == ARM64_OP_IMM) return number(from.imm);
    if (from.type == ARM64_OP_REG) {
      if (from.reg == ARM64_REG_XZR || from.reg == ARM64_REG_WZR) return number(0);
      return {.kind = Operand::Kind::Register, .reg = arm_register(static_cast<unsigned>(from.reg))};
    }
    if (from.type != ARM64_OP_MEM) return {};
    Operand operand = memory(arm_register(static_cast<unsigned>(from.mem.base)), from.mem.disp);
    // A shifted index is not told: with a register that is none the address is not known.
    if (from.mem.index != ARM64_REG_INVALID) operand.index = 32;
    return operand;
  }

  // Loads and stores of one register or two, some of which move their base register too.
  static void transfer(const cs_insn& in, const std::array<Operand, 3>& operands, std::vector<FlowInstruction>& out) {
    const bool loads = in.id == ARM64_INS_LDR || in.id == ARM64_INS_LDUR || in.id == ARM64_INS_LDP;
    const bool pair = in.id == ARM64_INS_LDP || in.id == ARM64_INS_STP;
    Operand place = operands[pair ? 2 : 1];
    const bool behind = in.detail->arm64.op_count > (pair ? 3 : 2);  // the base moves after the transfer
    const FlowInstruction move{
        .address = in.address,
        .kind = Kind::Address,
        .to = {.kind = Operand::Kind::Register, .reg = place.reg},
        .from = memory(place.reg, behind ? in.detail->arm64.operands[pair ? 3 : 2].imm : place.number)};
    if (in.detail->arm64.writeback && !behind) {
      out.push_back(move);
      place.number = 0;
    }
    for (std::size_t i = 0; i < (pair ? 2U : 1U); ++i) {
      out.push_back({.address = in.address,
                     .kind = Kind::Copy,
                     .to = loads ? operands[i] : place,
                     .from = loads ? place : operands[i]});
      place.number += 8;
    }
    if (in.detail->arm64.writeback && behind) out.push_back(move);
  }
};

template <class Decode>
void decode_all(const Engine& engine, std::string_view code, std::uint64_t address, std::size_t step,
                std::vector<FlowInstruction>& out) {
  const std::unique_ptr<cs_insn, FreeInstruction> in(cs_malloc(engine.handle()));
  const auto* at = reinterpret_cast<const std::uint8_t*>(code.data());
  std::size_t left = code.size();
  while (left > 0) {
    if (!cs_disasm_iter(engine.handle(), &at, &left, &address, in.get())) {
      const std::size_t skipped = std::min(step, left);
      at += skipped;
      left -= skipped;
      address += skipped;
      continue;
    }
    const std::size_t first = out.size();
    Decode::decode(*in, out);
    FlowInstruction& one = out[first];
    if (out.size() - first > 1 || one.kind == Kind::Copy || one.kind == Kind::Address) continue;
    cs_regs reads{};
    cs_regs writes{};
    std::uint8_t read_count = 0;
    std::uint8_t write_count = 0;
    if (cs_regs_access(engine.handle(), in.get(), reads, &read_count, writes, &write_count) != CS_ERR_OK) continue;
    for (std::uint8_t i = 0; i < write_count; ++i) one.written |= bit(Decode::number_of(writes[i]));
  }
}

}  // namespace

FlowRegisters flow_registers(Machine machine) {
  if (machine == Machine::Arm64)
    return {.stack = 31, .receiver = 0, .second = 1, .closure = 26, .pushes_return = false};
  return {};
}

Result<std::vector<FlowInstruction>> decode_flow(std::string_view code, std::uint64_t address, Machine machine) {
  const bool is_x86 = machine == Machine::X86_64;
  if (!is_x86 && machine != Machine::Arm64)
    return std::unexpected(
        Error{.code = Errc::Unsupported, .what = "the flow of code is read of x86-64 and arm64 only"});
  const Engine engine(is_x86 ? CS_ARCH_X86 : CS_ARCH_ARM64, is_x86 ? CS_MODE_64 : CS_MODE_LITTLE_ENDIAN);
  if (!engine.is_open())
    return std::unexpected(Error{.code = Errc::Unsupported, .what = "the disassembler lacks this machine"});
  std::vector<FlowInstruction> out;
  if (is_x86) {
    decode_all<X86>(engine, code, address, 1, out);
  } else {
    decode_all<Arm64>(engine, code, address, 4, out);
  }
  return out;
}

}  // namespace gopsy::binary
