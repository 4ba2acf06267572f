#include "analyze/merge.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <ranges>
#include <type_traits>
#include <utility>

#include "analyze/merge_units.h"
#include "base/check.h"

namespace gopsy::analyze {
namespace {

using model::Profile;
using Label = Profile::Label;

constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

std::uint64_t mixed(std::uint64_t hash, std::uint64_t value) {
  const std::uint64_t product = (hash ^ value) * 0x9E3779B97F4A7C15ULL;
  return product ^ product >> 29;
}

bool same_label(const Label& a, const Label& b) {
  return a.key == b.key && a.text == b.text && a.number == b.number && a.unit == b.unit;
}

// What Go's conversion makes of a number on amd64: what does not fit becomes the smallest.
std::int64_t go_int(double value) {
  constexpr double kLimit = 9223372036854775808.0;
  return value >= -kLimit && value < kLimit ? static_cast<std::int64_t>(value) : kLeast;
}

bool all_zero(std::span<const std::int64_t> values) {
  return std::ranges::all_of(values, [](std::int64_t value) { return value == 0; });
}

std::unexpected<Error> refused(const char* what, std::uint64_t number) {
  return std::unexpected(Error{.code = Errc::Malformed, .what = what, .a = number});
}

// Everything but what samples bring along.
Profile header_of(const Profile& profile) {
  Profile header;
  header.types = profile.types;
  header.drop_frames = profile.drop_frames;
  header.keep_frames = profile.keep_frames;
  header.time_ns = profile.time_ns;
  header.duration_ns = profile.duration_ns;
  header.period_type = profile.period_type;
  header.period = profile.period;
  header.comments = profile.comments;
  header.doc_url = profile.doc_url;
  return header;
}

std::span<const std::int64_t> values_of(const Profile& profile, std::size_t sample) {
  return std::span(profile.values).subspan(sample * profile.types.size(), profile.types.size());
}

}  // namespace

Result<void> Merger::add(const Profile& profile) {
  ++profiles_;
  Columns columns;
  if (profiles_ == 1) {
    sum_ = header_of(profile);
    sum_.comments.clear();
    sum_.time_ns = sum_.duration_ns = 0;
    values_.resize(sum_.types.size());
  } else {
    if (const auto fits = fit_period(profile); !fits) return fits;
    columns = TRY(fit_types(profile));
  }
  add_header(profile);
  add_samples(profile, columns);
  return {};
}

Result<Merger::Columns> Merger::fit_types(const Profile& profile) {
  std::vector<std::size_t> kept;
  Columns columns;
  for (std::size_t i = 0; i < sum_.types.size(); ++i) {
    const auto found = std::ranges::find(profile.types, sum_.types[i].type, &model::ValueType::type);
    if (found == profile.types.end()) continue;
    kept.push_back(i);
    columns.from.push_back(static_cast<std::size_t>(found - profile.types.begin()));
  }
  if (kept.empty()) return refused("profile {} measures nothing that the ones before it do", profiles_);
  std::vector<double> ours;  // by what the sum must be multiplied
  std::vector<StringId> units;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    const StringId unit = sum_.types[kept[i]].unit;
    const StringId other = profile.types[columns.from[i]].unit;
    const auto ratio = unit_ratio(symbols_.text(other), symbols_.text(unit));
    if (!ratio) return refused("profile {} counts in a unit that the ones before it cannot be converted to", profiles_);
    const bool finer = *ratio < 1;
    ours.push_back(finer ? *unit_ratio(symbols_.text(unit), symbols_.text(other)) : 1.0);
    units.push_back(finer ? other : unit);
    columns.ratio.push_back(finer ? 1.0 : *ratio);
  }
  if (kept.size() < sum_.types.size()) keep_columns(kept);
  if (std::ranges::any_of(ours, [](double ratio) { return ratio != 1; })) rescale(ours);
  for (std::size_t i = 0; i < units.size(); ++i) sum_.types[i].unit = units[i];
  columns.plain = profile.types.size() == kept.size() &&
                  std::ranges::equal(columns.from, std::views::iota(std::size_t{0}, kept.size())) &&
                  std::ranges::all_of(columns.ratio, [](double ratio) { return ratio == 1; });
  return columns;
}

