#include "app/pprof/disassembly.h"

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/format.h"
#include "binary/demangle.h"
#include "binary/disassembler.h"
#include "binary/object.h"

namespace gopsy::pprof {
namespace {

constexpr std::uint64_t kMostCode = std::uint64_t{16} << 20;  // of one routine

class ObjectDisassembler : public Disassembler {
 public:
  ObjectDisassembler(const model::Profile& profile, const model::Symbols& symbols)
      : profile_(profile), symbols_(symbols) {}

  std::vector<Routine> routines(std::size_t mapping, const RE2& name, std::optional<std::uint64_t> address) override {
    std::vector<Routine> found;
    binary::Object* const object = object_of(mapping);
    if (object == nullptr) return found;
    const auto& at = profile_.mappings[mapping];
    const std::uint64_t shift = object->bias({.start = at.start, .limit = at.limit, .offset = at.offset});
    const auto& functions = object->functions();
    for (std::size_t i = 0; i < functions.size();) {
      const std::uint64_t start = functions[i].start;
      Routine routine{.begin = start, .end = functions[i].end, .shift = shift, .mapping = mapping};
      std::vector<std::string> names;
      // Names of one address are one routine; it reaches up to the next address, as pprof has it.
      for (; i < functions.size() && functions[i].start == start; ++i) names.emplace_back(functions[i].name);
      if (i < functions.size()) routine.end = functions[i].start - 1;
      if (address && *address - shift >= start && *address - shift < routine.end) {
        routine.names = std::move(names);
      } else {
        for (std::string& text : names)
          if (matches(name, text)) routine.names.push_back(std::move(text));
      }
      if (!routine.names.empty()) found.push_back(std::move(routine));
    }
    return found;
  }

  std::expected<std::vector<Instruction>, std::string> instructions(const Routine& routine, bool intel) override {
    binary::Object* const object = object_of(routine.mapping);
    if (object == nullptr) return std::vector<Instruction>{};
    const std::uint64_t size = std::min(routine.end - routine.begin, kMostCode);
    const auto code =
        binary::disassemble(object->elf().memory(routine.begin, size), routine.begin, object->elf().machine(), intel);
    if (!code) return std::unexpected("cannot disasm: " + message(code.error()));
    std::vector<Instruction> list;
    for (const auto& instruction : *code) {
      auto frames = object->frames(instruction.address, /*fast=*/false);
      Instruction line{.address = instruction.address,
                       .text = instruction.text + target_name(*object, instruction.target)};
      if (!frames.empty()) {
        line.function = binary::demangled(frames[0].function, binary::Demangle::Simple);
        line.file = std::move(frames[0].file);
        line.line = frames[0].line;
      }
      list.push_back(std::move(line));
    }
    return list;
  }

 private:
  // " <main.spin+0x10>"
  static std::string target_name(binary::Object& object, std::uint64_t target) {
    const auto* const function = target == 0 ? nullptr : object.function_at(target);
    if (function == nullptr) return {};
    const std::string name = binary::demangled(function->name, binary::Demangle::Full);
    return target == function->start ? fmt::format(" <{}>", name)
                                     : fmt::format(" <{}+{:#x}>", name, target - function->start);
  }

  static bool matches(const RE2& name, const std::string& text) {
    return RE2::PartialMatch(text, name) || RE2::PartialMatch(binary::demangled(text, binary::Demangle::Simple), name);
  }

  binary::Object* object_of(std::size_t mapping) {
    const auto [found, is_new] = objects_.try_emplace(mapping);
    if (is_new) {
      auto object = binary::Object::open(std::string(symbols_.text(profile_.mappings[mapping].file)));
      if (object) found->second.emplace(*std::move(object));
    }
    return found->second ? &*found->second : nullptr;
  }

  const model::Profile& profile_;
  const model::Symbols& symbols_;
  std::map<std::size_t, std::optional<binary::Object>> objects_;
};

}  // namespace

std::unique_ptr<Disassembler> disassembler(const model::Profile& profile, const model::Symbols& symbols) {
  return std::make_unique<ObjectDisassembler>(profile, symbols);
}

}  // namespace gopsy::pprof
