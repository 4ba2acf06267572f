#include "decode/traceback/grammar.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/text.h"
#include "decode/go_quoted.h"

namespace gopsy::decode::traceback {
namespace {

using namespace std::string_view_literals;

bool all_of_class(std::string_view text, bool (*belongs)(char)) {
  return !text.empty() && std::ranges::all_of(text, belongs);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

// Removes ` NAME=VALUE` from the end of `rest` if the last word has that name.
std::optional<std::uint64_t> take_last_word(std::string_view& rest, std::string_view prefix) {
  const auto at = rest.rfind(' ');
  if (at == std::string_view::npos) return std::nullopt;
  std::string_view word = rest.substr(at + 1);
  if (!consume(word, prefix)) return std::nullopt;
  const auto value = parse_hex(word);
  if (value) rest = rest.substr(0, at);
  return value;
}

// One key or value of a label list: quoted as strconv.Quote does it, or bare up to `stop`.
std::string take_label_text(std::string_view& rest, char stop) {
  if (auto quoted = consume_quoted(rest)) return std::move(*quoted);
  const std::size_t end = std::min(rest.find(stop), rest.size());
  std::string out(rest.substr(0, end));
  rest.remove_prefix(end);
  return out;
}

}  // namespace

std::optional<GoroutineHeader> goroutine_header(std::string_view line) {
  GoroutineHeader header;
  std::string_view rest = line;
  if (!consume(rest, "goroutine ")) return std::nullopt;
  const auto id = consume_decimal(rest);
  if (!id || !rest.ends_with(':')) return std::nullopt;
  header.id = *id;
  rest.remove_suffix(1);
  if (rest.starts_with(" gp=")) {
    header.has_gp = true;
    const std::size_t end = std::min(rest.find(" ["), rest.size());
    for (std::string_view word : split(rest.substr(1, end - 1), ' ')) {
      if (consume(word, "gp=")) header.gp = parse_hex(word).value_or(0);
      if (consume(word, "m=")) header.thread = parse_signed(word).value_or(-1);
    }
    rest.remove_prefix(end);
  }
  if (!consume(rest, " [")) return std::nullopt;
  // 1.27 prints the labels after the bracket, 1.26 inside it.
  const auto close = rest.starts_with("]") ? 0 : rest.find("] {");
  if (close != std::string_view::npos && rest.ends_with('}')) {
    header.labels = rest.substr(close + 3, rest.size() - close - 4);
    rest = rest.substr(0, close);
  } else if (rest.ends_with(']')) {
    rest.remove_suffix(1);
  } else {
    return std::nullopt;
  }
  const auto inside = rest.find(" labels:{");
  if (inside != std::string_view::npos && rest.ends_with('}')) {
    header.labels_in_brackets = true;
    header.labels = rest.substr(inside + 9, rest.size() - inside - 10);
    rest = rest.substr(0, inside);
  }
  std::string_view state = rest.substr(0, rest.find(", "));
  for (std::string_view attributes = rest.substr(state.size()); consume(attributes, ", ");) {
    std::string_view attribute = attributes.substr(0, attributes.find(", "));
    attributes.remove_prefix(attribute.size());
    if (attribute == "locked to thread") header.locked = true;
    if (consume(attribute, "synctest bubble ") || consume(attribute, "synctest group "))
      header.bubble = parse_decimal(attribute).value_or(0);
    if (attribute.ends_with(" minutes"))
      header.minutes = static_cast<std::uint32_t>(
          std::min<std::uint64_t>(parse_decimal(attribute.substr(0, attribute.size() - 8)).value_or(0), UINT32_MAX));
  }
  const auto strip = [&state](std::string_view mark) {
    if (!state.ends_with(mark)) return false;
    state.remove_suffix(mark.size());
    return true;
  };
  header.durable = strip(" (durable)");
  header.scanned = strip(" (scan)");
  header.leaked = strip(" (leaked)");
  header.state = state;
  return header;
}

std::vector<LabelPair> label_pairs(std::string_view labels) {
  std::vector<LabelPair> pairs;
  while (!labels.empty()) {
    LabelPair pair;
    pair.key = take_label_text(labels, ':');
    if (!consume(labels, ":")) return pairs;
    consume(labels, " ");
    pair.value = take_label_text(labels, ',');
    pairs.push_back(std::move(pair));
    if (!consume(labels, ",")) return pairs;
    consume(labels, " ");
  }
  return pairs;
}

std::optional<FunctionLine> function_line(std::string_view line) {
  if (!line.ends_with(')') || line.starts_with('\t') || line.starts_with(' ')) return std::nullopt;
  // rfind of the standard library goes byte by byte, and a dump has a million of these lines.
  const auto* const open = static_cast<const char*>(memrchr(line.data(), '(', line.size()));
  if (open == nullptr || open == line.data()) return std::nullopt;
  const std::string_view function(line.data(), open);
  // A name has no blanks outside the brackets of its type arguments; prose in parentheses has.
  const auto blank = function.find(' ');
  if (blank != std::string_view::npos && blank < function.find('[')) return std::nullopt;
  return FunctionLine{.function = function,
                      .args = line.substr(function.size() + 1, line.size() - function.size() - 2)};
}

std::optional<FileLine> file_line(std::string_view line) {
  if (!line.starts_with('\t') && !line.starts_with(' ')) return std::nullopt;
  return place_of_frame(trim(line));
}

std::optional<FileLine> place_of_frame(std::string_view text) {
  FileLine parts;
  std::string_view rest = text;
  parts.pc = take_last_word(rest, "pc=").value_or(0);
  parts.sp = take_last_word(rest, "sp=").value_or(0);
  parts.fp = take_last_word(rest, "fp=").value_or(0);
  parts.pc_offset = take_last_word(rest, "+").value_or(0);
  const auto colon = rest.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  const auto number = parse_decimal(rest.substr(colon + 1));
  if (!number || *number > UINT32_MAX) return std::nullopt;
  parts.file = rest.substr(0, colon);
  parts.line = static_cast<std::uint32_t>(*number);
  return parts;
}

std::optional<FileLine> trimmed_file_line(std::string_view line) {
  if (line.starts_with('\t') || line.starts_with(' ')) return std::nullopt;
  const auto parts = place_of_frame(line);
  if (!parts) return std::nullopt;
  const std::string_view file = parts->file;
  const bool source = file.ends_with(".go") || file.ends_with(".s") || file.ends_with(".c") ||
                      file == "<autogenerated>" || file == "??" || file.ends_with(".cc") || file.ends_with(".cpp") ||
                      file.ends_with(".h");
  return source ? parts : std::nullopt;
}

std::optional<CreatedBy> created_by(std::string_view line) {
  if (!consume(line, "created by ")) return std::nullopt;
  CreatedBy parts{.function = line};
  const auto at = line.rfind(" in goroutine ");
  if (at != std::string_view::npos) {
    parts.function = line.substr(0, at);
    parts.goroutine = parse_decimal(line.substr(at + 14)).value_or(0);
  }
  return parts;
}

std::optional<std::uint64_t> elided(std::string_view line) {
  if (!consume(line, "...")) return std::nullopt;
  if (line == "additional frames elided...") return model::Goroutine::kElidedUnknown;
  const auto count = consume_decimal(line);
  return line == " frames elided..." ? count : std::nullopt;
}

std::optional<std::uint64_t> ancestor_header(std::string_view line) {
  if (!consume(line, "[originating from goroutine ")) return std::nullopt;
  const auto id = consume_decimal(line);
  return line == "]:" ? id : std::nullopt;
}

PanicLine panic_line(std::string_view after_prefix) {
  PanicLine parts{.text = after_prefix};
  const auto strip = [&parts](std::string_view mark) {
    if (!parts.text.ends_with(mark)) return false;
    parts.text.remove_suffix(mark.size());
    return true;
  };
  parts.repanicked = strip(" [recovered, repanicked]");
  parts.recovered = parts.repanicked || strip(" [recovered]");
  return parts;
}

std::optional<model::Signal> signal_line(std::string_view line, std::string_view& name) {
  if (!consume(line, "[signal ") || !line.ends_with(']')) return std::nullopt;
  line.remove_suffix(1);
  model::Signal signal;
  signal.pc = take_last_word(line, "pc=");
  signal.address = take_last_word(line, "addr=");
  signal.code = static_cast<std::int64_t>(take_last_word(line, "code=").value_or(0));
  name = line;
  return signal;
}

bool is_signal_name(std::string_view line) {
  const auto colon = line.find(": ");
  if (!line.starts_with("SIG") || colon == std::string_view::npos) return false;
  return all_of_class(line.substr(3, colon - 3), [](char c) { return is_upper(c) || is_digit(c); });
}

std::optional<model::Signal> windows_exception(std::string_view line, std::string_view& name) {
  if (!line.starts_with("Exception 0x")) return std::nullopt;
  const auto words = split(line, ' ');
  if (words.size() != 5) return std::nullopt;
  std::array<std::uint64_t, 4> numbers{};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto number = words[i + 1].starts_with("0x") ? parse_hex(words[i + 1]) : std::nullopt;
    if (!number) return std::nullopt;
    numbers[i] = *number;
  }
  name = line.substr(0, words[0].size() + 1 + words[1].size());
  model::Signal signal;
  signal.code = static_cast<std::int64_t>(numbers[0]);
  signal.address = numbers[2];
  signal.pc = numbers[3];
  return signal;
}

std::optional<SignalHeader> signal_header(std::string_view line) {
  if (!consume(line, "PC=")) return std::nullopt;
  SignalHeader header;
  const auto pc = consume_hex(line);
  if (!pc) return std::nullopt;
  header.pc = *pc;
  for (const std::string_view word : split(line, ' ')) {
    std::string_view value = word;
    // The runtime prints the signed si_code as unsigned: 18446744073709551610 is -6.
    if (consume(value, "sigcode=")) header.code = static_cast<std::int64_t>(parse_decimal(value).value_or(0));
    if (consume(value, "addr=")) header.address = parse_hex(value);
    if (consume(value, "m=")) header.thread = parse_signed(value).value_or(-1);
  }
  return header;
}

std::vector<RegisterWord> register_line(std::string_view line) {
  constexpr std::string_view kBlanks = " \t";
  std::vector<RegisterWord> registers;
  for (std::string_view rest = line; !rest.empty();) {
    const auto blank = rest.find_first_of(kBlanks);
    if (blank == std::string_view::npos || blank < 2 || blank > 6) return {};
    const std::string_view name = rest.substr(0, blank);
    if (!all_of_class(name, [](char c) { return is_digit(c) || (c >= 'a' && c <= 'z'); })) return {};
    rest.remove_prefix(std::min(rest.find_first_not_of(kBlanks, blank), rest.size()));
    if (!rest.starts_with("0x")) return {};
    const auto value = consume_hex(rest);
    if (!value) return {};
    registers.push_back({.name = name, .value = *value});
    if (!rest.empty() && !kBlanks.contains(rest[0])) return {};
    rest.remove_prefix(std::min(rest.find_first_not_of(kBlanks), rest.size()));
  }
  return registers;
}

bool is_lead(std::string_view line) {
  constexpr std::array kPrefixes{
      "runtime: "sv,
      "runtime/cgo: "sv,
      "unexpected fault address "sv,
      "accessed data from freed user arena"sv,
      "double free or "sv,
      "free(): "sv,
      "malloc(): "sv,
      "malloc_consolidate(): "sv,
      "realloc(): "sv,
      "munmap_chunk(): "sv,
      "corrupted size vs. "sv,
      "*** stack smashing detected ***"sv,
      "*** buffer overflow "sv,
      "corrupted double-linked"sv,
  };
  return std::ranges::any_of(kPrefixes, [line](std::string_view prefix) { return line.starts_with(prefix); });
}

bool is_unwind_noise(std::string_view line) {
  if (line.starts_with("runtime: g ") || line.starts_with("stack: frame={") ||
      line.starts_with("runtime: unexpected return pc"))
    return true;
  if (!line.starts_with("0x")) return false;
  const auto colon = line.find(':');
  return colon != std::string_view::npos && parse_hex(line.substr(0, colon)).has_value();
}

bool is_notice(std::string_view line) {
  return line.starts_with("exit status ") || line.starts_with("signal: ") || line.contains("http: panic serving ") ||
         line.contains("GODEBUG=") || line.contains("GOTRACEBACK=") || line.contains("GOMEMLIMIT=");
}

}  // namespace gopsy::decode::traceback
