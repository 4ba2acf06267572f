#include "analyze/pprof/filters.h"

#include <algorithm>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace gopsy::pprof {
namespace {

using model::Profile;

bool matches(const RE2& expression, std::string_view text) { return RE2::PartialMatch(text, expression); }

// The answers of one expression for all functions and mappings: each text is looked at once.
class Answers {
 public:
  Answers(const Profile& profile, const RE2& expression, const model::Symbols& symbols) : profile_(profile) {
    std::unordered_map<StringId, bool> known;
    const auto answer = [&](StringId text) {
      const auto [found, is_new] = known.try_emplace(text);
      if (is_new) found->second = matches(expression, symbols.text(text));
      return found->second;
    };
    for (const auto& function : profile.functions) functions_.push_back(answer(function.name) || answer(function.file));
    for (const auto& mapping : profile.mappings) mappings_.push_back(answer(mapping.file));
  }

  [[nodiscard]] bool mapping(const Profile::Location& location) const {
    return location.mapping != Profile::kNoMapping && mappings_[location.mapping];
  }
  [[nodiscard]] bool line(std::uint32_t line) const { return functions_[profile_.lines[line].function]; }
  [[nodiscard]] bool location(const Profile::Location& location) const {
    for (std::uint32_t i = 0; i < location.line_count; ++i)
      if (line(location.first_line + i)) return true;
    return mapping(location);
  }

 private:
  const Profile& profile_;
  std::vector<bool> functions_;
  std::vector<bool> mappings_;
};

// Keeps the lines of a location that `keep` accepts, at the end of the table: its old place may be shared.
template <class Keep>
void keep_lines(Profile& profile, Profile::Location& location, Keep keep) {
  const auto first = static_cast<std::uint32_t>(profile.lines.size());
  for (std::uint32_t i = 0; i < location.line_count; ++i) {
    const std::uint32_t line = location.first_line + i;
    if (keep(line)) profile.lines.push_back(profile.lines[line]);
  }
  location.first_line = first;
  location.line_count = static_cast<std::uint32_t>(profile.lines.size()) - first;
}

// Writes samples over the ones before them: each pass shortens stacks or drops samples, never lengthens one.
class Rewriter {
 public:
  explicit Rewriter(Profile& profile) : profile_(profile) {}

  // Keeps the sample with the locations of its stack that lie in [begin, end) and that `keep` accepts.
  template <class Keep>
  void add(std::size_t sample, std::size_t begin, std::size_t end, Keep keep) {
    for (std::size_t i = begin; i < end; ++i) {
      const std::uint32_t location = profile_.stack_locations[start_ + i];
      if (keep(location)) profile_.stack_locations.set(frames_++, location);
    }
    move_rest(sample);
  }

  // REQUIRES: called once for each sample, in order, before `add`; a sample that is not added is gone.
  Profile::Stack next(std::size_t sample) {
    start_ = next_start_;
    next_start_ = profile_.stack_start[sample + 1];
    return profile_.stack_locations.view(start_, next_start_ - start_);
  }

  void finish() {
    profile_.stack_locations.shrink(frames_);
    profile_.stack_start.shrink(kept_ + 1);
    profile_.values.resize(kept_ * profile_.types.size());
    profile_.labels.resize(labels_);
    profile_.label_start.shrink(kept_ + 1);
  }

 private:
  void move_rest(std::size_t sample) {
    const std::size_t types = profile_.types.size();
    for (std::size_t t = 0; t < types; ++t) profile_.values[kept_ * types + t] = profile_.values[sample * types + t];
    // Starts are written at most up to this sample's own, with the value that it has: reading goes ahead of writing.
    const std::uint64_t first = profile_.label_start[sample];
    const std::uint64_t last = profile_.label_start[sample + 1];
    for (std::uint64_t i = first; i < last; ++i) profile_.labels[labels_++] = profile_.labels[i];
    ++kept_;
    profile_.stack_start.set(kept_, frames_);
    profile_.label_start.set(kept_, labels_);
  }

