#include "analyze/filter.h"

#include <re2/re2.h>

#include <array>
#include <string_view>

namespace gopsy::analyze {
namespace {

enum Which : std::uint8_t { kFocus, kIgnore, kHide, kShow, kWhichCount };

constexpr std::uint8_t kKnown = 0x80;

constexpr std::array<const char*, kWhichCount> kBroken{
    "the focus filter is not a regular expression",
    "the ignore filter is not a regular expression",
    "the hide filter is not a regular expression",
    "the show filter is not a regular expression",
};

constexpr std::uint8_t bit(Which which) { return static_cast<std::uint8_t>(1U << which); }

}  // namespace

struct FrameFilter::Expressions {
  std::array<std::unique_ptr<RE2>, kWhichCount> list;
};

FrameFilter::FrameFilter() : expressions_(std::make_unique<Expressions>()) {}
FrameFilter::FrameFilter(FrameFilter&&) noexcept = default;
FrameFilter& FrameFilter::operator=(FrameFilter&&) noexcept = default;
FrameFilter::~FrameFilter() = default;

Result<FrameFilter> FrameFilter::compile(const StackFilter& filter) {
  FrameFilter compiled;
  const std::array<std::string_view, kWhichCount> texts{filter.focus, filter.ignore, filter.hide, filter.show};
  RE2::Options options;
  options.set_log_errors(false);
  for (std::size_t which = 0; which < kWhichCount; ++which) {
    if (texts[which].empty()) continue;
    auto expression = std::make_unique<RE2>(re2::StringPiece(texts[which].data(), texts[which].size()), options);
    if (!expression->ok()) return std::unexpected(Error{.code = Errc::Usage, .what = kBroken[which], .a = which});
    compiled.expressions_->list[which] = std::move(expression);
  }
  return compiled;
}

bool FrameFilter::active() const {
  for (const auto& expression : expressions_->list)
    if (expression) return true;
  return false;
}

std::uint8_t FrameFilter::matches(StringId name, const model::Symbols& symbols) {
  if (name.value >= known_.size()) known_.resize(symbols.strings.size());
  std::uint8_t& known = known_[name.value];
  if (known == 0) {
    known = kKnown;
    const std::string_view text = symbols.text(name);
    for (std::size_t which = 0; which < kWhichCount; ++which) {
      const auto& expression = expressions_->list[which];
      if (expression && RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *expression))
        known |= bit(static_cast<Which>(which));
    }
  }
  return known;
}

std::uint8_t FrameFilter::verdict(model::FrameId frame, const model::Symbols& symbols) {
  const model::Frame& place = symbols.frame(frame);
  std::uint8_t found = matches(place.function, symbols);
  if (place.file) found |= matches(place.file, symbols);
  const auto& list = expressions_->list;
  std::uint8_t verdict = 0;
  if (list[kFocus] == nullptr || (found & bit(kFocus)) != 0) verdict |= kFocused;
  if ((found & bit(kIgnore)) != 0) verdict |= kIgnored;
  if ((found & bit(kHide)) != 0) verdict |= kHidden;
  if (list[kShow] != nullptr && (found & bit(kShow)) == 0) verdict |= kHidden;
  return verdict;
}

}  // namespace gopsy::analyze
