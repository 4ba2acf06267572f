#include "decode/otlp_profiles/otlp_profiles.h"

#include <algorithm>
#include <vector>

#include "base/wire.h"
#include "decode/otlp_profiles/dictionary.h"
#include "decode/version_marks.h"

namespace gopsy::decode {
namespace {

// A sample of a few bytes may name a stack of any length: what comes out is limited, not only what goes in.
constexpr std::size_t kMostFrames = std::size_t{1} << 26;
// Every sample has a value of every type, be it 0.
constexpr std::size_t kMostTypes = 64;

// The samples of one Profile message, before they are joined with those of the others.
struct Samples {
  model::ValueType type;
  std::vector<std::uint64_t> stacks;
  std::vector<std::uint64_t> attributes;
  std::vector<std::size_t> attribute_start = {0};
  std::vector<std::int64_t> values;
};

class Reader {
 public:
  Reader(model::Symbols& symbols, model::Profile& profile)
      : symbols_(symbols), profile_(profile), dictionary_(symbols, profile) {}

  Result<void> read(std::string_view bytes) {
    Wire wire(bytes);
    std::vector<Wire> resources;
    bool known = false;
    while (wire.next()) {
      if (wire.field() == 1) {
        resources.push_back(wire.message());
      } else if (wire.field() == 2 && !known) {
        const Wire dictionary = wire.message();
        if (wire.failed()) break;
        if (const auto read = dictionary_.read(dictionary); !read) return read;
        known = true;
      } else {
        wire.skip();
      }
    }
    if (const auto status = wire.status(); !status) return status;
    for (const Wire& resource : resources)
      if (const auto read = nested(resource, 2, &Reader::read_scope); !read) return read;
    join();
    return {};
  }

  [[nodiscard]] const model::Counts& counts() const { return counts_; }

 private:
  // Every message of that field inside `outer`.
  Result<void> nested(Wire outer, std::uint32_t field, Result<void> (Reader::*each)(Wire)) {
    while (outer.next()) {
      if (outer.field() != field) {
        outer.skip();
        continue;
      }
      const Wire inner = outer.message();
      if (outer.failed()) break;
      if (const auto read = (this->*each)(inner); !read) return read;
    }
    return outer.status();
  }

  Result<void> read_scope(Wire scope) {
    if (const auto read = nested(scope, 1, &Reader::read_scope_head); !read) return read;
    return nested(scope, 2, &Reader::read_profile);
  }

  Result<void> read_scope_head(Wire head) { return nested(head, 3, &Reader::read_scope_attribute); }

  Result<void> read_scope_attribute(Wire pair) {
    OtlpDictionary::Attribute attribute;
    std::string_view key;
    while (pair.next()) {
      if (pair.field() == 1) {
        key = pair.bytes();
      } else if (pair.field() == 2) {
        const Wire value = pair.message();
        if (pair.failed()) break;
        if (const auto read = read_any_value(value, symbols_, attribute); !read) return read;
      } else {
        pair.skip();
      }
    }
    if (key == "pprof.scope.default_sample_type") profile_.default_type = attribute.text;
    return pair.status();
  }

  model::ValueType value_type(Wire message) {
    model::ValueType type;
    while (message.next()) {
      const std::uint32_t field = message.field();
      if (field != 1 && field != 2) {
        message.skip();
        continue;
      }
      const std::uint64_t index = message.varint();
      if (dictionary_.has_string(index)) (field == 1 ? type.type : type.unit) = dictionary_.string(index);
    }
    return type;
  }

