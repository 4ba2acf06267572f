#pragma once

#include <expected>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "analyze/pprof/filters.h"
#include "base/error.h"
#include "model/profile.h"
#include "model/symbols.h"

namespace gopsy::pprof {

/// The unit of each numeric label: the first one met, or what its key implies ("bytes" for "request" and
/// "alignment", else the key itself). Source  profile/profile.go NumLabelUnits.
struct LabelUnits {
  std::map<StringId, std::string> units;
  std::vector<std::string> warnings;  ///< keys met with several units

  [[nodiscard]] std::string of(StringId key) const {
    const auto found = units.find(key);
    return found == units.end() ? std::string() : found->second;
  }
};
LabelUnits label_units(const model::Profile& profile, const model::Symbols& symbols);

/// The labels of one sample by key, in the order of their keys' names; values in file order.
struct SampleLabels {
  std::map<std::string_view, std::vector<std::string_view>> texts;
  std::map<std::string_view, std::vector<std::pair<std::int64_t, StringId>>> numbers;
};
SampleLabels labels_of(const model::Profile& profile, std::size_t sample, const model::Symbols& symbols);

/// What -tagfocus and -tagignore mean: expressions on "key:value", "key=expression,expression", or a range of numbers
/// ("32kb", ":64kb", "4mb:", "1mb:2"). Empty text gives an empty match. `notice` gets "Interpreted ... as range".
/// Errors  the text of a wrong expression.
std::expected<SampleMatch, std::string> tag_filter(std::string_view option, std::string_view text,
                                                   const model::Profile& profile, const model::Symbols& symbols,
                                                   const LabelUnits& units, std::string& notice);

/// Adds a frame for each of the label keys: at the root, the first outermost, and at the leaf. Yields  whether any
/// sample has a label with such a key. Source  internal/driver/tagroot.go.
std::pair<bool, bool> add_label_frames(model::Profile& profile, const std::vector<std::string_view>& roots,
                                       const std::vector<std::string_view>& leaves, std::string_view unit,
                                       model::Symbols& symbols);

/// Groups samples by label: a frame "key=value" for each of the keys at the root, the first outermost, and
/// "key=(none)" where a sample has no such label. Yields  whether any sample has one.
bool group_by_labels(model::Profile& profile, const std::vector<std::string_view>& keys, model::Symbols& symbols);

/// The keys of a profile's labels, sorted.
std::vector<std::string> label_keys(const model::Profile& profile, const model::Symbols& symbols);

}  // namespace gopsy::pprof