  Profile& profile_;
  std::size_t kept_ = 0;
  std::uint64_t frames_ = 0;
  std::uint64_t labels_ = 0;
  std::uint64_t start_ = 0;
  std::uint64_t next_start_ = 0;
};

constexpr auto kAll = [](std::uint32_t) { return true; };

// A function's name without its arguments: up to the first '(' that belongs to no reserved name.
std::string_view without_arguments(std::string_view name) {
  if (name.starts_with('.')) name.remove_prefix(1);
  for (std::size_t at = 0; (at = name.find('(', at)) != std::string_view::npos;) {
    constexpr std::string_view kAnonymous = "(anonymous namespace)";
    constexpr std::string_view kOperator = "operator()";
    const std::size_t operator_at = at - std::min<std::size_t>(at, kOperator.size() - 2);
    if (name.substr(at).starts_with(kAnonymous)) {
      at += kAnonymous.size();
    } else if (name.substr(operator_at).starts_with(kOperator)) {
      at += 2;
    } else {
      return name.substr(0, at);
    }
  }
  return name;
}

std::vector<bool> functions_to_prune(const Profile& profile, const RE2& drop, const RE2* keep,
                                     const model::Symbols& symbols) {
  std::unordered_map<StringId, bool> known;
  std::vector<bool> prune;
  for (const auto& function : profile.functions) {
    const auto [found, is_new] = known.try_emplace(function.name);
    if (is_new && function.name) {
      const std::string_view name = without_arguments(symbols.text(function.name));
      found->second = matches(drop, name) && (keep == nullptr || !matches(*keep, name));
    }
    prune.push_back(found->second);
  }
  return prune;
}

void prune(Profile& profile, const RE2& drop, const RE2* keep, const model::Symbols& symbols) {
  const auto unwanted = functions_to_prune(profile, drop, keep, symbols);
  std::vector<bool> whole(profile.locations.size());
  std::vector<bool> partly(profile.locations.size());
  for (std::size_t l = 0; l < profile.locations.size(); ++l) {
    auto& location = profile.locations[l];
    for (std::uint32_t i = location.line_count; i-- > 0;) {
      if (!unwanted[profile.lines[location.first_line + i].function]) continue;
      if (i + 1 == location.line_count) {
        whole[l] = true;
      } else {
        partly[l] = true;
        location.first_line += i + 1;
        location.line_count -= i + 1;
      }
      break;
    }
  }
  Rewriter rewriter(profile);
  for (std::size_t s = 0; s < profile.sample_count(); ++s) {
    const auto stack = rewriter.next(s);
    std::size_t begin = 0;
    bool wanted = false;
    for (std::size_t i = stack.size(); i-- > 0;) {
      if (!whole[stack[i]] && !partly[stack[i]]) {
        wanted = true;
      } else if (wanted) {
        begin = whole[stack[i]] ? i + 1 : i;
        break;
      }
    }
    rewriter.add(s, begin, stack.size(), kAll);
  }
  rewriter.finish();
}

}  // namespace

NameMatches filter_by_name(Profile& profile, const RE2* focus, const RE2* ignore, const RE2* hide, const RE2* show,
                           const model::Symbols& symbols) {
  NameMatches any;
  if (focus == nullptr && ignore == nullptr && hide == nullptr && show == nullptr) {
    any.focus = true;
    return any;
  }
  enum class Mark : std::uint8_t { None, Focused, Ignored };
  std::vector<Mark> marks(profile.locations.size());
  std::vector<bool> hidden(profile.locations.size());
  const auto answers = [&](const RE2* expression) {
    return expression == nullptr ? std::optional<Answers>() : Answers(profile, *expression, symbols);
  };
  const auto focused = answers(focus);
  const auto ignored = answers(ignore);
  const auto hides = answers(hide);
  const auto shows = answers(show);
  for (std::size_t l = 0; l < profile.locations.size(); ++l) {
    auto& location = profile.locations[l];
    if (ignored && ignored->location(location)) {
      any.ignore = true;
      marks[l] = Mark::Ignored;
    } else if (!focused || focused->location(location)) {
      any.focus = true;
      marks[l] = Mark::Focused;
    }
    if (hides && hides->location(location)) {
      any.hide = true;
      if (hides->mapping(location)) {
        location.line_count = 0;
      } else {
        keep_lines(profile, location, [&](std::uint32_t line) { return !hides->line(line); });
      }
      hidden[l] = location.line_count == 0;
    }
    if (shows) {
      if (!shows->mapping(location))
        keep_lines(profile, location, [&](std::uint32_t line) { return shows->line(line); });
      if (location.line_count == 0) {
        hidden[l] = true;
      } else {
        any.show = true;
      }
    }
  }
  const bool hides_some = std::ranges::find(hidden, true) != hidden.end();
  Rewriter rewriter(profile);
  for (std::size_t s = 0; s < profile.sample_count(); ++s) {
    const auto stack = rewriter.next(s);
    const auto has = [&](Mark mark) {
      return std::ranges::any_of(stack, [&](std::uint32_t location) { return marks[location] == mark; });
    };
    const bool wanted = has(Mark::Focused) && !has(Mark::Ignored);
    const bool empty =
        hides_some && std::ranges::all_of(stack, [&](std::uint32_t location) { return hidden[location]; });
    if (!wanted || empty) continue;
    rewriter.add(s, 0, stack.size(), [&](std::uint32_t location) { return !hidden[location]; });
  }
  rewriter.finish();
  return any;
}

