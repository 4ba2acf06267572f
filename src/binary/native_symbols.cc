#include "binary/native_symbols.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <unistd.h>

#include <memory>

namespace gopsy::binary {
namespace {

struct FreeScopes {
  void operator()(Dwarf_Die* scopes) const { std::free(scopes); }
};

// The linker's name where there is one: it says the types of arguments, as pprof's demangling expects.
std::string name_of(Dwarf_Die* die) {
  Dwarf_Attribute attribute;
  for (const unsigned which : {DW_AT_linkage_name, DW_AT_MIPS_linkage_name, DW_AT_name}) {
    if (dwarf_attr_integrate(die, which, &attribute) == nullptr) continue;
    if (const char* const text = dwarf_formstring(&attribute)) return text;
  }
  return {};
}

std::int64_t number(Dwarf_Die* die, unsigned which) {
  Dwarf_Attribute attribute;
  Dwarf_Word value = 0;
  if (dwarf_attr_integrate(die, which, &attribute) == nullptr || dwarf_formudata(&attribute, &value) != 0) return 0;
  return static_cast<std::int64_t>(value);
}

// The file of a call: a number in the line table of the unit.
std::string call_file(Dwarf_Die* unit, Dwarf_Die* call) {
  Dwarf_Files* files = nullptr;
  std::size_t count = 0;
  const std::int64_t index = number(call, DW_AT_call_file);
  if (dwarf_getsrcfiles(unit, &files, &count) != 0 || index <= 0 || static_cast<std::size_t>(index) >= count) return {};
  const char* const name = dwarf_filesrc(files, static_cast<std::size_t>(index), nullptr, nullptr);
  return name == nullptr ? "" : name;
}

}  // namespace

struct NativeSymbols::State {
  int fd = -1;
  Dwarf* dwarf = nullptr;

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (dwarf != nullptr) dwarf_end(dwarf);
    if (fd >= 0) ::close(fd);
  }
};

NativeSymbols::NativeSymbols(std::unique_ptr<State> state) : state_(std::move(state)) {}
NativeSymbols::~NativeSymbols() = default;

std::unique_ptr<NativeSymbols> NativeSymbols::open(const std::string& path) {
  auto state = std::make_unique<State>();
  state->fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (state->fd < 0) return nullptr;
  state->dwarf = dwarf_begin(state->fd, DWARF_C_READ);
  if (state->dwarf == nullptr) return nullptr;
  return std::unique_ptr<NativeSymbols>(new NativeSymbols(std::move(state)));
}

std::vector<StructField> NativeSymbols::fields(std::string_view unit, std::string_view type) {
  const auto is_named = [](Dwarf_Die* die, std::string_view name) {
    const char* const text = dwarf_diename(die);
    return text != nullptr && name == text;
  };
  std::vector<StructField> fields;
  Dwarf_CU* place = nullptr;
  Dwarf_Die top;
  while (dwarf_get_units(state_->dwarf, place, &place, nullptr, nullptr, &top, nullptr) == 0) {
    Dwarf_Die die;
    if (!is_named(&top, unit) || dwarf_child(&top, &die) != 0) continue;
    bool more = true;
    while (more && !(dwarf_tag(&die) == DW_TAG_structure_type && is_named(&die, type)))
      more = dwarf_siblingof(&die, &die) == 0;
    Dwarf_Die member;
    if (!more || dwarf_child(&die, &member) != 0) continue;
    do {
      const char* const name = dwarf_diename(&member);
      if (name == nullptr || dwarf_tag(&member) != DW_TAG_member) continue;
      fields.push_back(
          {.name = name, .offset = static_cast<std::uint64_t>(number(&member, DW_AT_data_member_location))});
    } while (dwarf_siblingof(&member, &member) == 0);
    return fields;
  }
  return fields;
}

std::vector<SourceFrame> NativeSymbols::frames(std::uint64_t address) {
  Dwarf_Die unit;
  if (dwarf_addrdie(state_->dwarf, address, &unit) == nullptr) return {};
  SourceFrame place;
  if (Dwarf_Line* const line = dwarf_getsrc_die(&unit, address)) {
    int value = 0;
    if (const char* const file = dwarf_linesrc(line, nullptr, nullptr)) place.file = file;
    if (dwarf_lineno(line, &value) == 0) place.line = value;
    if (dwarf_linecol(line, &value) == 0) place.column = value;
  }
  Dwarf_Die* found = nullptr;
  const int count = dwarf_getscopes(&unit, address, &found);
  const std::unique_ptr<Dwarf_Die, FreeScopes> scopes(found);
  std::vector<SourceFrame> frames;
  for (int i = 0; i < count; ++i) {
    Dwarf_Die* const scope = scopes.get() + i;
    const int tag = dwarf_tag(scope);
    if (tag != DW_TAG_inlined_subroutine && tag != DW_TAG_subprogram) continue;
    place.function = name_of(scope);
    place.start_line = number(scope, DW_AT_decl_line);
    frames.push_back(place);
    if (tag == DW_TAG_subprogram) break;
    place = {.function = {},
             .file = call_file(&unit, scope),
             .line = number(scope, DW_AT_call_line),
             .column = number(scope, DW_AT_call_column)};
  }
  return frames;
}

}  // namespace gopsy::binary