  Result<void> read_profile(Wire message) {
    Samples samples;
    while (message.next()) {
      switch (message.field()) {
        case 1: samples.type = value_type(message.message()); break;
        case 2: {
          const Wire sample = message.message();
          if (message.failed()) break;
          ++counts_.read;
          read_sample(sample, samples);
          break;
        }
        case 3: profile_.time_ns = static_cast<std::int64_t>(message.fixed64()); break;
        case 4: profile_.duration_ns = message.varint_signed(); break;
        case 5: profile_.period_type = value_type(message.message()); break;
        case 6: profile_.period = message.varint_signed(); break;
        case 11: message.varints([&](std::uint64_t index) { header_attribute(dictionary_.attribute(index)); }); break;
        default: message.skip();
      }
    }
    profiles_.push_back(std::move(samples));
    return message.status();
  }

  void header_attribute(const OtlpDictionary::Attribute* attribute) {
    if (attribute == nullptr) return;
    const std::string_view key = symbols_.text(attribute->key);
    if (key == "pprof.profile.drop_frames") profile_.drop_frames = attribute->text;
    if (key == "pprof.profile.keep_frames") profile_.keep_frames = attribute->text;
    if (key == "pprof.profile.doc_url") profile_.doc_url = attribute->text;
    if (key == "pprof.profile.comment" && profile_.comments.empty()) profile_.comments = attribute->list;
  }

  void read_sample(Wire sample, Samples& out) {
    std::uint64_t stack = 0;
    std::uint64_t value = 0;
    std::uint64_t values = 0;
    std::uint64_t times = 0;
    bool attributes_known = true;
    const std::size_t attributes = out.attributes.size();
    while (sample.next()) {
      switch (sample.field()) {
        case 1: stack = sample.varint(); break;
        case 2:
          sample.varints([&](std::uint64_t index) {
            attributes_known &= dictionary_.attribute(index) != nullptr;
            out.attributes.push_back(index);
          });
          break;
        case 4:
          sample.varints([&](std::uint64_t number) {
            value += number;
            ++values;
          });
          break;
        case 5:
          if (sample.type() == Wire::kBytes) {
            times += sample.bytes().size() / 8;
          } else {
            sample.skip();
            ++times;
          }
          break;
        default: sample.skip();
      }
    }
    const std::string_view reason = sample.failed()                                    ? "malformed inside"
                                    : stack != 0 && stack >= dictionary_.stack_count() ? "names a stack that is missing"
                                    : !attributes_known ? "names an attribute that is missing"
                                                        : "";
    if (!reason.empty()) {
      out.attributes.resize(attributes);
      counts_.skip(reason);
      return;
    }
    out.stacks.push_back(stack);
    out.attribute_start.push_back(out.attributes.size());
    out.values.push_back(static_cast<std::int64_t>(values == 0 ? times : value));
  }

  // Profiles of the same samples that follow one another, one a value type, become columns.
  void join() {
    for (const Samples& samples : profiles_)
      if (column_of(samples) == profile_.types.size() && profile_.types.size() < kMostTypes)
        profile_.types.push_back(samples.type);
    std::vector<const Samples*> columns(profile_.types.size());
    const Samples* first = nullptr;
    for (const Samples& samples : profiles_) {
      const std::size_t column = column_of(samples);
      if (column == columns.size()) {
        counts_.skip("beyond the limit of 64 value types", samples.stacks.size());
        continue;
      }
      const bool alike = first != nullptr && samples.stacks == first->stacks &&
                         samples.attributes == first->attributes && samples.attribute_start == first->attribute_start;
      if (!alike || columns[column] != nullptr) {
        if (first != nullptr) append(*first, columns);
        std::ranges::fill(columns, nullptr);
        first = &samples;
      }
      columns[column] = &samples;
    }
    if (first != nullptr) append(*first, columns);
  }

  std::size_t column_of(const Samples& samples) const {
    const auto found = std::ranges::find_if(profile_.types, [&](const model::ValueType& type) {
      return type.type == samples.type.type && type.unit == samples.type.unit;
    });
    return static_cast<std::size_t>(found - profile_.types.begin());
  }

