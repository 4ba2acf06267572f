#include "rules/catalog.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

// What was nil, as far as the frame's arguments tell: a receiver of 0x0, or nothing certain.
std::string suspect(const Crash& crash) {
  if (crash.user == nullptr) return "a pointer";
  const std::string_view function = crash.function(*crash.user);
  const std::string_view args = crash.name(crash.user->args);
  const bool nil_first = args == "0x0" || args.starts_with("0x0,");
  if (nil_first && function.contains("(*")) return fmt::format("the receiver of {}", model::short_function(function));
  if (nil_first) return fmt::format("the first argument of {}", model::short_function(function));
  return "a pointer";
}

std::string offset_text(const Crash& crash) {
  if (!crash.traceback->signal || !crash.traceback->signal->address) return {};
  const std::uint64_t address = *crash.traceback->signal->address;
  if (address == 0)
    return " The fault address is 0: the first word behind the pointer was asked for (a field at offset 0, an element, "
           "a method table, or the code of a nil func).";
  return fmt::format(
      " The fault address {:#x} is the offset of the field that was asked for: byte {} of the struct, word {} on a "
      "64-bit machine.",
      address, address, address / 8 + 1);
}

bool explain(const Crash& crash, Finding& finding) {
  if (crash.text.starts_with("value method ")) {
    finding.title = fmt::format("Nil pointer: {}", crash.text);
    finding.why = fmt::format(
        "A method with a value receiver was called through an interface that holds a nil pointer; the generated "
        "wrapper has nothing to copy the value from. It happened in {}.",
        place_of(crash));
  } else {
    finding.title = fmt::format("Nil pointer dereference in {}", place_of(crash));
    finding.why = fmt::format("The address lies in the first page, so {} was nil when it was followed.{}",
                              suspect(crash), offset_text(crash));
    if (crash.user != nullptr && crash.user->inlined)
      finding.why += " The frame is inlined into the one below it: check both lines.";
  }
  finding.confirm =
      "Confirmed if the named line reads a field, element or method through a pointer, interface or func that a path "
      "can leave unset (an ignored error, a missing map key, an optional JSON field).";
  finding.fix =
      "Check the error or the ok value where the pointer was obtained, or make the zero value unreachable: construct "
      "it in one place and return an error instead of nil.";
  return true;
}

}  // namespace

constinit const Rule kNilDereference = crash_rule<CrashKind::NilDereference, explain>(
    "crash.nil-dereference", Severity::Critical,
    "a nil pointer was followed: which frame, which field offset, receiver or map value");

}  // namespace gopsy::rules