Result<void> Merger::fit_period(const Profile& profile) {
  const model::ValueType& theirs = profile.period_type;
  const auto none = [](const model::ValueType& type) { return type.type.none() && type.unit.none(); };
  if (!options_.pprof_exact && none(theirs)) return {};
  if (!options_.pprof_exact && none(sum_.period_type)) {
    sum_.period_type = theirs;
    return {};
  }
  const auto singular = [&](StringId id) {
    const std::string_view text = symbols_.text(id);
    return text.ends_with('s') ? text.substr(0, text.size() - 1) : text;
  };
  const auto ratio = unit_ratio(symbols_.text(theirs.unit), symbols_.text(sum_.period_type.unit));
  if (!ratio || singular(theirs.type) != singular(sum_.period_type.type))
    return refused("profile {} was sampled by another kind of period than the ones before it", profiles_);
  if (*ratio < 1) {
    sum_.period = go_int(static_cast<double>(sum_.period) *
                         *unit_ratio(symbols_.text(sum_.period_type.unit), symbols_.text(theirs.unit)));
    sum_.period_type.unit = theirs.unit;
  }
  return {};
}

void Merger::add_header(const Profile& profile) {
  Header header{.default_type = profile.default_type, .types = {}};
  for (const auto& type : profile.types) header.types.push_back(type.type);
  if (headers_.empty() || headers_.back().default_type != header.default_type || headers_.back().types != header.types)
    headers_.push_back(std::move(header));
  if (options_.pprof_exact) {
    if (sum_.time_ns == 0 || profile.time_ns < sum_.time_ns) sum_.time_ns = profile.time_ns;
  } else if (profile.time_ns != 0 && (sum_.time_ns == 0 || profile.time_ns < sum_.time_ns)) {
    sum_.time_ns = profile.time_ns;
  }
  sum_.duration_ns = static_cast<std::int64_t>(static_cast<std::uint64_t>(sum_.duration_ns) +
                                               static_cast<std::uint64_t>(profile.duration_ns));
  const auto ratio =
      unit_ratio(symbols_.text(profile.period_type.unit), symbols_.text(sum_.period_type.unit)).value_or(1.0);
  const std::int64_t period = ratio == 1 ? profile.period : go_int(static_cast<double>(profile.period) * ratio);
  if (sum_.period == 0 || sum_.period < period) sum_.period = period;
  for (const StringId comment : profile.comments)
    if (comments_.insert(comment).second) sum_.comments.push_back(comment);
  if (sum_.doc_url.none()) sum_.doc_url = profile.doc_url;
}

StringId Merger::default_type() const {
  const auto in_sum = [&](StringId type) {
    return std::ranges::find(sum_.types, type, &model::ValueType::type) != sum_.types.end();
  };
  for (const Header& header : headers_) {
    const bool as_it_was = std::ranges::equal(header.types, sum_.types, {}, {}, &model::ValueType::type);
    StringId type = header.default_type;
    if (!as_it_was && !in_sum(type)) type = sum_.types[0].type;
    if (type) return type;
  }
  return {};
}

void Merger::keep_columns(const std::vector<std::size_t>& kept) {
  std::vector<model::ValueType> types;
  for (const std::size_t column : kept) types.push_back(sum_.types[column]);
  std::size_t to = 0;
  for (std::size_t sample = 0; sample < sum_.sample_count(); ++sample)
    for (const std::size_t column : kept) sum_.values[to++] = sum_.values[sample * sum_.types.size() + column];
  sum_.values.resize(to);
  sum_.types = std::move(types);
  values_.resize(sum_.types.size());
}

std::int64_t Merger::scaled(std::int64_t value, double ratio) const {
  const double product = std::round(static_cast<double>(value) * ratio);
  if (options_.pprof_exact) return go_int(product);
  constexpr double kLimit = 9223372036854775808.0;
  return product >= kLimit ? kMost : go_int(product);
}

