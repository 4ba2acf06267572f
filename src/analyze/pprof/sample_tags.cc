#include "analyze/pprof/sample_tags.h"

#include <algorithm>

namespace gopsy::pprof {

// All string labels of a sample make one tag; each numeric one of the key that is asked for, another.
void SampleTags::read(std::size_t sample) {
  std::vector<std::string> texts;
  numbers_.clear();
  for (auto i = profile_.label_start[sample]; i < profile_.label_start[sample + 1]; ++i) {
    const auto& label = profile_.labels[i];
    if (label.text) {
      texts.push_back(std::string(symbols_.text(label.key)) + ":" + std::string(symbols_.text(label.text)));
    } else if (options_.number_key && label.key == options_.number_key) {
      numbers_.emplace_back(options_.format_number(label.number), label.number);
    }
  }
  std::ranges::sort(texts);
  text_.clear();
  for (const std::string& text : texts) text_ += (text_.empty() ? "" : "\\n") + text;
}

template <class Each>
void SampleTags::for_each(NodeTags& tags, Each each) const {
  if (!text_.empty()) {
    Tag& tag = tags.labels[text_];
    tag.name = text_;
    each(tag);
  }
  if (numbers_.empty()) return;
  Tags& values = tags.numbers[text_];
  for (const auto& [name, value] : numbers_) {
    const auto [found, is_new] = values.try_emplace(name);
    if (is_new) found->second = {.name = name, .unit = options_.number_unit, .value = value};
    each(found->second);
  }
}

void SampleTags::add_cum(NodeTags& tags, Weight weight) const {
  for_each(tags, [&](Tag& tag) { weight.add_to(tag.cum, tag.cum_div); });
}

void SampleTags::add_flat(NodeTags& tags, Weight weight) const {
  for_each(tags, [&](Tag& tag) { weight.add_to(tag.flat, tag.flat_div); });
}

}  // namespace gopsy::pprof
