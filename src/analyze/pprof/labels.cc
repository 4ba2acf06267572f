#include "analyze/pprof/labels.h"

#include <algorithm>
#include <set>

#include "analyze/pprof/measurement.h"
#include "base/text.h"

namespace gopsy::pprof {

LabelUnits label_units(const model::Profile& profile, const model::Symbols& symbols) {
  LabelUnits out;
  std::map<StringId, StringId> first;
  std::map<StringId, std::set<std::string>> others;
  for (const auto& label : profile.labels) {
    if (label.text) continue;
    const auto [found, is_new] = first.try_emplace(label.key, label.unit);
    if (!is_new && !found->second) found->second = label.unit;
    if (label.unit && found->second != label.unit) others[label.key].emplace(symbols.text(label.unit));
  }
  for (const auto& [key, unit] : first) {
    const std::string_view name = symbols.text(key);
    if (unit) {
      out.units[key] = symbols.text(unit);
    } else {
      out.units[key] = name == "alignment" || name == "request" ? "bytes" : std::string(name);
    }
  }
  for (const auto& [key, units] : others) {
    const std::vector<std::string> list(units.begin(), units.end());
    out.warnings.push_back("For tag " + std::string(symbols.text(key)) + " used unit " + out.units[key] +
                           ", also encountered unit(s) " + join(list, ", "));
  }
  return out;
}

SampleLabels labels_of(const model::Profile& profile, std::size_t sample, const model::Symbols& symbols) {
  SampleLabels out;
  for (auto i = profile.label_start[sample]; i < profile.label_start[sample + 1]; ++i) {
    const auto& label = profile.labels[i];
    if (label.text) {
      out.texts[symbols.text(label.key)].push_back(symbols.text(label.text));
    } else {
      out.numbers[symbols.text(label.key)].emplace_back(label.number, label.unit);
    }
  }
  return out;
}

namespace {

// Frames made of labels, one location for each pair of key and values.
class LabelFrames {
 public:
  // Pprof's frames are the bare values, which cannot be told apart where two keys have the same (google/pprof#811).
  enum class Names : std::uint8_t { Values, Pairs };

  LabelFrames(model::Profile& profile, Names names, std::string_view unit, model::Symbols& symbols)
      : profile_(profile), names_(names), unit_(unit), symbols_(symbols) {
    for (const auto& location : profile.locations) next_location_ = std::max(next_location_, location.id + 1);
    for (const auto& function : profile.functions) next_function_ = std::max(next_function_, function.id + 1);
  }

  // Leaf side first: the last key is the nearest to the leaf.
  bool frames(std::size_t sample, const std::vector<std::string_view>& keys, model::Profile::Locations& out) {
    if (keys.empty()) return false;
    bool any = false;
    const SampleLabels labels = labels_of(profile_, sample, symbols_);
    for (auto key = keys.rbegin(); key != keys.rend(); ++key) {
      const std::vector<std::string> values = values_of(labels, *key);
      any |= !values.empty();
      out.push_back(location(name_of(*key, values), *key));
    }
    return any;
  }

 private:
  [[nodiscard]] std::vector<std::string> values_of(const SampleLabels& labels, std::string_view key) const {
    std::vector<std::string> values;
    if (const auto texts = labels.texts.find(key); texts != labels.texts.end())
      values.assign(texts->second.begin(), texts->second.end());
    const auto numbers = labels.numbers.find(key);
    if (numbers == labels.numbers.end()) return values;
    const bool has_units = std::ranges::any_of(numbers->second, [](const auto& value) { return bool{value.second}; });
    for (const auto& [number, unit] : numbers->second) {
      values.push_back(has_units ? scaled_label(number, symbols_.text(unit), unit_) : scaled_label(number, "", ""));
    }
    return values;
  }

  [[nodiscard]] std::string name_of(std::string_view key, const std::vector<std::string>& values) const {
    std::string all = join(values, ",");
    if (names_ == Names::Values) return all;
    return std::string(key) + "=" + (values.empty() ? "(none)" : all);
  }

  std::uint32_t location(const std::string& name, std::string_view key) {
    const StringId name_id = symbols_.intern(name);
    const StringId key_id = symbols_.intern(key);
    const auto [found, is_new] =
        known_.try_emplace({name_id.value, key_id.value}, static_cast<std::uint32_t>(profile_.locations.size()));
    if (is_new) {
      profile_.lines.push_back({.function = static_cast<std::uint32_t>(profile_.functions.size())});
      profile_.functions.push_back({.id = next_function_++, .name = name_id, .file = key_id});
      profile_.locations.push_back({.id = next_location_++,
                                    .first_line = static_cast<std::uint32_t>(profile_.lines.size() - 1),
                                    .line_count = 1});
    }
    return found->second;
  }

  model::Profile& profile_;
  Names names_;
  std::string_view unit_;
  model::Symbols& symbols_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> known_;
  std::uint64_t next_location_ = 1;
  std::uint64_t next_function_ = 1;
};

std::pair<bool, bool> add_frames(model::Profile& profile, const std::vector<std::string_view>& roots,
                                 const std::vector<std::string_view>& leaves, LabelFrames frames) {
  model::Profile::Locations locations;
  model::Profile::Starts starts{0};
  bool any_root = false;
  bool any_leaf = false;
  model::Profile::Locations root_side;
  for (std::size_t s = 0; s < profile.sample_count(); ++s) {
    root_side.shrink(0);
    any_root |= frames.frames(s, roots, root_side);
    any_leaf |= frames.frames(s, leaves, locations);
    const auto stack = profile.stack(s);
    locations.append(stack);
    locations.append(root_side);
    starts.push_back(locations.size());
  }
  profile.stack_locations = std::move(locations);
  profile.stack_start = std::move(starts);
  return {any_root, any_leaf};
}

}  // namespace

std::pair<bool, bool> add_label_frames(model::Profile& profile, const std::vector<std::string_view>& roots,
                                       const std::vector<std::string_view>& leaves, std::string_view unit,
                                       model::Symbols& symbols) {
  if (roots.empty() && leaves.empty()) return {false, false};
  return add_frames(profile, roots, leaves, LabelFrames(profile, LabelFrames::Names::Values, unit, symbols));
}

bool group_by_labels(model::Profile& profile, const std::vector<std::string_view>& keys, model::Symbols& symbols) {
  return add_frames(profile, keys, {}, LabelFrames(profile, LabelFrames::Names::Pairs, "auto", symbols)).first;
}

std::vector<std::string> label_keys(const model::Profile& profile, const model::Symbols& symbols) {
  std::set<std::string> keys;
  for (const auto& label : profile.labels) keys.emplace(symbols.text(label.key));
  return {keys.begin(), keys.end()};
}

}  // namespace gopsy::pprof
