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
  std::int64_t period = 1;
  bool sampled = false;  // by Poisson: values are to be unsampled
  bool known = true;
  bool allocated = false;  // what was allocated differs from what is in use
};

// "heap profile: 3: 10486272 [5: 10699264] @ heap/1048576".
std::optional<Header> parse_header(std::string_view line) {
  if (!consume_until(line, "heap profile:")) return std::nullopt;
  skip_blanks(line);
  const auto fields = find_heap_fields(line);
  if (!fields) return std::nullopt;
  std::string_view kind = trim(fields->rest);
  Header header;
  if (kind.starts_with("growth")) return Header{.kind = "heap growth profile"};
  if (kind.starts_with("fragmentation")) return Header{.kind = "heap fragmentation profile"};
  const std::string_view name = kind.substr(0, std::min(kind.size(), kind.find_first_of("/ \t")));
  kind.remove_prefix(name.size());
  consume(kind, "/");
  header.kind = "heap profile";
  header.period = consume_number(kind).value_or(0);
  header.sampled = true;
  const auto differs = [](std::int64_t all, std::int64_t in_use) { return all != in_use && all != 0; };
  header.allocated = differs(fields->count, fields->in_use_count) || differs(fields->bytes, fields->in_use_bytes);
  if (name == "heap") {
    header.period /= 2;  // Go writes twice its rate
  } else if (name == "heapprofile") {
    header.period = 1;
    header.sampled = false;
  } else {
    header.known = name == "heap_v2" || name == "heapz_v2";
  }
  return header;
}

std::optional<Header> find_header(LineReader& lines) {
  while (lines.next()) {
    const std::string_view line = trim(lines.line());
    if (line.empty() || line[0] == '#') continue;
    return parse_header(line);
  }
  return std::nullopt;
}

class Reader {
 public:
  Reader(const Header& header, model::Profile& profile, model::Symbols& symbols)
      : header_(header),
        profile_(profile),
        builder_(profile),
        stack_(symbols, builder_),
        bytes_(symbols.intern("bytes")) {}

  void read(LineReader& lines) {
    while (lines.next()) {
      const std::string_view line = trim(lines.line());
      if (line.empty()) continue;
      if (line[0] == '#') {
        if (open_) stack_.frame(line.substr(1));
        continue;
      }
      if (starts_memory_map(line)) break;
      close();
      ++counts_.read;
      if (!open(line)) counts_.skip("neither a sample nor a comment, or with numbers that cannot be");
    }
    close();
  }

  model::Counts take_counts() { return std::move(counts_); }

 private:
  bool open(std::string_view line) {
    const auto fields = find_heap_fields(line);
    if (!fields) return false;
    fields_ = *fields;
    const auto impossible = [](std::int64_t count, std::int64_t bytes) { return count == 0 && bytes != 0; };
    if (impossible(fields_.in_use_count, fields_.in_use_bytes)) return false;
    if (header_.allocated && impossible(fields_.count, fields_.bytes)) return false;
    open_ = stack_.open(fields_.rest);
    return open_;
  }

  void close() {
    if (!open_) return;
    open_ = false;
    ++counts_.kept;
    std::int64_t mean = 0;
    const auto value = [&](std::int64_t count, std::int64_t bytes) {
      if (count == 0) return Scaled{.count = 0, .bytes = 0};
      mean = bytes / count;
      return header_.sampled ? unsampled(count, bytes, header_.period) : Scaled{.count = count, .bytes = bytes};
    };
    const Scaled all = header_.allocated ? value(fields_.count, fields_.bytes) : Scaled{.count = 0, .bytes = 0};
    const Scaled in_use = value(fields_.in_use_count, fields_.in_use_bytes);
    // A number 0 without a unit is no label in profile.proto.
    if (mean != 0) profile_.labels.push_back({.key = bytes_, .text = {}, .number = mean, .unit = {}});
    if (header_.allocated) {
      add_sample(profile_, stack_.close(), {all.count, all.bytes, in_use.count, in_use.bytes});
    } else {
      add_sample(profile_, stack_.close(), {in_use.count, in_use.bytes});
    }
  }

  const Header& header_;
  model::Profile& profile_;
  ProfileBuilder builder_;
  GoStack stack_;
  StringId bytes_;
  model::Counts counts_{.what = "samples"};
  HeapFields fields_;
  bool open_ = false;
};

Match sniff(std::string_view head) {
  LineReader lines(head);
  return find_header(lines) ? Match::Certain : Match::No;
}

Result<model::Evidence> decode(std::string_view bytes, model::Symbols& symbols) {
  LineReader lines(bytes);
  const auto header = find_header(lines);
  if (!header) return std::unexpected(Error{.code = Errc::Malformed, .what = "the first line is no `heap profile: …`"});
  if (!header->known)
    return std::unexpected(
        Error{.code = Errc::Unsupported, .what = "a heap profile of a kind that nobody has described"});
  model::Evidence evidence;
  model::Profile& profile = evidence.profile.emplace();
  const auto add_types = [&](const std::string& prefix) {
    profile.types.push_back({.type = symbols.intern(prefix + "objects"), .unit = symbols.intern("count")});
    profile.types.push_back({.type = symbols.intern(prefix + "space"), .unit = symbols.intern("bytes")});
  };
  if (header->allocated) add_types("alloc_");
  add_types(header->allocated ? "inuse_" : "");
  profile.period_type = {.type = symbols.intern("space"), .unit = symbols.intern("bytes")};
  profile.period = header->period;
  Reader reader(*header, profile, symbols);
  reader.read(lines);
  evidence.counts.push_back(reader.take_counts());
  if (const auto kept = any_kept(evidence.counts[0]); !kept) return std::unexpected(kept.error());
  place_mappings(profile, read_memory_map(lines, symbols), symbols);
  drop_known_frames(profile, symbols);
  evidence.kind = header->kind;
  for (const auto& function : profile.functions)
    note_version(evidence.go_version, symbols.text(function.name), symbols.text(function.file));
  return evidence;
}

}  // namespace

constinit const Decoder kLegacyHeap{
    .name = "legacy-heap",
    .title = "heap profile (text)",
    .summary =
        "/debug/pprof/heap?debug=1 and allocs?debug=1 of Go; heap, growth and fragmentation profiles of tcmalloc",
    .sniff = sniff,
    .decode = decode,
};

}  // namespace gopsy::decode