void Merger::rescale(const std::vector<double>& ratios) {
  bool dropped = false;
  for (std::size_t sample = 0; sample < sum_.sample_count(); ++sample) {
    const auto values = std::span(sum_.values).subspan(sample * ratios.size(), ratios.size());
    bool kept = !options_.pprof_exact;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (ratios[i] == 1) continue;
      values[i] = scaled(values[i], ratios[i]);
      kept = kept || values[i] != 0;
    }
    if (!kept) std::ranges::fill(values, 0);
    dropped = dropped || !kept;
  }
  if (dropped) compact();
}

void Merger::forget_sources(const Profile& profile) {
  locations_.assign(profile.locations.size(), 0);
  functions_.assign(profile.functions.size(), 0);
  mappings_.assign(profile.mappings.size(), 0);
}

void Merger::add_samples(const Profile& profile, const Columns& columns) {
  forget_sources(profile);
  // The first mapping is the program, whatever the first sample refers to.
  if (sum_.mappings.empty() && !profile.mappings.empty()) mapping(profile, 0);
  find_known(profile);
  constexpr std::size_t kAtOnce = 16;
  for (std::size_t sample = 0; sample < profile.sample_count(); ++sample) {
    if (!take_values(profile, sample, columns)) continue;
    wait(profile, sample);
    if (waiting_.samples.size() == kAtOnce) add_waiting();
  }
  add_waiting();
}

bool Merger::take_values(const Profile& profile, std::size_t sample, const Columns& columns) {
  const auto values = values_of(profile, sample);
  if (columns.plain) {
    std::ranges::copy(values, values_.begin());
    return !all_zero(values_);
  }
  bool converted = false;
  bool kept = false;
  for (std::size_t i = 0; i < values_.size(); ++i) {
    values_[i] = values[columns.from[i]];
    if (columns.ratio[i] == 1) continue;
    converted = true;
    values_[i] = scaled(values_[i], columns.ratio[i]);
    kept = kept || values_[i] != 0;
  }
  if (options_.pprof_exact && converted && !kept) return false;
  return !all_zero(values_);
}

// Each look-up of a sample is a cache miss. A few samples wait together, so that their misses do too.
void Merger::wait(const Profile& profile, std::size_t sample) {
  const std::size_t frames = waiting_.stacks.size();
  const std::size_t labels = waiting_.labels.size();
  profile.stack(sample).with_span([&](const auto stack) { take_stack(profile, stack); });
  take_labels(profile, sample);
  waiting_.values.insert(waiting_.values.end(), values_.begin(), values_.end());
  const auto stack = std::span(waiting_.stacks).subspan(frames);
  std::uint64_t hash = XXH3_64bits(stack.data(), stack.size_bytes());
  for (const Label& label : std::span(waiting_.labels).subspan(labels)) {
    hash = mixed(hash, std::uint64_t{label.key.value} << 32 | label.text.value);
    hash = mixed(hash, static_cast<std::uint64_t>(label.number));
    hash = mixed(hash, label.unit.value);
  }
  sample_index_.prefetch(hash);
  waiting_.samples.push_back({.hash = hash, .frames = stack.size(), .labels = waiting_.labels.size() - labels});
}

template <class Number>
void Merger::take_stack(const Profile& profile, std::span<const Number> stack) {
  const std::size_t frames = waiting_.stacks.size();
  waiting_.stacks.resize(frames + stack.size());
  // Two loops: the first is over plain memory, and all there is to do once each location has been met.
  const std::uint32_t* const rows = locations_.data();
  std::uint32_t* const to = waiting_.stacks.data() + frames;
  bool unknown = false;
  for (std::size_t i = 0; i < stack.size(); ++i) {
    to[i] = rows[stack[i]] - 1;
    unknown |= to[i] == UINT32_MAX;
  }
  for (std::size_t i = 0; unknown && i < stack.size(); ++i)
    if (to[i] == UINT32_MAX) to[i] = locations_[stack[i]] != 0 ? locations_[stack[i]] - 1 : location(profile, stack[i]);
}