bool show_from(Profile& profile, const RE2& expression, const model::Symbols& symbols) {
  const Answers answers(profile, expression, symbols);
  std::vector<bool> matched(profile.locations.size());
  bool any = false;
  for (std::size_t l = 0; l < profile.locations.size(); ++l) {
    auto& location = profile.locations[l];
    matched[l] = answers.mapping(location);
    for (std::uint32_t i = location.line_count; i-- > 0 && !matched[l];) {
      if (!answers.line(location.first_line + i)) continue;
      location.line_count = i + 1;
      matched[l] = true;
    }
    any |= matched[l];
  }
  Rewriter rewriter(profile);
  for (std::size_t s = 0; s < profile.sample_count(); ++s) {
    const auto stack = rewriter.next(s);
    std::size_t end = stack.size();
    while (end > 0 && !matched[stack[end - 1]]) --end;
    if (end != 0) rewriter.add(s, 0, end, kAll);
  }
  rewriter.finish();
  return any;
}

TagMatches filter_by_tag(Profile& profile, const SampleMatch& focus, const SampleMatch& ignore) {
  TagMatches any;
  if (!focus && !ignore) return {.focus = profile.sample_count() != 0};
  Rewriter rewriter(profile);
  for (std::size_t s = 0; s < profile.sample_count(); ++s) {
    const bool focused = !focus || focus(s);
    const bool ignored = ignore && ignore(s);
    any.focus |= focused;
    any.ignore |= ignored;
    const auto stack = rewriter.next(s);
    if (focused && !ignored) rewriter.add(s, 0, stack.size(), kAll);
  }
  rewriter.finish();
  return any;
}

void keep_samples(Profile& profile, const std::function<bool(std::size_t)>& keep) { filter_by_tag(profile, keep, {}); }

std::pair<bool, bool> filter_tags(Profile& profile, const RE2* show, const RE2* hide, const model::Symbols& symbols) {
  bool shown = false;
  bool hidden = false;
  std::unordered_map<StringId, bool> known;
  const auto goes = [&](StringId key) {
    const auto [found, is_new] = known.try_emplace(key);
    if (is_new) {
      const bool show_it = show == nullptr || matches(*show, symbols.text(key));
      const bool hide_it = hide != nullptr && matches(*hide, symbols.text(key));
      shown |= show_it;
      hidden |= hide_it;
      found->second = !show_it || hide_it;
    }
    return found->second;
  };
  std::uint64_t kept = 0;
  std::uint64_t first = 0;
  for (std::size_t s = 0; s < profile.sample_count(); ++s) {
    const std::uint64_t last = profile.label_start[s + 1];
    for (std::uint64_t i = first; i < last; ++i)
      if (!goes(profile.labels[i].key)) profile.labels[kept++] = profile.labels[i];
    first = last;
    profile.label_start.set(s + 1, kept);
  }
  profile.labels.resize(kept);
  return {shown, hidden};
}

void remove_label(Profile& profile, StringId key) {
  if (!key) return;
  std::uint64_t kept = 0;
  std::uint64_t first = 0;
  for (std::size_t s = 0; s < profile.sample_count(); ++s) {
    const std::uint64_t last = profile.label_start[s + 1];
    for (std::uint64_t i = first; i < last; ++i)
      if (profile.labels[i].key != key) profile.labels[kept++] = profile.labels[i];
    first = last;
    profile.label_start.set(s + 1, kept);
  }
  profile.labels.resize(kept);
}

void prune_from(Profile& profile, const RE2& expression, const model::Symbols& symbols) {
  const auto unwanted = functions_to_prune(profile, expression, nullptr, symbols);
  std::vector<bool> beneath(profile.locations.size());
  for (std::size_t l = 0; l < profile.locations.size(); ++l) {
    auto& location = profile.locations[l];
    for (std::uint32_t i = 0; i < location.line_count; ++i) {
      if (!unwanted[profile.lines[location.first_line + i].function]) continue;
      beneath[l] = true;
      location.first_line += i;
      location.line_count -= i;
      break;
    }
  }
  Rewriter rewriter(profile);
  for (std::size_t s = 0; s < profile.sample_count(); ++s) {
    const auto stack = rewriter.next(s);
    const auto found = std::ranges::find_if(stack, [&](std::uint32_t location) { return beneath[location]; });
    rewriter.add(s, found == stack.end() ? 0 : static_cast<std::size_t>(found - stack.begin()), stack.size(), kAll);
  }
  rewriter.finish();
}

void remove_uninteresting(Profile& profile, const model::Symbols& symbols) {
  if (!profile.drop_frames) return;
  const auto anchored = [&](StringId text) { return RE2("^(" + std::string(symbols.text(text)) + ")$", RE2::Quiet); };
  const RE2 drop = anchored(profile.drop_frames);
  if (!drop.ok()) return;
  if (!profile.keep_frames) {
    prune(profile, drop, nullptr, symbols);
    return;
  }
  const RE2 keep = anchored(profile.keep_frames);
  if (keep.ok()) prune(profile, drop, &keep, symbols);
}

}  // namespace gopsy::pprof
