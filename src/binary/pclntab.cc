#include "binary/pclntab.h"

#include <algorithm>

namespace gopsy::binary {
namespace {

constexpr std::uint32_t kNoData = UINT32_MAX;
// internal/abi/funcpc.go, symtab.go: PCDATA_* and FUNCDATA_*.
constexpr unsigned kInlineIndex = 2;
constexpr unsigned kLivenessIndex = 3;
constexpr unsigned kInlineTree = 3;
constexpr unsigned kOpenDefers = 4;
constexpr unsigned kArgumentInfo = 5;
constexpr unsigned kArgumentLiveness = 6;
constexpr unsigned kMostInlined = 1000;
constexpr std::uint32_t kMostCalls = 1U << 16;

// Number of 4-byte words of a _func behind its entry.
enum Field : unsigned {
  kName = 0,
  kDeferReturn = 2,
  kStackUse = 3,
  kFile = 4,
  kLine = 5,
  kDataCount = 6,
  kUnit = 7,
  kStartLine = 8
};

std::uint32_t varint(const Reader& bytes, std::uint64_t& at) {
  std::uint32_t value = 0;
  for (unsigned shift = 0; shift < 35; shift += 7) {
    const auto byte = bytes.get<std::uint8_t>(at++);
    if (!byte) return 0;
    value |= std::uint32_t{*byte & 0x7Fu} << (shift & 31U);
    if (*byte < 0x80) break;
  }
  return value;
}

}  // namespace

std::string_view Pclntab::layout() const {
  switch (layout_) {
    case Layout::Go12: return "1.2";
    case Layout::Go116: return "1.16";
    case Layout::Go118: return "1.18";
    case Layout::Go120: return "1.20";
  }
  return {};
}

std::size_t Pclntab::find(std::uint64_t address) const {
  // The first entry above the address; the one before it has it. The last entry is the end of the last function.
  std::size_t low = 0;
  std::size_t high = count_;
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (entry(middle) <= address) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == 0 || (low == count_ && address >= entry(count_))) return kNone;
  return low - 1;
}

std::uint64_t Pclntab::entry(std::size_t index) const {
  if (layout_ >= Layout::Go118) return text_ + functions_.get<std::uint32_t>(index * 8).value_or(0);
  return module_word(functions_address_ + index * 2 * word_);
}

Pclntab::FunctionInfo Pclntab::info(std::size_t index) const {
  if (layout_ >= Layout::Go118)
    return {.entry = entry(index), .at = functions_.get<std::uint32_t>(index * 8 + 4).value_or(0)};
  return {.entry = entry(index), .at = functions_.word((index * 2 + 1) * word_, word_).value_or(0)};
}

std::uint32_t Pclntab::field(const FunctionInfo& function, unsigned number) const {
  const unsigned entry_size = layout_ >= Layout::Go118 ? 4 : word_;
  return functions_.get<std::uint32_t>(function.at + entry_size + std::uint64_t{4} * number).value_or(0);
}

// Pairs of a change of the value and a distance in code, until a change of 0 that is not the first.
std::int64_t Pclntab::value_at(const FunctionInfo& function, std::uint32_t table, std::uint64_t address) const {
  if (table == 0) return -1;
  std::uint64_t at = table;
  std::uint64_t code = function.entry;
  std::int32_t value = -1;
  for (bool first = true; at < values_.size(); first = false) {
    const std::uint32_t change = varint(values_, at);
    if (change == 0 && !first) return -1;
    const std::uint32_t step = (change & 1) != 0 ? ~(change >> 1) : change >> 1;
    value = static_cast<std::int32_t>(static_cast<std::uint32_t>(value) + step);
    code += std::uint64_t{varint(values_, at)} * quantum_;
    if (address < code) return value;
  }
  return -1;
}

std::string_view Pclntab::file(const FunctionInfo& function, std::int64_t number) const {
  if (number < 0) return {};
  const auto index = static_cast<std::uint64_t>(number);
  if (layout_ == Layout::Go12) return names_.text(files_.get<std::uint32_t>(4 * index).value_or(0));
  const auto offset = units_.get<std::uint32_t>(4 * (field(function, kUnit) + index));
  return !offset || *offset == kNoData ? std::string_view{} : files_.text(*offset);
}

SourceFrame Pclntab::place(const FunctionInfo& function, std::uint64_t address) const {
  SourceFrame frame;
  frame.file = file(function, value_at(function, field(function, kFile), address));
  frame.line = std::max<std::int64_t>(0, value_at(function, field(function, kLine), address));
  return frame;
}

std::uint64_t Pclntab::function_data(const FunctionInfo& function, unsigned number) const {
  // Behind the fixed part of the _func stand the offsets of its tables by code, then those of its data.
  const std::uint64_t entry_size = layout_ >= Layout::Go118 ? 4 : word_;
  const std::uint64_t fixed = function.at + entry_size + (layout_ == Layout::Go120 ? 40 : 36);
  const std::uint8_t data = functions_.get<std::uint8_t>(fixed - 1).value_or(0);
  if (data <= number) return 0;
  const std::uint64_t list = fixed + std::uint64_t{4} * field(function, kDataCount);
  if (layout_ >= Layout::Go118) {
    const std::uint32_t offset = functions_.get<std::uint32_t>(list + std::uint64_t{4} * number).value_or(kNoData);
    return offset == kNoData || go_func_ == 0 ? 0 : go_func_ + offset;
  }
  const std::uint64_t address = functions_address_ + (list + word_ - 1) / word_ * word_;
  return module_word(address + std::uint64_t{word_} * number);
}

