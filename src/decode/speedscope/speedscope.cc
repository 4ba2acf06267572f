#include "decode/speedscope/speedscope.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "decode/json_input.h"
#include "decode/profile_builder.h"
#include "decode/version_marks.h"

namespace gopsy::decode {
namespace {

using nlohmann::json;

constexpr std::size_t kMostFrames = std::size_t{1} << 26;
constexpr std::size_t kMostTypes = 64;  // every sample has a value of every type, be it 0

// By what a value in that unit is multiplied to be in nanoseconds; 0: it is no time.
double nanoseconds_in(std::string_view unit) {
  if (unit == "nanoseconds") return 1;
  if (unit == "microseconds") return 1e3;
  if (unit == "milliseconds") return 1e6;
  return unit == "seconds" ? 1e9 : 0;
}

std::int64_t rounded(double value) {
  constexpr double kLimit = 9223372036854775808.0;
  const double whole = std::round(value);
  if (whole >= kLimit) return INT64_MAX;
  return whole > -kLimit ? static_cast<std::int64_t>(whole) : INT64_MIN;
}

bool has_fraction(const json& numbers) {
  return std::ranges::any_of(
      numbers, [](const json& n) { return n.is_number_float() && n.get<double>() != std::floor(n.get<double>()); });
}

class Reader {
 public:
  Reader(model::Profile& profile, model::Symbols& symbols) : profile_(profile), symbols_(symbols), builder_(profile) {}

  bool read(const json& root) {
    const json& frames = member(member(root, "shared"), "frames");
    const json& profiles = member(root, "profiles");
    if (!frames.is_array() || !profiles.is_array()) return false;
    for (const json& frame : frames) locations_.push_back(location(frame));
    if (same_stacks(profiles)) {
      read_columns(profiles);
    } else {
      make_types(profiles);
      for (const json& profile : profiles) read_profile(profile, profiles.size() > 1);
    }
    counts_.kept = profile_.sample_count();
    return true;
  }

  [[nodiscard]] const model::Counts& counts() const { return counts_; }

 private:
  std::uint32_t location(const json& frame) {
    const std::string_view name = text_of(member(frame, "name"));
    const StringId function = symbols_.intern(name.empty() ? "[unknown]" : name);
    const StringId file = symbols_.intern(text_of(member(frame, "file")));
    return builder_.location({.function = builder_.function(function, file), .line = int_of(member(frame, "line"))});
  }

  static std::string_view unit_of(const json& profile) {
    const std::string_view unit = text_of(member(profile, "unit"));
    return unit.empty() || unit == "none" ? "count" : unit;
  }

  // What `gopsy convert` writes: a view a value type.
  static bool same_stacks(const json& profiles) {
    if (profiles.empty()) return false;
    return std::ranges::all_of(profiles, [&](const json& profile) {
      const json& samples = member(profile, "samples");
      return text_of(member(profile, "type")) == "sampled" && samples.is_array() &&
             member(profile, "weights").size() == samples.size() &&
             (&profile == &profiles[0] || samples == member(profiles[0], "samples"));
    });
  }

  // A time with fractions is kept in nanoseconds. Yields by what to multiply.
  static double factor(const json& numbers, std::string_view& unit) {
    const double in_ns = nanoseconds_in(unit);
    if (in_ns <= 1 || !has_fraction(numbers)) return 1;
    unit = "nanoseconds";
    return in_ns;
  }

  static std::int64_t value_of(const json& number, double factor) {
    return factor == 1 && !number.is_number_float() ? int_of(number) : rounded(real_of(number) * factor);
  }

  // The name of a view, if it can be that of a value type; else the unit says what is measured.
  static std::string_view type_name(const json& profile, std::string_view unit) {
    const std::string_view name = text_of(member(profile, "name"));
    if (!name.empty() && name.find_first_of(" ./\\:") == std::string_view::npos) return name;
    if (unit == "bytes") return "space";
    return unit == "count" ? "samples" : "time";
  }

  void read_columns(const json& profiles) {
    std::vector<double> factors;
    for (const json& profile : profiles) {
      std::string_view unit = unit_of(profile);
      factors.push_back(factor(member(profile, "weights"), unit));
      profile_.types.push_back({.type = symbols_.intern(type_name(profile, unit)), .unit = symbols_.intern(unit)});
    }
    const json& samples = member(profiles[0], "samples");
    for (std::size_t i = 0; i < samples.size(); ++i) {
      if (!take_stack(samples[i])) continue;
      for (std::size_t p = 0; p < profiles.size(); ++p)
        profile_.values.push_back(value_of(member(profiles[p], "weights")[i], factors[p]));
      end_sample({});
    }
  }

  void make_types(const json& profiles) {
    for (const json& profile : profiles) {
      const StringId unit = symbols_.intern(kept_unit(profile));
      const bool known = std::ranges::find(profile_.types, unit, &model::ValueType::unit) != profile_.types.end();
      if (!known && profile_.types.size() < kMostTypes)
        profile_.types.push_back({.type = symbols_.intern(type_name({}, kept_unit(profile))), .unit = unit});
    }
    if (profile_.types.empty())
      profile_.types.push_back({.type = symbols_.intern("samples"), .unit = symbols_.intern("count")});
  }

  // Points in time are differences of large numbers: always with fractions.
  static std::string_view kept_unit(const json& profile) {
    const std::string_view unit = unit_of(profile);
    return nanoseconds_in(unit) != 0 ? "nanoseconds" : unit;
  }

