#include "binary/disassembler.h"

#include <capstone/capstone.h>

#include <memory>

#include "base/format.h"
#include "base/text.h"

namespace gopsy::binary {
namespace {

struct FreeInstruction {
  void operator()(cs_insn* instruction) const { cs_free(instruction, 1); }
};

// The operand of a direct jump or call is its target, as a number and nothing else.
std::uint64_t target_of(const cs_insn& instruction) {
  std::string_view operands = instruction.op_str;
  consume(operands, "#");
  const std::string_view mnemonic = instruction.mnemonic;
  const bool jumps = mnemonic.starts_with('j') || mnemonic.starts_with("call") || mnemonic.starts_with("loop") ||
                     mnemonic == "b" || mnemonic == "bl" || mnemonic.starts_with("b.");
  if (!jumps || !consume(operands, "0x")) return 0;
  return parse_hex(operands).value_or(0);
}

class Engine {
 public:
  Engine(cs_arch machine, cs_mode mode) : open_(cs_open(machine, mode, &handle_) == CS_ERR_OK) {}
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

}  // namespace

Result<std::vector<MachineInstruction>> disassemble(std::string_view code, std::uint64_t address, Machine machine,
                                                    bool intel) {
  const bool is_x86 = machine == Machine::X86 || machine == Machine::X86_64;
  if (!is_x86 && machine != Machine::Arm64) {
    return std::unexpected(
        Error{.code = Errc::Unsupported, .what = "only code of x86, x86-64 and arm64 can be disassembled"});
  }
  const Engine engine(is_x86 ? CS_ARCH_X86 : CS_ARCH_ARM64, machine == Machine::X86_64 ? CS_MODE_64
                                                            : machine == Machine::X86  ? CS_MODE_32
                                                                                       : CS_MODE_LITTLE_ENDIAN);
  if (!engine.is_open())
    return std::unexpected(Error{.code = Errc::Unsupported, .what = "the disassembler lacks this machine"});
  if (is_x86) cs_option(engine.handle(), CS_OPT_SYNTAX, intel ? CS_OPT_SYNTAX_INTEL : CS_OPT_SYNTAX_ATT);
  const std::unique_ptr<cs_insn, FreeInstruction> instruction(cs_malloc(engine.handle()));
  const auto* at = reinterpret_cast<const std::uint8_t*>(code.data());
  std::size_t left = code.size();
  const std::size_t step = is_x86 ? 1 : 4;
  std::vector<MachineInstruction> instructions;
  while (left > 0) {
    if (cs_disasm_iter(engine.handle(), &at, &left, &address, instruction.get())) {
      const std::string_view operands = instruction->op_str;
      instructions.push_back({.address = instruction->address,
                              .text = operands.empty() ? std::string(instruction->mnemonic)
                                                       : fmt::format("{}\t{}", instruction->mnemonic, operands),
                              .target = target_of(*instruction)});
      continue;
    }
    const std::size_t skipped = std::min(step, left);
    instructions.push_back({.address = address, .text = fmt::format(".byte\t{:#04x}", *at)});
    at += skipped;
    left -= skipped;
    address += skipped;
  }
  return instructions;
}

}  // namespace gopsy::binary
