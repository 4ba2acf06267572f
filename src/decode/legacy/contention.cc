#include <optional>
#include <string>

#include "base/text.h"
#include "decode/legacy/fields.h"
#include "decode/legacy/go_stack.h"
#include "decode/legacy/legacy.h"
#include "decode/legacy/memory_map.h"
#include "decode/version_marks.h"

namespace gopsy::decode {
namespace {

struct Header {
  std::string_view kind;
  std::int64_t cycles_per_second = 0;
  std::int64_t period = 1;
  std::int64_t milliseconds = 0;
  std::int64_t discarded = 0;
  bool java = false;
};

constexpr std::string_view kMutex = "mutex profile";

std::string_view kind_of(std::string_view line) {
  if (line.starts_with("--- mutex:")) return kMutex;
  if (line.starts_with("--- contention:")) return "block profile";
  if (line.starts_with("--- contentionz ")) return "contention profile";
  return {};
}

// Reads on until a line is neither a comment nor "KEY = VALUE"; that one is the reader's line then. Nothing if the
// first line is not that of such a profile, or a number is none.
std::optional<Header> read_header(LineReader& lines, bool& more) {
  Header header;
  do {
    if (!lines.next()) return std::nullopt;
    header.kind = kind_of(trim(lines.line()));
  } while (trim(lines.line()).empty());
  if (header.kind.empty()) return std::nullopt;
  while ((more = lines.next())) {
    const std::string_view line = trim(lines.line());
    if (line.empty() || line[0] == '#') continue;
    const auto equals = line.find('=');
    if (line.starts_with("---") || equals == std::string_view::npos) break;
    const std::string_view key = trim(line.substr(0, equals));
    const auto value = parse_signed(trim(line.substr(equals + 1)));
    std::int64_t* const into = key == "cycles/second"       ? &header.cycles_per_second
                               : key == "sampling period"   ? &header.period
                               : key == "ms since reset"    ? &header.milliseconds
                               : key == "discarded samples" ? &header.discarded
                                                            : nullptr;
    if (key == "format" || key == "resolution") header.java = true;
    if (into == nullptr) continue;
    if (!value) return std::nullopt;
    *into = *value;
  }
  return header;
}

class Reader {
 public:
  Reader(const Header& header, model::Profile& profile, model::Symbols& symbols)
      : header_(header), profile_(profile), builder_(profile), stack_(symbols, builder_) {}

  // From the reader's line on, if there is `more`.
  void read(LineReader& lines, bool more) {
    for (; more; more = lines.next()) {
      const std::string_view line = trim(lines.line());
      if (line.starts_with("---")) break;
      if (line.empty()) continue;
      if (line[0] == '#') {
        if (open_) stack_.frame(line.substr(1));
        continue;
      }
      close();
      ++counts_.read;
      if (!open(line)) counts_.skip("neither a sample nor a comment, or with numbers that cannot be");
    }
    close();
    while (more && !starts_memory_map(lines.line())) more = lines.next();
    if (header_.discarded <= 0) return;
    counts_.read += static_cast<std::uint64_t>(header_.discarded);
    counts_.skip("discarded by the program itself", static_cast<std::uint64_t>(header_.discarded));
  }

  model::Counts take_counts() { return std::move(counts_); }

 private:
  // "CYCLES COUNT @ ADDRESS…"
  bool open(std::string_view line) {
    const auto cycles = consume_number(line);
    skip_blanks(line);
    const auto count = consume_number(line);
    if (!cycles || !count || !consume(line, " @") || !stack_.open(line)) return false;
    cycles_ = *cycles;
    count_ = *count;
    open_ = true;
    return true;
  }

  void close() {
    if (!open_) return;
    open_ = false;
    ++counts_.kept;
    add_sample(profile_, stack_.close(), {count_, cycles_});
  }

  const Header& header_;
  model::Profile& profile_;
  ProfileBuilder builder_;
  GoStack stack_;
  model::Counts counts_{.what = "samples"};
  bool open_ = false;
  std::int64_t count_ = 0;
  std::int64_t cycles_ = 0;
};

// Since 1.20 Go writes what its sample stands for, and the period all the same; google/pprof multiplies once more. Who
// wrote the text shows in the names that only Go writes.
bool is_scaled(const Header& header, const model::Profile& profile, const model::GoVersion& version) {
  constexpr unsigned kScalesItself = 20;
  if (header.kind != kMutex || profile.functions.empty()) return false;
  return version.newest == 0 || version.newest >= kScalesItself;
}

// Makes cycles time, and samples what they stand for.
void scale(model::Profile& profile, const Header& header) {
  if (profile.period <= 0) return;
  const double gigahertz = static_cast<double>(header.cycles_per_second) / 1e9;
  for (std::size_t i = 0; i < profile.values.size(); i += 2) {
    std::int64_t& count = profile.values[i];
    std::int64_t& delay = profile.values[i + 1];
    if (gigahertz > 0) delay = whole(static_cast<double>(delay) * static_cast<double>(profile.period) / gigahertz);
    count = times(count, profile.period);
  }
}

Match sniff(std::string_view head) {
  LineReader lines(head);
  bool more = false;
  const auto header = read_header(lines, more);
  return header && !header->java ? Match::Certain : Match::No;
}

Result<model::Evidence> decode(std::string_view bytes, model::Symbols& symbols) {
  LineReader lines(bytes);
  bool more = false;
  const auto header = read_header(lines, more);
  if (!header)
    return std::unexpected(Error{.code = Errc::Malformed,
                                 .what = "the first line is no `--- contention:` or `--- mutex:`, or a rate is none"});
  model::Evidence evidence;
  model::Profile& profile = evidence.profile.emplace();
  const model::ValueType contentions{.type = symbols.intern("contentions"), .unit = symbols.intern("count")};
  profile.types = {contentions, {.type = symbols.intern("delay"), .unit = symbols.intern("nanoseconds")}};
  profile.period_type = contentions;
  profile.duration_ns = times(header->milliseconds, 1'000'000);
  Reader reader(*header, profile, symbols);
  reader.read(lines, more);
  evidence.counts.push_back(reader.take_counts());
  if (const auto kept = any_kept(evidence.counts[0]); !kept) return std::unexpected(kept.error());
  for (const auto& function : profile.functions)
    note_version(evidence.go_version, symbols.text(function.name), symbols.text(function.file));
  profile.period = is_scaled(*header, profile, evidence.go_version) ? 1 : header->period;
  scale(profile, *header);
  place_mappings(profile, read_memory_map(lines, symbols), symbols);
  drop_known_frames(profile, symbols);
  evidence.kind = header->kind;
  return evidence;
}

}  // namespace

constinit const Decoder kLegacyContention{
    .name = "legacy-contention",
    .title = "mutex and block profile (text)",
    .summary = "/debug/pprof/mutex?debug=1 and block?debug=1 of Go, contentionz of C++ servers",
    .sniff = sniff,
    .decode = decode,
};

}  // namespace gopsy::decode
