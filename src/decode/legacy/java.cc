#include <optional>
#include <string>
#include <vector>

#include "base/text.h"
#include "decode/legacy/fields.h"
#include "decode/legacy/java_places.h"
#include "decode/legacy/legacy.h"
#include "decode/legacy/memory_map.h"
#include "decode/profile_builder.h"

namespace gopsy::decode {
namespace {

constexpr std::int64_t kSamplingRate = 524288;  // bytes, of the agent

struct Header {
  bool heap = false;
  bool java = true;
  std::string_view resolution;
  std::int64_t period = 0;
  std::int64_t milliseconds = 0;
  std::string_view rest;  // from the first line that is no attribute
};

// The attributes behind the first line; nothing if that is no header of these.
std::optional<Header> read_header(std::string_view text) {
  LineReader lines(text);
  if (!lines.next()) return std::nullopt;
  Header header;
  const std::string_view first = trim(lines.line());
  header.heap = first == "--- heapz 1 ---";
  if (!header.heap && first != "--- contentionz 1 ---") return std::nullopt;
  header.rest = {};
  while (lines.next()) {
    const std::string_view line = trim(lines.line());
    if (line.empty()) continue;
    const auto equals = line.find('=');
    if (equals == std::string_view::npos) {
      header.rest = text.substr(static_cast<std::size_t>(lines.line().data() - text.data()));
      break;
    }
    const std::string_view key = trim(line.substr(0, equals));
    const std::string_view value = trim(line.substr(equals + 1));
    if (key == "format") header.java = value == "java";
    if (key == "resolution") header.resolution = value;
    if (key == "sampling period") header.period = parse_signed(value).value_or(0);
    if (key == "ms since reset") header.milliseconds = parse_signed(value).value_or(0);
  }
  return header;
}

class Reader {
 public:
  Reader(const Header& header, model::Profile& profile, model::Symbols& symbols)
      : header_(header), profile_(profile), builder_(profile), bytes_(symbols.intern("bytes")) {}

  // Yields the text from the first line that is no sample: the places.
  std::string_view read(std::string_view text) {
    LineReader lines(text);
    while (lines.next()) {
      const std::string_view line = trim(lines.line());
      if (line.empty()) continue;
      if (line.starts_with("0x")) return text.substr(static_cast<std::size_t>(lines.line().data() - text.data()));
      ++counts_.read;
      if (sample(line)) {
        ++counts_.kept;
      } else {
        counts_.skip("not a sample, or of nothing");
      }
    }
    return {};
  }

  model::Counts take_counts() { return std::move(counts_); }

 private:
  // "BYTES OBJECTS @ PLACE…", "DELAY CONTENTIONS @ PLACE…".
  bool sample(std::string_view line) {
    const auto amount = consume_number(line);
    skip_blanks(line);
    const auto count = consume_number(line);
    skip_blanks(line);
    addresses_.clear();
    if (!amount || !count || !consume(line, "@") || !add_addresses(line, addresses_)) return false;
    if (header_.heap && *count == 0) return false;
    stack_.clear();
    for (const std::uint64_t address : addresses_) stack_.push_back(builder_.address(address));
    if (header_.heap) {
      const Scaled all = unsampled(*count, *amount, kSamplingRate);
      // A number 0 without a unit is no label in profile.proto.
      if (*amount / *count != 0)
        profile_.labels.push_back({.key = bytes_, .text = {}, .number = *amount / *count, .unit = {}});
      add_sample(profile_, stack_, {all.count, all.bytes});
    } else {
      const std::int64_t period = header_.period == 0 ? 1 : header_.period;
      add_sample(profile_, stack_, {times(*count, period), times(*amount, period)});
    }
    return true;
  }

  const Header& header_;
  model::Profile& profile_;
  ProfileBuilder builder_;
  StringId bytes_;
  model::Counts counts_{.what = "samples"};
  std::vector<std::uint64_t> addresses_;
  std::vector<std::uint32_t> stack_;
};

Match sniff(std::string_view head) {
  const auto header = read_header(head);
  if (!header) return Match::No;
  return header->resolution.empty() ? Match::No : Match::Certain;
}

Result<model::Evidence> decode(std::string_view bytes, model::Symbols& symbols) {
  const auto header = read_header(bytes);
  if (!header)
    return std::unexpected(
        Error{.code = Errc::Malformed, .what = "the first line is no `--- heapz 1 ---` or `--- contentionz 1 ---`"});
  if (!header->java) return std::unexpected(Error{.code = Errc::Unsupported, .what = "its format is not `java`"});
  if (header->resolution.empty())
    return std::unexpected(Error{.code = Errc::Malformed, .what = "no `resolution = …` says what its values are"});
  model::Evidence evidence;
  model::Profile& profile = evidence.profile.emplace();
  const auto type = [&](std::string_view name, std::string_view unit) {
    return model::ValueType{.type = symbols.intern(name), .unit = symbols.intern(unit)};
  };
  profile.types = header->heap ? std::vector{type("inuse_objects", "count"), type("inuse_space", header->resolution)}
                               : std::vector{type("contentions", "count"), type("delay", header->resolution)};
  if (!header->heap && header->period != 0) {
    profile.period_type = type("contentions", "count");
    profile.period = header->period;
  }
  profile.duration_ns = times(header->milliseconds, 1'000'000);
  Reader reader(*header, profile, symbols);
  const std::string_view places = reader.read(header->rest);
  evidence.counts.push_back(reader.take_counts());
  if (const auto kept = any_kept(evidence.counts[0]); !kept) return std::unexpected(kept.error());
  name_java_places(places, profile, symbols);
  drop_known_frames(profile, symbols);
  evidence.kind = header->heap ? "Java heap profile" : "Java contention profile";
  return evidence;
}

}  // namespace

constinit const Decoder kLegacyJava{
    .name = "legacy-java",
    .title = "Java heap and contention profile (text)",
    .summary = "heapz and contentionz of the old Java agent",
    .sniff = sniff,
    .decode = decode,
};

}  // namespace gopsy::decode
