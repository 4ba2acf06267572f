#include "process/runtime/go_runtime.h"

#include <algorithm>
#include <array>

#include "base/format.h"
#include "process/runtime/calibrate.h"
#include "process/runtime/dwarf_layout.h"
#include "process/runtime/scan.h"
#include "process/runtime/wait_reasons.h"

namespace gopsy::process {
namespace {

// Offsets in moduledata that no version from 1.18 to 1.27 moved.
constexpr std::uint64_t kText = 176;
constexpr std::uint64_t kData = 192;  // pairs: noptrdata, data, bss, noptrbss

constexpr unsigned kOldest = 18;
constexpr unsigned kMostModules = 1000;

std::uint64_t module_word(const GoRuntime& runtime, std::uint64_t offset) {
  const std::uint64_t module = runtime.table->module_address();
  // In memory, else in the file: read-only data of a program at a fixed address are in no core.
  if (const auto word = runtime.memory->word(module + runtime.bias + offset)) return *word;
  const std::uint64_t word = runtime.table->linked_word(module + offset);
  return word == 0 ? 0 : word + runtime.bias;
}

Result<void> read_module(GoRuntime& runtime) {
  const std::uint64_t table = runtime.table->address() + runtime.bias;
  if (module_word(runtime, 0) != table) {
    return std::unexpected(Error{.code = Errc::Malformed,
                                 .what =
                                     "the memory has other data than the executable where Go's module table should be: "
                                     "is it the executable that the process ran?"});
  }
  runtime.text = {.start = module_word(runtime, kText), .end = module_word(runtime, kText + 8)};
  for (unsigned i = 0; i < 4; ++i) {
    const AddressRange range{.start = module_word(runtime, kData + std::uint64_t{16} * i),
                             .end = module_word(runtime, kData + std::uint64_t{16} * i + 8)};
    if (range.size() > 0) runtime.data.push_back(range);
  }
  if (runtime.text.size() == 0 || runtime.data.empty()) {
    return std::unexpected(
        Error{.code = Errc::Malformed, .what = "Go's module table in the memory names no code or no data"});
  }
  runtime.types = {.start = module_word(runtime, runtime.layout.types),
                   .end = module_word(runtime, runtime.layout.end_types)};
  return {};
}

// Does a moduledata stand there: it begins with the address of a function table, which begins with its magic.
bool is_module(const GoRuntime& runtime, std::uint64_t module) {
  constexpr std::uint32_t kOf118 = 0xfffffff0;
  constexpr std::uint32_t kOf120 = 0xfffffff1;
  const auto table = runtime.memory->word(module);
  const auto magic = table ? runtime.memory->get<std::uint32_t>(*table) : std::nullopt;
  return magic == kOf118 || magic == kOf120;
}

// Plugins chain their tables behind the first.
void count_modules(GoRuntime& runtime) {
  std::uint64_t module = module_word(runtime, runtime.layout.next_module);
  while (module != 0 && runtime.other_modules < kMostModules && is_module(runtime, module)) {
    ++runtime.other_modules;
    module = runtime.memory->word(module + runtime.layout.next_module).value_or(0);
  }
  if (runtime.other_modules > 0)
    runtime.warnings.push_back(
        fmt::format("{} plugin(s) are loaded: code in them has no names here", runtime.other_modules));
}

void choose_layout(GoRuntime& runtime, const binary::BuildInfo& build) {
  runtime.version = build.go_version;
  const unsigned minor = build.minor();
  runtime.layout = runtime_layout(minor == 0 ? kOldest : minor);
  if (minor == 0) {
    runtime.layout = runtime_layout(UINT32_MAX);
    runtime.warnings.emplace_back("the executable does not say its Go version: offsets of the newest known are tried");
  } else if (!is_known_version(minor)) {
    runtime.from_dwarf = read_dwarf_layout(*runtime.target->object, runtime.layout);
    if (runtime.from_dwarf) return;
    runtime.warnings.push_back(
        fmt::format("{} is not known yet: offsets of Go 1.{} are tried and moved to where they fit", runtime.version,
                    runtime.layout.minor));
  }
}

}  // namespace

double GoRuntime::confidence() const {
  double sure = main_goroutine ? 0.99 : 0.8;
  if (calibrated && !from_dwarf) sure -= 0.2;
  if (wait_reasons.empty()) sure -= 0.1;
  return sure;
}

std::string GoRuntime::how() const {
  std::string words =
      way == Way::Symbol ? "runtime.allgs by its symbol" : "runtime.allgs by a scan of the data, no symbols";
  if (main_goroutine) words += ", checked against goroutine 1";
  words += from_dwarf ? "; offsets from DWARF" : fmt::format("; offsets of Go 1.{}", layout.minor);
  if (calibrated && !from_dwarf) words += ", moved to where this process has the fields";
  return words;
}

Result<GoRuntime> find_runtime(const Target& target) {
  GoRuntime runtime{.target = &target, .memory = target.memory, .bias = target.bias};
  const binary::Elf& elf = target.object->elf();
  const auto machine = elf.machine();
  if (!elf.is_64() || (machine != binary::Machine::X86_64 && machine != binary::Machine::Arm64))
    return std::unexpected(Error{.code = Errc::Unsupported, .what = "goroutines are read on amd64 and arm64 only"});
  runtime.link_register = machine == binary::Machine::Arm64;
  runtime.table = target.object->pclntab();
  if (runtime.table == nullptr)
    return std::unexpected(Error{.code = Errc::Unsupported, .what = "the executable is not a Go program"});
  if (!runtime.table->has_flags())
    return std::unexpected(
        Error{.code = Errc::Unsupported, .what = "goroutines are read from programs of Go 1.18 and later"});
  if (runtime.table->module_address() == 0)
    return std::unexpected(Error{.code = Errc::Malformed, .what = "the executable has no table of its Go module"});
  choose_layout(runtime, binary::build_info(elf));
  if (const auto read = read_module(runtime); !read) return std::unexpected(read.error());
  count_modules(runtime);
  runtime.wait_reasons = find_wait_reasons(runtime);
  if (runtime.wait_reasons.empty())
    runtime.warnings.emplace_back(
        "the runtime's names for wait reasons were not found: waiting goroutines say \"waiting\"");
  if (const auto found = find_all_gs(runtime); !found) return std::unexpected(found.error());
  return runtime;
}

}  // namespace gopsy::process