// In the order in which they are written: texts before numbers, by key. What has the same labels has them alike then.
void Merger::take_labels(const Profile& profile, std::size_t sample) {
  const auto first = waiting_.labels.size();
  for (auto i = profile.label_start[sample]; i < profile.label_start[sample + 1]; ++i)
    waiting_.labels.push_back(profile.labels[i]);
  if (waiting_.labels.size() - first < 2) return;
  std::ranges::stable_sort(std::span(waiting_.labels).subspan(first), [&](const Label& a, const Label& b) {
    if (a.text.none() != b.text.none()) return b.text.none();
    return a.key != b.key && symbols_.text(a.key) < symbols_.text(b.key);
  });
}

void Merger::add_waiting() {
  const auto take = []<class T>(std::span<const T>& from, std::size_t count) {
    const auto first = from.first(count);
    from = from.subspan(count);
    return first;
  };
  std::span<const std::uint32_t> stacks(waiting_.stacks);
  std::span<const Label> labels(waiting_.labels);
  std::span<const std::int64_t> values(waiting_.values);
  for (const auto& [hash, frames, label_count] : waiting_.samples)
    add_sample(hash, take(stacks, frames), take(labels, label_count), take(values, values_.size()));
  waiting_.samples.clear();
  waiting_.stacks.clear();
  waiting_.labels.clear();
  waiting_.values.clear();
}

void Merger::add_sample(std::uint64_t hash, std::span<const std::uint32_t> stack, std::span<const Label> labels,
                        std::span<const std::int64_t> values) {
  const auto next = static_cast<std::uint32_t>(sum_.sample_count());
  const std::uint32_t row =
      sample_index_.find_or_add(hash, next, [&](std::uint32_t other) { return same_sample(other, stack, labels); });
  if (row == next) {
    sum_.stack_locations.fill(stack.size(), static_cast<std::uint32_t>(sum_.locations.size()), [&](auto* at) {
      for (const std::uint32_t location : stack) *at++ = static_cast<std::remove_pointer_t<decltype(at)>>(location);
      return at;
    });
    sum_.labels.insert(sum_.labels.end(), labels.begin(), labels.end());
    sum_.stack_start.push_back(sum_.stack_locations.size());
    sum_.label_start.push_back(sum_.labels.size());
    sum_.values.insert(sum_.values.end(), values.begin(), values.end());
    return;
  }
  std::int64_t* const sums = &sum_.values[row * values.size()];
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::int64_t total = 0;
    const bool overflow = __builtin_add_overflow(sums[i], values[i], &total);
    if (overflow && !options_.pprof_exact) total = values[i] < 0 ? kLeast : kMost;
    saturated_ = saturated_ || (overflow && !options_.pprof_exact);
    sums[i] = total;
  }
}

bool Merger::same_sample(std::uint32_t sample, std::span<const std::uint32_t> stack,
                         std::span<const Label> labels) const {
  const auto same_stack = [&](const auto known) { return std::ranges::equal(stack, known); };
  if (!sum_.stack(sample).with_span(same_stack)) return false;
  const auto first = sum_.label_start[sample];
  const auto count = sum_.label_start[sample + 1] - first;
  return std::ranges::equal(labels, std::span(sum_.labels).subspan(first, count), same_label);
}

void Merger::compact() {
  Profile old = std::move(sum_);
  sum_ = header_of(old);
  sample_index_.clear();
  location_index_.clear();
  function_index_.clear();
  mapping_index_.clear();
  add_samples(old, {});
}

Profile Merger::finish() {
  GOPSY_CHECK(profiles_ != 0);
  bool zero = false;
  for (std::size_t i = 0; i < sum_.sample_count() && !zero; ++i) zero = all_zero(values_of(sum_, i));
  if (zero) compact();
  sum_.default_type = default_type();
  sample_index_.clear();
  return std::exchange(sum_, {});
}

}  // namespace gopsy::analyze
