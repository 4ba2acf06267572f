#include "app/pprof/kernel_symbols.h"

#include <algorithm>
#include <string>

#include "base/text.h"
#include "io/file.h"

namespace gopsy::pprof {
namespace {

struct Symbol {
  std::uint64_t address = 0;
  std::string name;
};

// "ffffffff81000000 T _text" a line, with "\t[module]" behind those of modules.
std::vector<Symbol> read_kallsyms() {
  std::vector<Symbol> symbols;
  constexpr std::uint64_t kMostBytes = std::uint64_t{256} << 20;
  const auto content = io::read_whole("/proc/kallsyms", kMostBytes);
  if (!content) return symbols;
  LineReader lines(content->view());
  while (lines.next()) {
    std::string_view line = lines.line();
    const auto address = consume_hex(line);
    if (!address || *address == 0 || line.size() < 4) continue;
    const char type = line[1];
    if (type != 't' && type != 'T' && type != 'w' && type != 'W') continue;
    const std::string_view name = line.substr(3);
    symbols.push_back({.address = *address, .name = std::string(name.substr(0, name.find('\t')))});
  }
  std::ranges::stable_sort(symbols, {}, &Symbol::address);
  return symbols;
}

}  // namespace

std::vector<binary::SourceFrame> kernel_frames(std::uint64_t address) {
  static const std::vector<Symbol> symbols = read_kallsyms();
  const auto after = std::ranges::upper_bound(symbols, address, {}, &Symbol::address);
  if (after == symbols.begin()) return {};
  return {{.function = std::prev(after)->name, .file = {}}};
}

}  // namespace gopsy::pprof
