#include "process/runtime/calibrate.h"

#include <algorithm>
#include <array>
#include <optional>

#include "binary/reader.h"
#include "process/runtime/scan.h"

namespace gopsy::process {
namespace {

using G = RuntimeLayout::G;

constexpr std::uint64_t kMostGoroutines = std::uint64_t{1} << 26;
constexpr std::uint64_t kMostStack = std::uint64_t{1} << 40;
constexpr std::size_t kLooked = 512;  // bytes of a g that calibration looks at
constexpr unsigned kMostCandidates = 200'000;
constexpr std::uint64_t kGscan = 0x1000;

bool is_status(std::uint32_t status) {
  status &= ~static_cast<std::uint32_t>(kGscan);
  return status <= 11 && status != 7;
}

bool has_stack(const binary::Reader& g) {
  const std::uint64_t low = g.get<std::uint64_t>(G::kStackLow).value_or(0);
  const std::uint64_t high = g.get<std::uint64_t>(G::kStackHigh).value_or(0);
  return low == 0 ? high == 0 : low < high && high - low <= kMostStack;
}

// Goroutine 1 has its entry function, runtime.main, and its number where the layout says, or somewhere near.
struct Shift {
  int entry = 0;   // of start_pc and what stands with it
  int number = 0;  // of goid and what stands with it
};

std::optional<Shift> main_goroutine(const GoRuntime& runtime, const binary::Reader& g, std::uint64_t entry) {
  if (!has_stack(g) || g.get<std::uint64_t>(G::kStackHigh).value_or(0) == 0) return std::nullopt;
  const G& layout = runtime.layout.g;
  const auto is_number = [&](unsigned at) {
    return g.get<std::uint64_t>(at) == 1U && is_status(g.get<std::uint32_t>(at - 8U).value_or(7));
  };
  if (g.get<std::uint64_t>(layout.start_pc) == entry && is_number(layout.goid)) return Shift{};
  for (unsigned at = 240; at + 8 <= kLooked; at += 8) {
    if (g.get<std::uint64_t>(at) != entry) continue;
    for (unsigned number = 128; number <= 192; number += 8)
      if (is_number(number))
        return Shift{.entry = static_cast<int>(at) - layout.start_pc, .number = static_cast<int>(number) - layout.goid};
  }
  return std::nullopt;
}

void move_layout(G& layout, const Shift& shift) {
  const auto move = [](std::uint16_t& field, int by) {
    if (field != 0) field = static_cast<std::uint16_t>(field + by);
  };
  for (std::uint16_t* field : {&layout.parent, &layout.go_pc, &layout.ancestors, &layout.start_pc, &layout.waiting,
                               &layout.labels, &layout.bubble})
    move(*field, shift.entry);
  for (std::uint16_t* field : {&layout.status, &layout.goid, &layout.wait_since, &layout.wait_reason,
                               &layout.tracking_stamp, &layout.locked_m})
    move(*field, shift.number);
}

class Search {
 public:
  explicit Search(GoRuntime& runtime) : runtime_(runtime), memory_(*runtime.memory) {
    if (const auto main = runtime.table->function_named("runtime.main")) main_entry_ = main->start + runtime.bias;
  }

  // Is a slice header of a list of goroutines at that address? If so, it is remembered where it is better than the
  // last.
  bool try_header(std::uint64_t address, std::uint64_t pointer, std::uint64_t length, std::uint64_t capacity) {
    if (length == 0 || length > capacity || capacity > kMostGoroutines || pointer == 0 || pointer % 8 != 0)
      return false;
    if (++candidates_ > kMostCandidates) return false;
    std::array<std::uint64_t, 8> addresses{};
    const std::size_t wanted = std::min<std::size_t>(addresses.size(), length);
    if (memory_.read(pointer, {reinterpret_cast<char*>(addresses.data()), wanted * 8}) != wanted * 8) return false;
    std::array<char, kLooked> bytes{};
    if (addresses[0] == 0 || addresses[0] % 8 != 0) return false;
    const std::size_t got = memory_.read(addresses[0], bytes);
    const binary::Reader g({bytes.data(), got}, false);
    if (const auto shift = main_entry_ == 0 ? std::nullopt : main_goroutine(runtime_, g, main_entry_)) {
      if (!sure_ || length > length_) take(address, length, *shift);
      sure_ = true;
      return true;
    }
    if (!sure_ && length >= 3 && length > length_ && all_plausible({addresses.data(), wanted}))
      take(address, length, {});
    return false;
  }

