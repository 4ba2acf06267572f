#include "decode/goroutine_profile/goroutine_profile.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/text.h"
#include "decode/go_quoted.h"
#include "decode/legacy/fields.h"
#include "decode/legacy/go_stack.h"
#include "decode/legacy/memory_map.h"
#include "decode/profile_builder.h"
#include "decode/version_marks.h"

namespace gopsy::decode {
namespace {

struct Header {
  std::string_view name;
  std::uint64_t total = 0;
};

// "goroutine profile: total 46". A heap profile says "heap profile: 1: 1024 [...", which has no "total".
std::optional<Header> parse_header(std::string_view line) {
  const auto name = consume_until(line, " profile: total ");
  if (!name || name->empty() || name->find_first_of(" \t") != std::string_view::npos) return std::nullopt;
  const auto total = parse_decimal(trim(line));
  if (!total) return std::nullopt;
  return Header{.name = *name, .total = *total};
}

// "5 @ 0x43b196 0x407e9b": the count, and the addresses in `rest`.
std::optional<std::uint64_t> parse_block(std::string_view& rest) {
  std::string_view line = rest;
  const auto count = consume_decimal(line);
  if (!count || !consume(line, " @")) return std::nullopt;
  if (!line.empty() && line[0] != ' ') return std::nullopt;
  rest = line;
  return count;
}

class Reader {
 public:
  Reader(model::Profile& profile, model::Symbols& symbols)
      : profile_(profile), symbols_(symbols), builder_(profile), stack_(symbols, builder_) {}

  void read(LineReader& lines, std::uint64_t total) {
    while (lines.next()) {
      std::string_view line = trim(lines.line());
      if (line.starts_with('#')) {
        line.remove_prefix(1);
        if (open_) annotation(trim(line));
      } else if (const auto count = parse_block(line)) {
        close();
        open(*count, line);
      } else if (starts_memory_map(line)) {
        break;
      } else if (!line.empty()) {
        ++strange_lines_;
      }
    }
    close();
    counts_.read = std::max(total, placed_);
    counts_.kept = placed_;
    counts_.skip("announced by the total, but not there", counts_.read - placed_);
  }

  std::vector<model::Counts> counts(std::string what) {
    counts_.what = std::move(what);
    std::vector<model::Counts> all{counts_};
    if (strange_lines_ != 0) {
      all.push_back({.what = "lines outside the grammar", .read = strange_lines_});
      all.back().skip("neither a block nor a frame", strange_lines_);
    }
    return all;
  }

 private:
  void open(std::uint64_t count, std::string_view addresses) {
    open_ = true;
    count_ = count;
    if (!stack_.open(addresses)) ++strange_lines_;
  }

  // What follows the '#': labels or a frame.
  void annotation(std::string_view text) {
    if (consume(text, "labels: {")) return labels(text);
    if (!stack_.frame(text)) ++strange_lines_;
  }

  void labels(std::string_view text) {
    while (!text.empty() && text[0] == '"') {
      const auto key = consume_quoted(text);
      if (!key || !consume(text, ":")) break;
      const auto value = consume_quoted(text);
      if (!value) break;
      profile_.labels.push_back({.key = symbols_.intern(*key), .text = symbols_.intern(*value)});
      consume(text, ", ");
    }
    if (text != "}") ++strange_lines_;
  }

  void close() {
    if (!open_) return;
    open_ = false;
    const std::uint64_t room = INT64_MAX - placed_;
    const std::uint64_t count = std::min(count_, room);
    placed_ += count;
    add_sample(profile_, stack_.close(), {static_cast<std::int64_t>(count)});
  }

  model::Profile& profile_;
  model::Symbols& symbols_;
  ProfileBuilder builder_;
  GoStack stack_;
  model::Counts counts_;
  std::uint64_t placed_ = 0;
  std::uint64_t strange_lines_ = 0;
  bool open_ = false;
  std::uint64_t count_ = 0;
};

std::optional<Header> find_header(LineReader& lines) {
  while (lines.next())
    if (const auto header = parse_header(trim(lines.line()))) return header;
  return std::nullopt;
}

// Certain if a block follows the header; nothing is a profile of its own that has none (yet).
Match sniff(std::string_view head) {
  LineReader lines(head);
  if (!find_header(lines)) return Match::No;
  const bool at_start = lines.number() == 1;
  while (lines.next()) {
    std::string_view line = trim(lines.line());
    if (line.empty()) continue;
    if (parse_block(line)) return Match::Certain;
    return at_start ? Match::Maybe : Match::No;
  }
  return at_start ? Match::Certain : Match::Maybe;
}

Result<model::Evidence> decode(std::string_view bytes, model::Symbols& symbols) {
  LineReader lines(bytes);
  const auto header = find_header(lines);
  if (!header) return std::unexpected(Error{.code = Errc::Malformed, .what = "no line says `NAME profile: total N`"});

  model::Evidence evidence;
  model::Profile& profile = evidence.profile.emplace();
  const model::ValueType type{.type = symbols.intern(header->name), .unit = symbols.intern("count")};
  profile.types.push_back(type);
  profile.period_type = type;
  profile.period = 1;
  Reader reader(profile, symbols);
  reader.read(lines, header->total);
  place_mappings(profile, read_memory_map(lines, symbols), symbols);
  drop_known_frames(profile, symbols);
  const std::string_view name = header->name;
  const bool goroutines = name == "goroutine" || name == "goroutineleak";
  evidence.counts = reader.counts(goroutines ? "goroutines" : name == "threadcreate" ? "threads" : "counted");
  evidence.kind = name == "goroutineleak" ? "goroutine leak profile" : shorten(printable(name), 40) + " profile";
  if (name == "goroutineleak") evidence.go_version.at_least(26, "a goroutineleak profile");
  for (const auto& function : profile.functions)
    note_version(evidence.go_version, symbols.text(function.name), symbols.text(function.file));
  return evidence;
}

}  // namespace

constinit const Decoder kGoroutineProfile{
    .name = "goroutine-profile",
    .title = "goroutine profile (debug=1)",
    .summary = "stacks with counts as text, from /debug/pprof/goroutine?debug=1, threadcreate and goroutineleak",
    .sniff = sniff,
    .decode = decode,
};

}  // namespace gopsy::decode
