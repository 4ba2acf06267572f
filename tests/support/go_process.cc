#include "support/go_process.h"

namespace gopsy::test {
namespace {

using G = process::RuntimeLayout::G;

constexpr std::uint64_t kFrame = 24;  // of every function
constexpr std::uint64_t kArm64 = 183;
constexpr std::uint64_t kGBytes = 0x200;

void varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
}

// One value for the whole function.
std::string constant_table(std::int64_t value, unsigned quantum) {
  std::string out;
  varint(out, static_cast<std::uint64_t>(value + 1) << 1);
  varint(out, GoProcess::kFunctionBytes / quantum);
  out += '\0';
  return out;
}

}  // namespace

GoProcess::GoProcess(std::string version, std::uint16_t machine) : version_(std::move(version)), machine_(machine) {
  layout_ = process::runtime_layout(static_cast<unsigned>(std::stoul(version_.substr(4))));
  functions_ = {{"runtime.main"},          {"runtime.goexit", 1 | 4}, {"runtime.gopark"},    {"main.main"},
                {"main.work"},             {"main.deep"},             {"runtime.systemstack", 2 | 4},
                {"runtime.mcall", 2 | 4},  {"runtime.sigtramp", 1 | 4}, {"runtime.fatalpanic"}, {"runtime.gopanic"},
                {"runtime.throw"},         {"runtime.asyncPreempt", 4}, {"main.(*T[go.shape.int]).get"}};
  memory.put(kData, data());
  memory.put(kList, std::string(0x8000, '\0'));
  memory.put(kG, std::string(kGBytes * 64, '\0'));
  memory.put(kM, std::string(0x1000, '\0'));
  memory.put(kStack, std::string(kStackBytes * 64, '\0'));
  ElfBuilder elf;
  elf.type = 2;
  elf.machine = machine_;
  elf.load(kText, std::string(kFunctionBytes * functions_.size(), '\xcc'), 0, 5);
  elf.load(kTable, table(), 0, 4);
  elf.load(kData, data(), 0, 6);
  elf_ = elf.build();
}

std::uint64_t GoProcess::entry(std::string_view function) const {
  for (std::size_t i = 0; i < functions_.size(); ++i)
    if (functions_[i].name == function) return kText + i * kFunctionBytes;
  return 0;
}

std::string GoProcess::table() const {
  const unsigned quantum = machine_ == kArm64 ? 4 : 1;
  std::string names;
  std::vector<std::uint64_t> name_at;
  for (const Function& function : functions_) {
    name_at.push_back(names.size());
    names += function.name + '\0';
  }
  std::string values("\0", 1);
  const std::uint64_t frame = values.size();
  values += constant_table(kFrame, quantum);
  const std::uint64_t file = values.size();
  values += constant_table(0, quantum);
  std::vector<std::uint64_t> line_at;
  for (std::size_t i = 0; i < functions_.size(); ++i) {
    line_at.push_back(values.size());
    values += constant_table(static_cast<std::int64_t>(100 + i), quantum);
  }
  Words rows;
  Words infos;
  const std::uint64_t first_info = 8 * (functions_.size() + 1);
  for (std::size_t i = 0; i < functions_.size(); ++i) {
    rows.u32(i * kFunctionBytes).u32(first_info + infos.text().size());
    infos.u32(i * kFunctionBytes).u32(name_at[i]).u32(0).u32(0).u32(frame).u32(file).u32(line_at[i]);
    infos.u32(0).u32(0).u32(90).put(std::uint8_t{0}).put(functions_[i].flags).put(std::uint16_t{0});
  }
  rows.u32(functions_.size() * kFunctionBytes).u32(0).bytes(infos.text());
  const std::string files("/src/zoo.go\0", 12);
  Words out;
  const std::uint64_t head = 72;
  const std::uint64_t units = head + names.size();
  const std::uint64_t file_names = units + 4;
  const std::uint64_t numbers = file_names + files.size();
  const std::uint64_t rows_at = (numbers + values.size() + 7) / 8 * 8;
  out.u32(0xfffffff1).u16(0).put(static_cast<std::uint8_t>(quantum)).put(std::uint8_t{8});
  out.u64(functions_.size()).u64(1).u64(kText).u64(head).u64(units).u64(file_names).u64(numbers).u64(rows_at);
  out.bytes(names).u32(0).bytes(files).bytes(values).pad_to(rows_at).bytes(rows.text());
  return out.text();
}

std::string GoProcess::data() const {
  Words out;
  out.bytes(std::string_view("\xff Go buildinf:\x08\x02", 16)).pad_to(32);
  out.put(static_cast<std::uint8_t>(version_.size())).bytes(version_).put(std::uint8_t{0}).pad_to(kModule - kData);
  out.u64(kTable).u64(kTable + 72).pad_to(kModule - kData + 176);
  out.u64(kText).u64(kText + functions_.size() * kFunctionBytes);
  out.u64(kData).u64(kData + 0x2000).u64(0).u64(0).u64(0).u64(0).u64(0).u64(0);
  out.pad_to(kAllGs - kData).u64(kList).u64(0).u64(0x1000);
  out.pad_to(kReasons - kData);
  const std::vector<std::string> reasons{"", "GC assist marking", "IO wait", "chan receive", "select", "sleep", "a", "b",
                                         "c", "d", "e", "f"};
  std::uint64_t text = kData + 0x1000;
  std::string texts;
  for (const std::string& reason : reasons) {
    out.u64(reason.empty() ? 0 : text + texts.size()).u64(reason.size());
    texts += reason;
  }
  return out.pad_to(0x1000).bytes(texts).pad_to(0x2000).text();
}

std::uint64_t GoProcess::add(std::uint64_t id, std::string_view start, const std::vector<std::string_view>& functions,
                             std::uint8_t reason) {
  const std::uint64_t g = kG + count_ * kGBytes;
  const std::uint64_t low = kStack + count_ * kStackBytes;
  const std::uint64_t high = low + kStackBytes;
  const bool link_register = machine_ == kArm64;
  // Innermost frame lowest; each has kFrame bytes and, where calls push it, the return address above them.
  const std::uint64_t frame = kFrame + (link_register ? 0 : 8);
  const std::uint64_t sp = high - 0x100 - frame * functions.size();
  for (std::size_t i = 0; i + 1 < functions.size(); ++i)
    memory.put_word(sp + frame * i + (link_register ? 0 : kFrame), inside(functions[i + 1]));
  set(g, G::kStackLow, low);
  set(g, G::kStackHigh, high);
  set(g, G::kSchedSp, sp);
  set(g, G::kSchedPc, functions.empty() ? 0 : inside(functions[0]));
  set(g, layout_.g.status, 4);
  set(g, layout_.g.goid, id);
  set(g, layout_.g.wait_reason, reason);
  set(g, layout_.g.start_pc, entry(start));
  set(g, layout_.g.go_pc, inside("main.main"));
  memory.put_word(kList + 8 * count_, g);
  memory.put_word(kAllGs + 8, ++count_);
  return g;
}

}  // namespace gopsy::test