  bool finish() {
    if (address_ == 0) return false;
    runtime_.all_gs = address_;
    runtime_.main_goroutine = sure_;
    if (shift_.entry != 0 || shift_.number != 0) {
      move_layout(runtime_.layout.g, shift_);
      runtime_.calibrated = true;
      runtime_.warnings.emplace_back(
          "fields of goroutines stand elsewhere than in any known Go version: they were found by their values");
    }
    return true;
  }

 private:
  void take(std::uint64_t address, std::uint64_t length, const Shift& shift) {
    address_ = address;
    length_ = length;
    shift_ = shift;
  }

  // Main may have ended with Goexit and its g been used again: then all of the first must be goroutines, started at
  // entries of functions, with numbers of their own.
  bool all_plausible(std::span<const std::uint64_t> addresses) const {
    std::vector<std::uint64_t> numbers;
    for (const std::uint64_t address : addresses) {
      std::array<char, kLooked> bytes{};
      const std::size_t got = memory_.read(address, bytes);
      const std::string_view g(bytes.data(), got);
      if (address == 0 || !is_plausible_g(runtime_, g)) return false;
      const binary::Reader reader(g, false);
      const std::uint64_t number = reader.get<std::uint64_t>(runtime_.layout.g.goid).value_or(0);
      const std::uint64_t start = reader.get<std::uint64_t>(runtime_.layout.g.start_pc).value_or(0);
      const auto code = runtime_.table->unwind(runtime_.to_file(start), runtime_.to_file(start));
      if (number == 0 || !code || code->entry != runtime_.to_file(start)) return false;
      numbers.push_back(number);
    }
    std::ranges::sort(numbers);
    return std::ranges::adjacent_find(numbers) == numbers.end();
  }

  GoRuntime& runtime_;
  const Memory& memory_;
  std::uint64_t main_entry_ = 0;
  unsigned candidates_ = 0;
  std::uint64_t address_ = 0;
  std::uint64_t length_ = 0;
  Shift shift_;
  bool sure_ = false;
};

}  // namespace

bool is_plausible_g(const GoRuntime& runtime, std::string_view bytes) {
  const binary::Reader g(bytes, false);
  const G& layout = runtime.layout.g;
  if (bytes.size() < layout.size || !has_stack(g)) return false;
  if (!is_status(g.get<std::uint32_t>(layout.status).value_or(7))) return false;
  const std::uint64_t start = g.get<std::uint64_t>(layout.start_pc).value_or(0);
  return start == 0 || runtime.other_modules > 0 || runtime.text.contains(start);
}

Result<void> find_all_gs(GoRuntime& runtime) {
  Search search(runtime);
  if (const std::uint64_t symbol = runtime.target->object->elf().symbol("runtime.allgs"); symbol != 0) {
    std::array<std::uint64_t, 3> header{};
    const std::uint64_t address = symbol + runtime.bias;
    if (runtime.memory->read(address, {reinterpret_cast<char*>(header.data()), sizeof header}) == sizeof header &&
        search.try_header(address, header[0], header[1], header[2])) {
      runtime.way = GoRuntime::Way::Symbol;
      search.finish();
      return {};
    }
  }
  for (const AddressRange& range : runtime.data) {
    scan_words(*runtime.memory, range, 2, [&](std::uint64_t at, const std::vector<std::uint64_t>& words) {
      for (std::size_t i = 0; i + 2 < words.size(); ++i)
        search.try_header(at + i * 8, words[i], words[i + 1], words[i + 2]);
      return false;
    });
  }
  if (search.finish()) return {};
  return std::unexpected(Error{.code = Errc::Malformed,
                               .what =
                                   "no list of goroutines was found in the process's data: the memory may be cut off, "
                                   "or the executable another build"});
}

}  // namespace gopsy::process