  void append(const Samples& first, const std::vector<const Samples*>& columns) {
    const auto messages = static_cast<std::uint64_t>(
        std::ranges::count_if(columns, [](const Samples* samples) { return samples != nullptr; }));
    for (std::size_t i = 0; i < first.stacks.size(); ++i) {
      const auto stack = first.stacks[i] == 0 ? std::span<const std::uint32_t>() : dictionary_.stack(first.stacks[i]);
      if (profile_.stack_locations.size() + stack.size() > kMostFrames) {
        counts_.skip("beyond the limit of stack frames", messages);
        continue;
      }
      counts_.kept += messages;
      profile_.stack_locations.append(stack);
      profile_.stack_start.push_back(profile_.stack_locations.size());
      for (const Samples* samples : columns) profile_.values.push_back(samples == nullptr ? 0 : samples->values[i]);
      for (std::size_t a = first.attribute_start[i]; a < first.attribute_start[i + 1]; ++a)
        add_label(*dictionary_.attribute(first.attributes[a]));
      profile_.label_start.push_back(profile_.labels.size());
    }
  }

  void add_label(const OtlpDictionary::Attribute& attribute) {
    if (attribute.text) {
      profile_.labels.push_back({.key = attribute.key, .text = attribute.text});
    } else {
      profile_.labels.push_back({.key = attribute.key, .number = attribute.number, .unit = attribute.unit});
    }
  }

  model::Symbols& symbols_;
  model::Profile& profile_;
  OtlpDictionary dictionary_;
  std::vector<Samples> profiles_;
  model::Counts counts_{.what = "samples"};
};

// The content of the first field, if it is a message of that number; as much of it as the head has.
bool enter(std::string_view& at, unsigned char field) {
  if (at.empty() || static_cast<unsigned char>(at[0]) != (field << 3 | 2)) return false;
  at.remove_prefix(1);
  std::uint64_t size = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (at.empty()) return false;
    const auto byte = static_cast<unsigned char>(at[0]);
    at.remove_prefix(1);
    size |= std::uint64_t{byte & 0x7Fu} << shift;
    if (byte < 0x80) {
      at = at.substr(0, size);
      return true;
    }
  }
  return false;
}

// Steps over messages of that number, if there are some.
void pass(std::string_view& at, unsigned char field) {
  while (true) {
    std::string_view inside = at;
    if (!enter(inside, field)) return;
    at.remove_prefix(static_cast<std::size_t>(inside.data() + inside.size() - at.data()));
  }
}

// resource_profiles { resource, scope_profiles { scope, profiles { sample_type ...: four messages, one in the other.
// The outer fields of a pprof profile have numbers where these have messages.
Match sniff(std::string_view head) {
  if (!enter(head, 1)) return Match::No;
  pass(head, 1);
  if (!enter(head, 2)) return Match::No;
  pass(head, 1);
  if (!enter(head, 2)) return Match::No;
  return enter(head, 1) || enter(head, 2) ? Match::Certain : Match::No;
}

Result<model::Evidence> decode(std::string_view bytes, model::Symbols& symbols) {
  model::Evidence evidence;
  model::Profile& profile = evidence.profile.emplace();
  Reader reader(symbols, profile);
  if (const auto read = reader.read(bytes); !read) return std::unexpected(read.error());
  evidence.counts.push_back(reader.counts());
  if (profile.sample_count() == 0)
    return std::unexpected(
        Error{.code = Errc::Malformed, .what = "none of the {} samples can be placed", .a = reader.counts().read});
  evidence.kind = "OpenTelemetry profile";
  evidence.time_ns = profile.time_ns;
  for (const auto& function : profile.functions)
    note_version(evidence.go_version, symbols.text(function.name), symbols.text(function.file));
  return evidence;
}

}  // namespace

constinit const Decoder kOtlpProfiles{
    .name = "otlp-profiles",
    .title = "OpenTelemetry profile",
    .summary = "ProfilesData of OTLP (v1development): the OpenTelemetry collector and its eBPF profiler",
    .sniff = sniff,
    .decode = decode,
};

}  // namespace gopsy::decode
