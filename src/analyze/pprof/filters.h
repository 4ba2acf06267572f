#pragma once

#include <re2/re2.h>

#include <functional>

#include "model/profile.h"
#include "model/symbols.h"

namespace gopsy::pprof {

/// The filters of pprof, in place, each in its own pass as pprof has them. A null expression does nothing.
/// Source  profile/filter.go, profile/prune.go; reference/pprof.md section 3, "Filters".

/// Which expressions matched anything.
struct NameMatches {
  bool focus = false;
  bool ignore = false;
  bool hide = false;
  bool show = false;
};

/// Drops samples without a location that matches `focus`, or with one that matches `ignore`; takes lines that match
/// `hide`, or do not match `show`, out of locations. Names are those of functions, files and mappings.
NameMatches filter_by_name(model::Profile& profile, const RE2* focus, const RE2* ignore, const RE2* hide,
                           const RE2* show, const model::Symbols& symbols);

/// Keeps of each sample what lies below the match nearest to its root; samples without one go. Yields  any match.
bool show_from(model::Profile& profile, const RE2& expression, const model::Symbols& symbols);

using SampleMatch = std::function<bool(std::size_t sample)>;
struct TagMatches {
  bool focus = false;
  bool ignore = false;
};
/// Keeps the samples that `focus` accepts and `ignore` does not; either may be empty.
TagMatches filter_by_tag(model::Profile& profile, const SampleMatch& focus, const SampleMatch& ignore);

/// Takes labels away whose key does not match `show`, or matches `hide`. Yields  which of the two matched.
std::pair<bool, bool> filter_tags(model::Profile& profile, const RE2* show, const RE2* hide,
                                  const model::Symbols& symbols);

/// Takes every label with that key away.
void remove_label(model::Profile& profile, StringId key);

/// Cuts what a function that matches `expression` calls: the one nearest to the leaf.
void prune_from(model::Profile& profile, const RE2& expression, const model::Symbols& symbols);

/// Applies the profile's own drop_frames and keep_frames. An expression that is none is passed over, as pprof does.
void remove_uninteresting(model::Profile& profile, const model::Symbols& symbols);

/// Keeps the samples for which `keep` is true.
void keep_samples(model::Profile& profile, const std::function<bool(std::size_t sample)>& keep);

}  // namespace gopsy::pprof