std::uint32_t Pclntab::code_data(const FunctionInfo& function, unsigned number) const {
  if (field(function, kDataCount) <= number) return 0;
  return field(function, (layout_ == Layout::Go120 ? 10 : 9) + number);
}

std::optional<Pclntab::Unwind> Pclntab::unwind(std::uint64_t address, std::uint64_t call) const {
  const std::size_t index = has_flags() ? find(address) : kNone;
  if (index == kNone) return std::nullopt;
  const FunctionInfo function = info(index);
  Unwind unwind{.name = name(field(function, kName)), .entry = function.entry, .end = entry(index + 1)};
  // The last four bytes of the fixed part: funcID, flag, a pad, the number of data.
  unwind.flags = functions_.get<std::uint8_t>(function.at + (layout_ == Layout::Go120 ? 41 : 37)).value_or(0);
  unwind.defers = field(function, kDeferReturn) != 0;
  unwind.id = functions_.get<std::uint8_t>(function.at + (layout_ == Layout::Go120 ? 40 : 36)).value_or(0);
  if (const std::uint32_t table = field(function, kStackUse); table != 0) {
    const std::int64_t bytes = value_at(function, table, address);
    if (bytes >= 0) unwind.frame_bytes = bytes;
  }
  unwind.argument_info = function_data(function, kArgumentInfo);
  unwind.argument_liveness = function_data(function, kArgumentLiveness);
  unwind.open_defers = function_data(function, kOpenDefers);
  unwind.liveness_index = value_at(function, code_data(function, kLivenessIndex), call);
  return unwind;
}

Pclntab::InlineTree Pclntab::inline_tree(std::uint64_t address) const {
  InlineTree result;
  const std::size_t index = has_flags() ? find(address) : kNone;
  if (index == kNone) return result;
  const FunctionInfo function = info(index);
  const std::uint64_t tree = function_data(function, kInlineTree);
  std::uint64_t at = code_data(function, kInlineIndex);
  if (at == 0 || tree == 0) return result;
  // As `value_at`, but all of it.
  const std::uint64_t end = entry(index + 1);
  std::uint64_t code = function.entry;
  std::int32_t value = -1;
  std::uint32_t count = 0;
  for (bool first = true; at < values_.size() && code < end; first = false) {
    const std::uint32_t change = varint(values_, at);
    if (change == 0 && !first) break;
    const std::uint32_t step = (change & 1) != 0 ? ~(change >> 1) : change >> 1;
    value = static_cast<std::int32_t>(static_cast<std::uint32_t>(value) + step);
    const std::uint64_t start = code;
    code += std::uint64_t{varint(values_, at)} * quantum_;
    const bool is_call = value >= 0 && static_cast<std::uint32_t>(value) < kMostCalls;
    result.runs.push_back(
        {.start = start, .end = code, .call = is_call ? static_cast<std::uint32_t>(value) : InlineTree::kNoCall});
    if (is_call) count = std::max(count, static_cast<std::uint32_t>(value) + 1);
  }
  const bool is_new = layout_ == Layout::Go120;
  const std::uint64_t entry_size = is_new ? 16 : 20;
  const Reader fields(elf_->memory(tree, count * entry_size), functions_.big_endian());
  for (std::uint64_t i = 0; i < count; ++i)
    result.calls.push_back(
        {.name = name(fields.get<std::uint32_t>(i * entry_size + (is_new ? 4 : 12)).value_or(0)),
         .made_at = function.entry + fields.get<std::uint32_t>(i * entry_size + (is_new ? 8 : 16)).value_or(0)});
  return result;
}

std::optional<Pclntab::Function> Pclntab::function_named(std::string_view name) const {
  for (std::size_t i = 0; i < count_; ++i)
    if (this->name(field(info(i), kName)) == name) return function(i);
  return std::nullopt;
}

std::vector<SourceFrame> Pclntab::frames(std::uint64_t address) const {
  std::vector<SourceFrame> frames;
  const std::size_t index = find(address);
  if (index == kNone) return frames;
  const FunctionInfo function = info(index);
  const std::uint32_t table = code_data(function, kInlineIndex);
  const std::uint64_t tree = table == 0 ? 0 : function_data(function, kInlineTree);
  if (tree != 0 && layout_ != Layout::Go12) {
    const bool is_new = layout_ == Layout::Go120;
    const std::uint64_t entry_size = is_new ? 16 : 20;
    for (unsigned depth = 0; depth < kMostInlined; ++depth) {
      const std::int64_t call = value_at(function, table, address);
      if (call < 0) break;
      const std::string_view content = elf_->memory(tree + static_cast<std::uint64_t>(call) * entry_size, entry_size);
      if (content.size() < entry_size) break;
      const Reader fields(content, functions_.big_endian());
      SourceFrame frame = place(function, address);
      frame.function = name(fields.get<std::uint32_t>(is_new ? 4 : 12).value_or(0));
      if (is_new) frame.start_line = fields.get<std::uint32_t>(12).value_or(0);
      frames.push_back(std::move(frame));
      // Where the call was made: an instruction of the caller.
      address = function.entry + fields.get<std::uint32_t>(is_new ? 8 : 16).value_or(0);
    }
  }
  SourceFrame frame = place(function, address);
  frame.function = name(field(function, kName));
  if (layout_ == Layout::Go120) frame.start_line = field(function, kStartLine);
  frames.push_back(std::move(frame));
  return frames;
}

Pclntab::Function Pclntab::function(std::size_t index) const {
  return {.name = name(field(info(index), kName)), .start = entry(index), .end = entry(index + 1)};
}

}  // namespace gopsy::binary
