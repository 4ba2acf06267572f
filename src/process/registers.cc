#include "process/registers.h"

#include <algorithm>
#include <cstring>

namespace gopsy::process {
namespace {

using namespace std::string_view_literals;

constexpr std::array kAmd64Names{"r15"sv,     "r14"sv,      "r13"sv, "r12"sv, "rbp"sv,    "rbx"sv, "r11"sv,
                                 "r10"sv,     "r9"sv,       "r8"sv,  "rax"sv, "rcx"sv,    "rdx"sv, "rsi"sv,
                                 "rdi"sv,     "orig_rax"sv, "rip"sv, "cs"sv,  "eflags"sv, "rsp"sv, "ss"sv,
                                 "fs_base"sv, "gs_base"sv,  "ds"sv,  "es"sv,  "fs"sv,     "gs"sv};
constexpr std::array kArm64Names{"x0"sv,  "x1"sv,  "x2"sv,  "x3"sv,  "x4"sv,  "x5"sv,  "x6"sv,    "x7"sv,  "x8"sv,
                                 "x9"sv,  "x10"sv, "x11"sv, "x12"sv, "x13"sv, "x14"sv, "x15"sv,   "x16"sv, "x17"sv,
                                 "x18"sv, "x19"sv, "x20"sv, "x21"sv, "x22"sv, "x23"sv, "x24"sv,   "x25"sv, "x26"sv,
                                 "x27"sv, "x28"sv, "x29"sv, "x30"sv, "sp"sv,  "pc"sv,  "pstate"sv};
static_assert(kAmd64Names.size() == 27 && kAmd64Names.size() <= kMostRegisters);
static_assert(kArm64Names.size() == 34 && kArm64Names.size() <= kMostRegisters);

constexpr std::array kLayouts{
    RegisterLayout{.machine = binary::Machine::X86_64,
                   .elf_machine = 62,
                   .name = "amd64",
                   .names = kAmd64Names,
                   .pc = 16,
                   .sp = 19,
                   .fp = 4},
    RegisterLayout{.machine = binary::Machine::Arm64,
                   .elf_machine = 183,
                   .name = "arm64",
                   .names = kArm64Names,
                   .pc = 32,
                   .sp = 31,
                   .fp = 29,
                   .lr = 30},
};

}  // namespace

const RegisterLayout* register_layout(binary::Machine machine) {
  const auto* const found = std::ranges::find(kLayouts, machine, &RegisterLayout::machine);
  return found == kLayouts.end() ? nullptr : found;
}

std::optional<std::uint64_t> Registers::get(std::string_view name) const {
  if (layout == nullptr) return std::nullopt;
  const auto found = std::ranges::find(layout->names, name);
  if (found == layout->names.end()) return std::nullopt;
  const auto index = static_cast<std::size_t>(found - layout->names.begin());
  if (!complete && index != layout->pc && index != layout->sp) return std::nullopt;
  return words[index];
}

Registers read_registers(const RegisterLayout& layout, std::string_view bytes) {
  const std::size_t size = layout.names.size() * sizeof(std::uint64_t);
  if (bytes.size() < size) return {};
  Registers registers{.layout = &layout, .complete = true};
  std::memcpy(registers.words.data(), bytes.data(), size);
  return registers;
}

}  // namespace gopsy::process
