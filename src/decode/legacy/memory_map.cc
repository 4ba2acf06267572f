#include "decode/legacy/memory_map.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "decode/legacy/fields.h"

namespace gopsy::decode {
namespace {

using Mapping = model::Profile::Mapping;

constexpr std::size_t kMostAssignments = 64;
constexpr std::size_t kMostLine = std::size_t{64} << 10;

// "I0102 15:04:05.1 77 file.cc:12] what was logged".
std::string_view without_log_prefix(std::string_view line) {
  const auto bracket = line.find_first_of("[]");
  if (bracket == std::string_view::npos || line[bracket] != ']' || bracket + 1 >= line.size()) return line;
  if (line[bracket + 1] != ' ' && line[bracket + 1] != '\t') return line;
  const std::string_view prefix = line.substr(0, bracket);
  const auto colon = prefix.rfind(':');
  if (colon == std::string_view::npos || colon == 0 || !parse_decimal(prefix.substr(colon + 1))) return line;
  return line.substr(bracket + 2);
}

class Assignments {
 public:
  // `line` with the names replaced; empty where that would make it too long.
  std::string_view apply(std::string_view line) {
    if (all_.empty() || !line.contains('$')) return line;
    text_.clear();
    while (!line.empty()) {
      const auto dollar = std::min(line.size(), line.find('$'));
      text_ += line.substr(0, dollar);
      line.remove_prefix(dollar);
      const auto found = std::ranges::find_if(all_, [&](const auto& pair) { return line.starts_with(pair.first); });
      const std::size_t taken = line.empty() ? 0 : found == all_.end() ? 1 : found->first.size();
      text_ += found == all_.end() ? line.substr(0, taken) : std::string_view(found->second);
      line.remove_prefix(taken);
      if (text_.size() > kMostLine) return {};
    }
    return text_;
  }

  void take(std::string_view line) {
    const auto equals = line.find('=');
    if (equals == std::string_view::npos || all_.size() == kMostAssignments || line.size() > kMostLine) return;
    all_.emplace_back("$" + std::string(trim(line.substr(0, equals))), std::string(trim(line.substr(equals + 1))));
  }

 private:
  std::vector<std::pair<std::string, std::string>> all_;
  std::string text_;
};

std::string_view next_word(std::string_view text) {
  skip_blanks(text);
  return text.substr(0, std::min(text.size(), text.find_first_of(" \t")));
}

std::string_view take_word(std::string_view& text) {
  skip_blanks(text);
  const std::string_view word = next_word(text);
  text.remove_prefix(word.size());
  return word;
}

// "400000-401000", "0x400000 0x401000:".
bool take_range(std::string_view& line, Mapping& mapping) {
  skip_blanks(line);
  const auto start = consume_hex(line);
  if (!start || line.empty() || (line[0] != '-' && line[0] != ' ' && line[0] != '\t')) return false;
  line.remove_prefix(1);
  skip_blanks(line);
  const auto limit = consume_hex(line);
  if (!limit) return false;
  mapping.start = *start;
  mapping.limit = *limit;
  consume(line, ":");
  return line.empty() || line[0] == ' ' || line[0] == '\t';
}

bool is_device(std::string_view word) {
  const auto colon = word.find(':');
  return colon != std::string_view::npos && parse_hex(word.substr(0, colon)) && parse_hex(word.substr(colon + 1));
}

// "00002000 08:01 4242 /lib/x.so" behind the permissions: what /proc writes. The offset may be missing.
bool take_proc_fields(std::string_view& line, Mapping& mapping) {
  std::string_view rest = line;
  std::string_view word = take_word(rest);
  if (const auto offset = parse_hex(word); offset && !is_device(word)) {
    mapping.offset = *offset;
    word = take_word(rest);
  }
  const std::string_view inode = take_word(rest);
  if (!is_device(word) || !parse_decimal(inode)) {
    mapping.offset = 0;
    return false;
  }
  line = rest;
  return true;
}

// Nothing if the line is no mapping; one that cannot be executed has `limit` 0.
std::optional<Mapping> parse_mapping(std::string_view line, model::Symbols& symbols) {
  Mapping mapping;
  if (!take_range(line, mapping)) return std::nullopt;
  if (const auto word = next_word(line); !word.empty() && word.find_first_not_of("-rwxps") == std::string_view::npos) {
    take_word(line);
    if (!word.contains('x')) return Mapping{};
  }
  if (take_proc_fields(line, mapping)) {
    mapping.file = symbols.intern(take_word(line));
    return mapping;
  }
  mapping.file = symbols.intern(take_word(line));
  if (std::string_view word = next_word(line); consume(word, "(@") && word.ends_with(')')) {
    const auto offset = parse_hex(word.substr(0, word.size() - 1));
    if (offset) {
      mapping.offset = *offset;
      take_word(line);
    }
  }
  const std::string_view build_id = next_word(line);
  mapping.build_id = symbols.intern(
      build_id.substr(0, std::min(build_id.size(), build_id.find_first_not_of("0123456789abcdefABCDEF"))));
  return mapping;
}

}  // namespace

std::vector<Mapping> read_memory_map(LineReader& lines, model::Symbols& symbols) {
  std::vector<Mapping> mappings;
  Assignments assignments;
  while (lines.next()) {
    const std::string_view line = assignments.apply(without_log_prefix(lines.line()));
    const auto mapping = parse_mapping(line, symbols);
    if (!mapping) {
      assignments.take(line);
    } else if (mapping->limit != 0) {
      mappings.push_back(*mapping);
    }
  }
  return mappings;
}

}  // namespace gopsy::decode
