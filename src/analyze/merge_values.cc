// What is done to the values of one profile before it is merged with others.
#include <algorithm>
#include <cmath>
#include <limits>

#include "analyze/merge.h"

namespace gopsy::analyze {
namespace {

using model::Profile;

std::int64_t rounded(double value) {
  constexpr double kLimit = 9223372036854775808.0;
  const double whole = std::round(value);
  return whole >= -kLimit && whole < kLimit ? static_cast<std::int64_t>(whole)
                                            : std::numeric_limits<std::int64_t>::min();
}

}  // namespace

void scale(Profile& profile, std::span<const double> ratios) {
  if (std::ranges::all_of(ratios, [](double ratio) { return ratio == 1; })) return;
  const std::size_t width = profile.types.size();
  std::size_t samples = 0;
  std::size_t frames = 0;
  std::size_t labels = 0;
  std::uint64_t stack_from = 0;
  std::uint64_t label_from = 0;
  for (std::size_t sample = 0; sample < profile.sample_count(); ++sample) {
    const std::uint64_t stack_to = profile.stack_start[sample + 1];
    const std::uint64_t label_to = profile.label_start[sample + 1];
    bool kept = false;
    for (std::size_t i = 0; i < width; ++i) {
      std::int64_t value = profile.values[sample * width + i];
      if (ratios[i] != 1) {
        value = rounded(static_cast<double>(value) * ratios[i]);
        kept = kept || value != 0;
      }
      profile.values[samples * width + i] = value;
    }
    if (kept) {
      for (std::uint64_t i = stack_from; i < stack_to; ++i)
        profile.stack_locations.set(frames++, profile.stack_locations[i]);
      for (std::uint64_t i = label_from; i < label_to; ++i) profile.labels[labels++] = profile.labels[i];
      ++samples;
      profile.stack_start.set(samples, frames);
      profile.label_start.set(samples, labels);
    }
    stack_from = stack_to;
    label_from = label_to;
  }
  profile.values.resize(samples * width);
  profile.stack_locations.shrink(frames);
  profile.labels.resize(labels);
  profile.stack_start.shrink(samples + 1);
  profile.label_start.shrink(samples + 1);
}

void keep_types(Profile& profile, std::span<const model::ValueType> others) {
  const std::size_t width = profile.types.size();
  std::vector<std::size_t> kept;
  for (std::size_t i = 0; i < width; ++i)
    if (std::ranges::find(others, profile.types[i].type, &model::ValueType::type) != others.end()) kept.push_back(i);
  if (kept.empty() || kept.size() == width) return;
  std::size_t out = 0;
  for (std::size_t row = 0; row < profile.values.size(); row += width)
    for (const std::size_t column : kept) profile.values[out++] = profile.values[row + column];
  profile.values.resize(out);
  for (std::size_t i = 0; i < kept.size(); ++i) profile.types[i] = profile.types[kept[i]];
  profile.types.resize(kept.size());
  if (std::ranges::find(profile.types, profile.default_type, &model::ValueType::type) == profile.types.end())
    profile.default_type = profile.types[0].type;
}

void negate(Profile& profile) { scale(profile, std::vector<double>(profile.types.size(), -1.0)); }

Result<void> normalize(Profile& profile, const Profile& base) {
  const auto same = [](const model::ValueType& a, const model::ValueType& b) {
    return a.type == b.type && a.unit == b.unit;
  };
  if (!same(profile.period_type, base.period_type) || !std::ranges::equal(profile.types, base.types, same))
    return std::unexpected(Error{.code = Errc::Malformed, .what = "the profiles measure different things"});
  const std::size_t width = profile.types.size();
  std::vector<double> ratios;
  for (std::size_t type = 0; type < width; ++type) {
    std::uint64_t ours = 0;
    std::uint64_t theirs = 0;
    for (std::size_t i = type; i < profile.values.size(); i += width)
      ours += static_cast<std::uint64_t>(profile.values[i]);
    for (std::size_t i = type; i < base.values.size(); i += width) theirs += static_cast<std::uint64_t>(base.values[i]);
    const auto sum = static_cast<std::int64_t>(ours);
    ratios.push_back(sum == 0 ? 0.0
                              : static_cast<double>(static_cast<std::int64_t>(theirs)) / static_cast<double>(sum));
  }
  scale(profile, ratios);
  return {};
}

void set_label(Profile& profile, StringId key, StringId text) {
  std::vector<Profile::Label> labels;
  labels.reserve(profile.labels.size() + profile.sample_count());
  for (std::size_t sample = 0; sample < profile.sample_count(); ++sample) {
    const std::uint64_t first = profile.label_start[sample];
    profile.label_start.set(sample, labels.size());
    for (std::uint64_t i = first; i < profile.label_start[sample + 1]; ++i)
      if (profile.labels[i].text.none() || profile.labels[i].key != key) labels.push_back(profile.labels[i]);
    labels.push_back({.key = key, .text = text});
  }
  profile.label_start.set(profile.sample_count(), labels.size());
  profile.labels = std::move(labels);
}

}  // namespace gopsy::analyze
