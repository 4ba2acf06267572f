#include "cli/pprof/completion.h"

#include <algorithm>

#include "app/pprof/settings.h"
#include "base/text.h"

namespace gopsy::pprof {
namespace {

using cli::Completion;
using Words = std::vector<std::string>;

void keep_prefixed(Words& words, std::string_view prefix) {
  std::erase_if(words, [&](const std::string& word) { return !word.starts_with(prefix); });
  std::ranges::sort(words);
  const auto same = std::ranges::unique(words);
  words.erase(same.begin(), same.end());
}

std::string_view common_prefix(const Words& words) {
  if (words.empty()) return {};
  std::string_view common = words[0];
  for (const std::string& word : words) {
    const auto [end, other] = std::ranges::mismatch(common, word);
    common = common.substr(0, static_cast<std::size_t>(end - common.begin()));
  }
  return common;
}

Words first_words(const Words& types) {
  Words words{"help", "options", "quit", "exit"};
  for (const ReportName& report : report_names()) words.emplace_back(report.name);
  for (const Setting& setting : settings()) words.emplace_back(setting.name);
  for (const std::string& type : types) {
    words.push_back(type);
    words.push_back("total_" + type);
    words.push_back("mean_" + type);
  }
  return words;
}

Words values_of(std::string_view name, const Words& types) {
  if (name == "sample_index") return types;
  Words words;
  const Setting* setting = find_setting(name);
  if (setting == nullptr) return words;
  if (is_switch(*setting)) return {"false", "true"};
  for (const std::string_view word : split(setting->choices, '|'))
    if (!word.empty()) words.emplace_back(word);
  return words;
}

// `head` stays; what stands behind it becomes the only word of `words` that begins with it, or their common part.
Completion by_prefix(std::string_view head, std::string_view typed, Words words) {
  keep_prefixed(words, typed);
  if (words.empty()) return {.line = std::string(head) + std::string(typed)};
  Completion completion{.line = std::string(head) + std::string(common_prefix(words))};
  if (words.size() > 1) completion.choices = std::move(words);
  return completion;
}

Completion by_function(std::string_view head, std::string_view typed, const NamesWith& functions) {
  Words names = functions(typed);
  if (names.size() == 1) return {.line = std::string(head) + names[0]};
  Completion completion{.line = std::string(head) + std::string(typed)};
  if (const auto common = common_prefix(names); common.size() > typed.size() && common.starts_with(typed))
    completion.line = std::string(head) + std::string(common);
  completion.choices = std::move(names);
  return completion;
}

}  // namespace

cli::Completion complete(std::string_view line, const std::vector<std::string>& types, const NamesWith& functions) {
  constexpr std::string_view kBlank = " \t";
  const std::size_t last = line.find_last_of(kBlank) + 1;
  const std::string_view head = line.substr(0, last);
  std::string_view typed = line.substr(last);
  const std::string_view first = trim(head);
  if (first.empty()) {
    const auto equals = typed.find('=');
    if (equals == std::string_view::npos) return by_prefix(head, typed, first_words(types));
    const std::size_t value = last + equals + 1;
    return by_prefix(line.substr(0, value), line.substr(value), values_of(typed.substr(0, equals), types));
  }
  const std::string_view command = first.substr(0, first.find_first_of(kBlank));
  if (command == "help") return by_prefix(head, typed, first_words({}));
  if (find_report(command) == nullptr || command == "tags" || typed.empty()) return {.line = std::string(line)};
  const std::size_t sign = typed.starts_with('-') ? 1 : 0;
  return by_function(line.substr(0, last + sign), typed.substr(sign), functions);
}

}  // namespace gopsy::pprof
