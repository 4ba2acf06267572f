#include "process/runtime/code.h"

#include <algorithm>
#include <utility>

namespace gopsy::process {
namespace {

constexpr std::uint64_t kMostArgumentInfo = 256;  // abi.TraceArgsMaxLen is below it

CodeRole role_of(std::string_view name) {
  constexpr std::array kRoles{
      std::pair{std::string_view("runtime.systemstack"), CodeRole::SystemStack},
      std::pair{std::string_view("runtime.mcall"), CodeRole::LeftStack},
      std::pair{std::string_view("runtime.morestack"), CodeRole::LeftStack},
      std::pair{std::string_view("runtime.sigtramp"), CodeRole::Signal},
      std::pair{std::string_view("runtime.cgoSigtramp"), CodeRole::Signal},
      std::pair{std::string_view("runtime.sigpanic"), CodeRole::Injected},
      std::pair{std::string_view("runtime.asyncPreempt"), CodeRole::Injected},
      std::pair{std::string_view("runtime.debugCallV2"), CodeRole::Injected},
      std::pair{std::string_view("runtime.cgocallback"), CodeRole::CgoCallback},
      std::pair{std::string_view("runtime.fatalpanic"), CodeRole::DiesOfPanic},
      std::pair{std::string_view("runtime.throw"), CodeRole::DiesOfThrow},
      std::pair{std::string_view("runtime.fatal"), CodeRole::DiesOfThrow},
      std::pair{std::string_view("runtime.fatalthrow"), CodeRole::DiesOfThrow},
  };
  const auto found = std::ranges::find(kRoles, name, &std::pair<std::string_view, CodeRole>::first);
  return found == kRoles.end() ? CodeRole::Plain : found->second;
}

}  // namespace

StringId CodeMap::printed_name(std::string_view function) {
  if (function == "runtime.gopanic") return symbols_.intern("panic");
  // runtime/traceback.go funcNamePiecesForPrint.
  const auto open = function.find('[');
  const auto close = function.rfind(']');
  if (open == std::string_view::npos || close == std::string_view::npos || close <= open)
    return symbols_.intern(function);
  std::string name(function.substr(0, open));
  name += "[...]";
  name += function.substr(close + 1);
  return symbols_.intern(name);
}

Code* CodeMap::look_up(std::uint64_t pc, bool exact) {
  if (!runtime_.text.contains(pc)) return nullptr;
  const std::uint64_t address = runtime_.to_file(pc);
  auto unwind = runtime_.table->unwind(address, address);
  if (!unwind) return nullptr;
  const std::uint64_t call = exact || address == unwind->entry ? address : address - 1;
  if (call != address) unwind = runtime_.table->unwind(address, call);
  const binary::Elf& elf = runtime_.target->object->elf();
  Code& code = codes_.emplace_back();
  code.entry = unwind->entry + runtime_.bias;
  code.frame_bytes = unwind->frame_bytes.value_or(-1);
  code.flags = unwind->flags;
  code.role = role_of(unwind->name);
  // Before 1.21 tracebacks took only what a fault had stopped for exact.
  if (code.role == CodeRole::Injected && runtime_.layout.minor < 21 && unwind->name != "runtime.sigpanic")
    code.role = CodeRole::Plain;
  if (unwind->argument_info != 0) code.arguments = elf.memory(unwind->argument_info, kMostArgumentInfo);
  if (unwind->argument_liveness != 0) code.liveness = elf.memory(unwind->argument_liveness, kMostArgumentInfo);
  code.liveness_index = unwind->liveness_index;
  code.first_frame = static_cast<std::uint32_t>(frames_.size());
  const auto places = runtime_.table->frames(call);
  for (const auto& place : places) {
    frames_.push_back({.function = printed_name(place.function),
                       .file = symbols_.intern(place.file.empty() ? "?" : place.file),
                       .line = static_cast<std::uint32_t>(place.line),
                       .inlined = &place != &places.back()});
  }
  code.frame_count = static_cast<std::uint32_t>(places.size());
  return &code;
}

Code* CodeMap::at(std::uint64_t pc, bool exact) {
  const std::uint64_t key = pc * 2 + (exact ? 1 : 0);
  Recent& recent = recent_[((key >> 1) * 0x9E3779B97F4A7C15) >> 54];
  if (recent.key == key && key != 0) return recent.code;
  auto found = known_.find(key);
  if (found == known_.end()) {
    if (known_.size() >= kMostAddresses) return nullptr;
    found = known_.emplace(key, look_up(pc, exact)).first;
  }
  recent = {.key = key, .code = found->second};
  return found->second;
}

}  // namespace gopsy::process
