#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "binary/elf.h"

namespace gopsy::process {

/// How the general registers of one machine stand in NT_PRSTATUS, which is how PTRACE_GETREGSET yields them too.
///
/// Source  linux: arch/x86/include/asm/user_64.h, arch/arm64/include/uapi/asm/ptrace.h, include/uapi/linux/elfcore.h.
struct RegisterLayout {
  binary::Machine machine{};
  std::uint16_t elf_machine = 0;  ///< e_machine
  std::string_view name;          ///< as Go names it: "amd64"
  std::span<const std::string_view> names;
  std::size_t pc = 0;  ///< index into the words
  std::size_t sp = 0;
  std::size_t fp = 0;
  std::optional<std::size_t> lr;  ///< where the machine has one
};

/// Null for machines that Go processes are not read from.
const RegisterLayout* register_layout(binary::Machine machine);

constexpr std::size_t kMostRegisters = 34;

/// What a thread had in its registers, or as much of it as could be had.
struct Registers {
  const RegisterLayout* layout = nullptr;  ///< null: nothing is known
  std::array<std::uint64_t, kMostRegisters> words{};
  /// All words are those of one instant. Otherwise only pc and sp are: of a thread that sleeps in the kernel, read
  /// while nobody stopped it.
  bool complete = false;

  [[nodiscard]] bool known() const { return layout != nullptr; }
  [[nodiscard]] std::uint64_t pc() const { return layout == nullptr ? 0 : words[layout->pc]; }
  [[nodiscard]] std::uint64_t sp() const { return layout == nullptr ? 0 : words[layout->sp]; }
  [[nodiscard]] std::uint64_t fp() const { return layout == nullptr ? 0 : words[layout->fp]; }
  /// 0 on machines that return through the stack.
  [[nodiscard]] std::uint64_t lr() const { return layout == nullptr || !layout->lr ? 0 : words[*layout->lr]; }
  /// A register by the name that assemblers have for it; nothing if there is none of that name, or it is not known.
  [[nodiscard]] std::optional<std::uint64_t> get(std::string_view name) const;
};

/// From the words as the kernel writes them; unknown if `bytes` are too few.
Registers read_registers(const RegisterLayout& layout, std::string_view bytes);

}  // namespace gopsy::process
