#include "binary/object.h"

#include <sys/auxv.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "binary/native_symbols.h"
#include "io/file.h"

namespace gopsy::binary {

Object::Object(Object&&) noexcept = default;
Object& Object::operator=(Object&&) noexcept = default;
Object::~Object() = default;

Result<Object> Object::open(const std::string& path) {
  auto bytes = io::read_whole(path, UINT64_MAX);
  if (!bytes) return std::unexpected(bytes.error());
  return of(std::move(*bytes), path);
}

Result<Object> Object::of(io::Bytes bytes, std::string path) {
  Object object;
  object.bytes_ = std::move(bytes);
  object.path_ = std::move(path);
  auto elf = Elf::open(object.bytes_.view());
  if (!elf) return std::unexpected(elf.error());
  object.elf_ = std::make_unique<Elf>(std::move(*elf));
  if (auto table = Pclntab::open(*object.elf_)) object.pclntab_ = std::move(*table);
  return object;
}

Result<Object> Object::vdso() {
  const auto* const at = reinterpret_cast<const char*>(::getauxval(AT_SYSINFO_EHDR));
  constexpr std::size_t kHeader = 64;
  if (at == nullptr || !Elf::is_elf(std::string_view(at, 4)))
    return std::unexpected(Error{.code = Errc::Unsupported, .what = "the kernel maps no vdso"});
  // Its section table lies behind everything else, and all of it is mapped.
  const Reader header(std::string_view(at, kHeader), /*big_endian=*/false);
  const std::uint64_t sections = header.get<std::uint64_t>(40).value_or(0);
  const std::uint64_t count = header.get<std::uint16_t>(60).value_or(0);
  const std::uint64_t size = sections + count * header.get<std::uint16_t>(58).value_or(0);
  constexpr std::uint64_t kMostBytes = std::uint64_t{64} << 10;
  if (size > kMostBytes)
    return std::unexpected(Error{.code = Errc::Unsupported, .what = "the vdso has {} bytes", .a = size});
  auto* const copy = static_cast<char*>(std::malloc(size));
  if (copy == nullptr) return std::unexpected(Error{.code = Errc::Io, .what = "no memory for the vdso"});
  std::memcpy(copy, at, size);
  return of(io::Bytes::allocated(copy, size), "[vdso]");
}

std::uint64_t Object::bias(const Mapped& mapped) const {
  if (!elf_->relocatable() || mapped.start == 0) return 0;
  // The segment that the mapping begins in, or, where a loader maps page by page, lies in.
  for (const Segment& segment : elf_->segments()) {
    constexpr std::uint64_t kPage = 4096;
    const std::uint64_t first = segment.offset / kPage * kPage;
    if (!segment.executable || mapped.offset < first || mapped.offset >= segment.offset + segment.file_size) continue;
    return mapped.start - mapped.offset + segment.offset - segment.address;
  }
  return mapped.start - mapped.offset;
}

NativeSymbols* Object::native() {
  if (!native_tried_) {
    native_tried_ = true;
    if (path_ != "[vdso]") native_ = NativeSymbols::open(path_);
  }
  return native_.get();
}

std::vector<StructField> Object::struct_fields(std::string_view unit, std::string_view type) {
  NativeSymbols* const symbols = native();
  return symbols == nullptr ? std::vector<StructField>{} : symbols->fields(unit, type);
}

std::vector<SourceFrame> Object::frames(std::uint64_t address, bool fast) {
  if (pclntab_) {
    auto frames = pclntab_->frames(address);
    if (!frames.empty()) return frames;
  }
  if (NativeSymbols* const symbols = fast ? nullptr : native()) {
    auto frames = symbols->frames(address);
    if (!frames.empty()) return frames;
  }
  const Function* const function = function_at(address);
  if (function == nullptr) return {};
  return {{.function = std::string(function->name), .file = {}}};
}

const std::vector<Object::Function>& Object::functions() {
  if (functions_) return *functions_;
  functions_.emplace();
  const auto symbols = elf_->functions();
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    const auto& symbol = symbols[i];
    std::uint64_t end = symbol.address + symbol.size;
    // Hand-written code has symbols without a size: they reach up to the next.
    if (symbol.size == 0) {
      const auto next = std::ranges::upper_bound(symbols, symbol.address, {}, &FunctionSymbol::address);
      end = next == symbols.end() ? symbol.address + 1 : next->address;
    }
    functions_->push_back({.name = symbol.name, .start = symbol.address, .end = end});
  }
  if (functions_->empty() && pclntab_) {
    for (std::size_t i = 0; i < pclntab_->function_count(); ++i) {
      const auto function = pclntab_->function(i);
      functions_->push_back({.name = function.name, .start = function.start, .end = function.end});
    }
  }
  return *functions_;
}

const Object::Function* Object::function_at(std::uint64_t address) {
  const auto& all = functions();
  auto after = std::ranges::upper_bound(all, address, {}, &Function::start);
  // Symbols may lie inside others; a few steps back find the one around.
  for (int steps = 0; after != all.begin() && steps < 16; ++steps) {
    --after;
    if (address < after->end) return &*after;
  }
  return nullptr;
}

}  // namespace gopsy::binary
