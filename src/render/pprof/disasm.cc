#include "base/format.h"
#include "render/pprof/routines.h"

namespace gopsy::pprof {
namespace {

constexpr std::size_t kShort = 40;  // an instruction that leaves room for its place on the same line

std::string place_of(const Instruction& instruction) {
  std::string text = instruction.function.empty() ? "" : instruction.function + " ";
  text += instruction.file;
  if (!instruction.file.empty() && instruction.line != 0) text += fmt::format(":{}", instruction.line);
  return text;
}

bool same_place(const Instruction& a, const Instruction& b) {
  return a.function == b.function && a.file == b.file && a.line == b.line;
}

void add_instructions(std::string& out, const Report& report, const std::vector<WeighedInstruction>& lines) {
  Instruction last;
  for (const WeighedInstruction& line : lines) {
    const Instruction& instruction = line.instruction;
    const std::string place = same_place(instruction, last) ? "" : place_of(instruction);
    last = instruction;
    const std::string head = fmt::format("{:>10} {:>10} {:10x}: ", value_or_dot(report, line.flat, line.flat_div),
                                         value_or_dot(report, line.cum, line.cum_div), instruction.address);
    if (place.empty()) {
      out += fmt::format("{}{}\n", head, instruction.text);
    } else if (instruction.text.size() < kShort) {
      out += fmt::format("{}{:<40};{}\n", head, instruction.text, place);
    } else {
      out += fmt::format("{:>74};{}\n{}{}\n", "", place, head, instruction.text);
    }
  }
}

std::expected<std::string, std::string> write_disasm(Report& report) {
  report.node_count = 0;
  const Trimmed trimmed = unscaled_graph_of(report, Detail::Nodes);
  std::string out = fmt::format("Total: {}\n", report.value(report.total));
  const auto routines = sampled_routines(report, trimmed.graph);
  if (!routines) return std::unexpected(routines.error());
  for (const SampledRoutine& found : *routines) {
    auto instructions = report.disassembler->instructions(found.routine, report.intel_syntax);
    if (!instructions) return std::unexpected(instructions.error());
    const auto& names = found.routine.names;
    out += fmt::format("ROUTINE ======================== {}\n", names[0]);
    for (std::size_t i = 1; i < names.size(); ++i)
      out += fmt::format("    AKA ======================== {}\n", names[i]);
    const std::string flat = value_or_dot(report, found.flat, found.flat_div);
    const std::string cum = value_or_dot(report, found.cum, found.cum_div);
    out += fmt::format("{:>10} {:>10} (flat, cum) {} of Total\n", flat == "." ? report.value(0) : flat,
                       cum == "." ? report.value(0) : cum, report.percent(found.cum));
    add_instructions(out, report, weighed(report, trimmed.graph, found, *std::move(instructions)));
  }
  return out;
}

}  // namespace

constinit const Format kDisasm{.name = "disasm", .object_names = true, .write = write_disasm};

}  // namespace gopsy::pprof
