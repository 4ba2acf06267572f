#include "render/pprof/routines.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "analyze/pprof/measurement.h"
#include "analyze/pprof/paths.h"
#include "base/format.h"
#include "base/text.h"

namespace gopsy::pprof {
namespace {

using Failed = std::unexpected<std::string>;

void add(std::int64_t& sum, std::int64_t value) { sum = wrapping_add(sum, value); }

// The expression as a number, as Go's ParseUint with base 0 reads one.
std::optional<std::uint64_t> address_of(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0X")) return parse_hex(text.substr(2));
  if (text.size() > 1 && text.starts_with('0')) {
    std::uint64_t value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value, 8);
    if (parsed.ec == std::errc() && parsed.ptr == text.data() + text.size()) return value;
    return std::nullopt;
  }
  return parse_decimal(text);
}

}  // namespace

std::expected<std::vector<SampledRoutine>, std::string> sampled_routines(const Report& report, const Graph& graph) {
  if (report.disassembler == nullptr) return Failed("cannot disasm: no binaries at hand");
  const auto address = address_of(report.symbol_text);
  std::set<StringId> files;  // with samples whose name matches
  for (const NodeIndex n : graph.order) {
    const NodeInfo& info = graph.info(n);
    // The function's name alone counts too: an anchored expression never matches a name with an address before it.
    if (info.object_file && (RE2::PartialMatch(printable_name(info, report.symbols), *report.symbol) ||
                             RE2::PartialMatch(report.symbols.text(info.name), *report.symbol)))
      files.insert(info.object_file);
  }
  std::vector<SampledRoutine> sampled;
  bool any = false;
  for (std::size_t m = 0; m < report.profile.mappings.size(); ++m) {
    const auto& mapping = report.profile.mappings[m];
    const bool holds = address && mapping.start <= *address && *address <= mapping.limit;
    if (!files.contains(mapping.file) && !holds) continue;
    for (Routine& routine : report.disassembler->routines(m, *report.symbol, address)) {
      any = true;
      SampledRoutine found{.routine = std::move(routine)};
      for (const NodeIndex n : graph.order) {
        const std::uint64_t at = graph.info(n).address - found.routine.shift;
        if (at < found.routine.begin || at >= found.routine.end) continue;
        const Node& node = graph.nodes[n];
        found.nodes.push_back(n);
        add(found.flat, node.flat), add(found.flat_div, node.flat_div);
        add(found.cum, node.cum), add(found.cum_div, node.cum_div);
      }
      if (!found.nodes.empty()) sampled.push_back(std::move(found));
    }
  }
  if (sampled.empty()) {
    if (!address) return Failed("no matches found for regexp " + report.symbol_text);
    if (!any) return Failed(fmt::format("no matches found for address {:#x}", *address));
    return Failed(fmt::format(
        "address {:#x} found in binary, but the corresponding symbols do not have samples in the profile", *address));
  }
  std::ranges::stable_sort(sampled, {},
                           [](const SampledRoutine& r) { return std::pair(r.routine.names.front(), r.routine.begin); });
  for (SampledRoutine& routine : sampled)
    std::ranges::stable_sort(routine.nodes, {}, [&](NodeIndex n) { return graph.info(n).address; });
  return sampled;
}

std::vector<WeighedInstruction> weighed(const Report& report, const Graph& graph, const SampledRoutine& routine,
                                        std::vector<Instruction> instructions, bool whole_paths) {
  const auto shortened = [&](std::string_view file) { return std::string(whole_paths ? file : base_name(file)); };
  std::vector<WeighedInstruction> lines;
  std::size_t sample = 0;
  for (std::size_t i = 0; i < instructions.size(); ++i) {
    const std::uint64_t next = i + 1 < instructions.size() ? instructions[i + 1].address : UINT64_MAX;
    WeighedInstruction line{.instruction = std::move(instructions[i])};
    Instruction& instruction = line.instruction;
    if (!instruction.file.empty()) instruction.file = shortened(instruction.file);
    for (; sample < routine.nodes.size(); ++sample) {
      const NodeIndex n = routine.nodes[sample];
      const NodeInfo& info = graph.info(n);
      if (info.address - routine.routine.shift >= next) break;
      const Node& node = graph.nodes[n];
      add(line.flat, node.flat), add(line.flat_div, node.flat_div);
      add(line.cum, node.cum), add(line.cum_div, node.cum_div);
      if (info.file && instruction.file.empty()) instruction.file = shortened(report.symbols.text(info.file));
      if (instruction.line == 0) instruction.line = info.line;
      if (info.name && instruction.function.empty()) instruction.function = report.symbols.text(info.name);
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

std::string value_or_dot(const Report& report, std::int64_t value, std::int64_t divisor) {
  const std::int64_t shown = divisor == 0 ? value : wrapping_divide(value, divisor);
  return shown == 0 ? "." : report.value(shown);
}

}  // namespace gopsy::pprof
