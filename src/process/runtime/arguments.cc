#include "process/runtime/arguments.h"

#include <charconv>

namespace gopsy::process {
namespace {

enum : std::uint8_t { kEnd = 0xff, kOpen = 0xfe, kClose = 0xfd, kDots = 0xfc, kTooFar = 0xfb };

// A slot of a register argument is stale where its bit says so; slots below the first byte's offset always hold values.
bool is_live(const Code& code, std::uint8_t offset, unsigned slot) {
  if (code.liveness.empty() || code.liveness_index <= 0) return true;
  if (offset < static_cast<std::uint8_t>(code.liveness[0])) return true;
  const std::uint64_t at = static_cast<std::uint64_t>(code.liveness_index) + slot / 8;
  return at >= code.liveness.size() || ((static_cast<unsigned char>(code.liveness[at]) >> (slot % 8)) & 1) != 0;
}

void print_hex(std::uint64_t value, std::string& out) {
  char text[16];
  const auto end = std::to_chars(text, text + sizeof text, value, 16).ptr;
  out += "0x";
  out.append(text, end);
}

}  // namespace

void print_arguments(const GoRuntime& runtime, const StackFrame& frame, StackMemory& stack, std::string& out) {
  out.clear();
  const Code& code = *frame.code;
  const std::uint64_t base = frame.fp + (runtime.link_register ? 8 : 0);
  const std::uint8_t first_slot =
      code.liveness.empty() ? std::uint8_t{kEnd} : static_cast<std::uint8_t>(code.liveness[0]);
  unsigned slot = 0;
  bool start = true;
  for (std::size_t at = 0; at < code.arguments.size(); ++at) {
    const auto op = static_cast<std::uint8_t>(code.arguments[at]);
    if (op == kEnd) break;
    if (op != kClose && !start) out += ", ";
    start = op == kOpen;
    if (op == kOpen) out += '{';
    if (op == kClose) out += '}';
    if (op == kDots) out += "...";
    if (op == kTooFar) out += '_';
    if (op >= kTooFar) continue;
    if (++at >= code.arguments.size()) break;
    const auto size = static_cast<unsigned>(static_cast<unsigned char>(code.arguments[at]));
    if (const auto word = stack.word(base + op)) {
      print_hex(size < 8 ? *word & ((std::uint64_t{1} << (8 * size)) - 1) : *word, out);
      if (!is_live(code, op, slot)) out += '?';
    } else {
      out += '_';
    }
    if (op >= first_slot) ++slot;
  }
}

}  // namespace gopsy::process
