#include "process/runtime/dwarf_layout.h"

#include <algorithm>
#include <array>

namespace gopsy::process {
namespace {

constexpr std::string_view kUnit = "runtime";

// A member and where its offset goes. `needed`: without it nothing can be read.
struct Row {
  std::string_view name;
  std::uint16_t* offset;
  bool needed = false;
};

bool read_struct(binary::Object& object, std::string_view type, std::span<const Row> rows) {
  const auto fields = object.struct_fields(kUnit, type);
  for (const Row& row : rows) {
    const auto found = std::ranges::find(fields, row.name, &binary::StructField::name);
    const bool is_there = found != fields.end() && found->offset <= UINT16_MAX;
    if (!is_there && row.needed) return false;
    *row.offset = is_there ? static_cast<std::uint16_t>(found->offset) : std::uint16_t{0};
  }
  return true;
}

bool read_g(binary::Object& object, RuntimeLayout::G& g) {
  std::uint16_t sched = 0;
  std::uint16_t lr = 0;
  const std::array gobuf{Row{"lr", &lr, true}};
  const std::array rows{Row{"sched", &sched, true},
                        Row{"syscallsp", &g.syscall_sp, true},
                        Row{"syscallpc", &g.syscall_pc, true},
                        Row{"atomicstatus", &g.status, true},
                        Row{"goid", &g.goid, true},
                        Row{"waitsince", &g.wait_since},
                        Row{"waitreason", &g.wait_reason, true},
                        Row{"trackingStamp", &g.tracking_stamp},
                        Row{"lockedm", &g.locked_m},
                        Row{"sig", &g.signal},
                        Row{"sigcode0", &g.signal_code},
                        Row{"sigcode1", &g.signal_address},
                        Row{"sigpc", &g.signal_pc},
                        Row{"parentGoid", &g.parent},
                        Row{"gopc", &g.go_pc, true},
                        Row{"ancestors", &g.ancestors},
                        Row{"startpc", &g.start_pc, true},
                        Row{"waiting", &g.waiting},
                        Row{"labels", &g.labels},
                        Row{"bubble", &g.bubble}};
  if (!read_struct(object, "runtime.gobuf", gobuf) || !read_struct(object, "runtime.g", rows)) return false;
  g.sched_lr = static_cast<std::uint16_t>(sched + lr);
  // Nothing that is read stands behind the last of these.
  for (const Row& row : rows) g.size = std::max(g.size, static_cast<std::uint16_t>(*row.offset + 8));
  return sched == RuntimeLayout::G::kSchedSp;
}

}  // namespace

bool read_dwarf_layout(binary::Object& object, RuntimeLayout& layout) {
  RuntimeLayout read = layout;
  RuntimeLayout::M& m = read.m;
  const std::array machine{Row{"procid", &m.procid, true}, Row{"gsignal", &m.gsignal},
                           Row{"curg", &m.curg, true},     Row{"id", &m.id},
                           Row{"throwing", &m.throwing},   Row{"dying", &m.dying},
                           Row{"alllink", &m.all_link},    Row{"vdsoSP", &m.vdso_sp}};
  RuntimeLayout::Panic& panic = read.panic;
  const std::array panics{Row{"arg", &panic.arg, true}, Row{"link", &panic.link, true},
                          Row{"recovered", &panic.recovered}, Row{"repanicked", &panic.repanicked},
                          Row{"goexit", &panic.goexit}};
  const std::array module{Row{"next", &read.next_module}, Row{"types", &read.types}, Row{"etypes", &read.end_types}};
  if (!read_g(object, read.g) || !read_struct(object, "runtime.m", machine) ||
      !read_struct(object, "runtime._panic", panics) || !read_struct(object, "runtime.moduledata", module))
    return false;
  layout = read;
  return true;
}

}  // namespace gopsy::process