  void read_profile(const json& profile, bool labelled) {
    const std::string_view unit = unit_of(profile);
    const double to_ns = nanoseconds_in(unit);
    factor_ = to_ns == 0 ? 1 : to_ns;
    const StringId kept = symbols_.intern(kept_unit(profile));
    column_ = static_cast<std::size_t>(std::ranges::find(profile_.types, kept, &model::ValueType::unit) -
                                       profile_.types.begin());
    if (column_ == profile_.types.size()) {
      ++counts_.read;
      counts_.skip("a view beyond the limit of 64 units");
      return;
    }
    label_ = labelled ? symbols_.intern(text_of(member(profile, "name"))) : StringId{};
    if (text_of(member(profile, "type")) == "evented") {
      read_events(member(profile, "events"));
      return;
    }
    const json& samples = member(profile, "samples");
    const json& weights = member(profile, "weights");
    if (!samples.is_array()) return;
    for (std::size_t i = 0; i < samples.size(); ++i) {
      if (!weights.is_array() || i >= weights.size()) {
        ++counts_.read;
        counts_.skip("no weight for it");
        continue;
      }
      if (take_stack(samples[i])) add_value(value_of(weights[i], factor_));
    }
  }

  // Between two events the time belongs to the frames that are open.
  void read_events(const json& events) {
    std::vector<std::uint64_t> open;
    double since = 0;
    for (const json& event : events) {
      const double at = real_of(member(event, "at"));
      if (!open.empty() && at > since) {
        ++counts_.read;
        if (push_open(open)) add_value(rounded((at - since) * factor_));
      }
      since = at;
      const auto frame = static_cast<std::uint64_t>(int_of(member(event, "frame")));
      if (text_of(member(event, "type")) == "O") {
        open.push_back(frame);
      } else if (!open.empty()) {
        open.pop_back();
      }
    }
  }

  bool push_open(const std::vector<std::uint64_t>& open) {
    const bool known = std::ranges::all_of(open, [&](std::uint64_t frame) { return frame < locations_.size(); });
    if (!known) return refuse("names a frame that is missing");
    if (profile_.stack_locations.size() + open.size() > kMostFrames) return refuse("beyond the limit of stack frames");
    for (auto at = open.rbegin(); at != open.rend(); ++at) profile_.stack_locations.push_back(locations_[*at]);
    return true;
  }

  bool take_stack(const json& stack) {
    ++counts_.read;
    if (!stack.is_array()) return refuse("its stack is no list");
    const std::size_t before = profile_.stack_locations.size();
    if (before + stack.size() > kMostFrames) return refuse("beyond the limit of stack frames");
    for (std::size_t i = stack.size(); i-- > 0;) {
      const json& frame = stack[i];
      if (!frame.is_number_unsigned() || frame.get<std::uint64_t>() >= locations_.size()) {
        profile_.stack_locations.shrink(before);
        return refuse("names a frame that is missing");
      }
      profile_.stack_locations.push_back(locations_[frame.get<std::uint64_t>()]);
    }
    return true;
  }

  bool refuse(std::string_view reason) {
    counts_.skip(reason);
    return false;
  }

  void add_value(std::int64_t value) {
    for (std::size_t t = 0; t < profile_.types.size(); ++t) profile_.values.push_back(t == column_ ? value : 0);
    end_sample(label_);
  }

  void end_sample(StringId label) {
    if (label) profile_.labels.push_back({.key = symbols_.intern("profile"), .text = label});
    profile_.label_start.push_back(profile_.labels.size());
    profile_.stack_start.push_back(profile_.stack_locations.size());
  }

  model::Profile& profile_;
  model::Symbols& symbols_;
  ProfileBuilder builder_;
  std::vector<std::uint32_t> locations_;  // by frame
  double factor_ = 1;
  std::size_t column_ = 0;
  StringId label_;
  model::Counts counts_{.what = "samples"};
};

Match sniff(std::string_view head) {
  if (!begins_object(head)) return Match::No;
  if (head.contains("speedscope.app/file-format-schema")) return Match::Certain;
  return head.contains("\"shared\"") && head.contains("\"frames\"") ? Match::Maybe : Match::No;
}

Result<model::Evidence> decode(std::string_view bytes, model::Symbols& symbols) {
  json root;
  if (const auto parsed = parse_json(bytes, root); !parsed) return std::unexpected(parsed.error());
  model::Evidence evidence;
  model::Profile& profile = evidence.profile.emplace();
  Reader reader(profile, symbols);
  if (!reader.read(root))
    return std::unexpected(Error{.code = Errc::Malformed, .what = "it has no shared.frames or no profiles"});
  evidence.counts.push_back(reader.counts());
  if (profile.sample_count() == 0)
    return std::unexpected(
        Error{.code = Errc::Malformed, .what = "none of the {} samples can be placed", .a = reader.counts().read});
  const json& active = member(root, "activeProfileIndex");
  if (profile.types.size() > 1 && active.is_number_unsigned() && active.get<std::uint64_t>() < profile.types.size())
    profile.default_type = profile.types[active.get<std::uint64_t>()].type;
  evidence.kind = "speedscope profile";
  for (const auto& function : profile.functions)
    note_version(evidence.go_version, symbols.text(function.name), symbols.text(function.file));
  return evidence;
}

}  // namespace

constinit const Decoder kSpeedscope{
    .name = "speedscope",
    .title = "speedscope profile",
    .summary = "the JSON of speedscope.app, py-spy and rbspy: sampled or evented",
    .sniff = sniff,
    .decode = decode,
};

}  // namespace gopsy::decode
