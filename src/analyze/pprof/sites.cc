#include "analyze/pprof/sites.h"

namespace gopsy::pprof {

Sites::Sites(const model::Profile& profile, const Places& places, const std::vector<bool>* kept) {
  sites_.resize(profile.locations.size());
  for (std::uint32_t location = 0; location < sites_.size(); ++location) {
    Site& site = sites_[location];
    site.first = static_cast<std::uint32_t>(frames_.size());
    bool cut = false;
    const auto lines = places.of(location);
    for (std::size_t line = lines.size(); line-- > 0;) {
      const bool keeps = kept == nullptr || (*kept)[lines[line]];
      if (keeps) frames_.emplace_back(lines[line], line + 1 != lines.size(), cut);
      cut = !keeps;
    }
    const std::size_t count = frames_.size() - site.first;
    site.count = static_cast<std::uint32_t>(count) & 0x7FFFFFFFU;
    site.cut_end = cut ? 1 : 0;
  }
  frames_.resize(frames_.size() + 2);
}

void Sites::expand(model::Profile::Stack stack, Path& path) const {
  stack.with_span([&](const auto numbers) { expand(numbers, path); });
}

template <class Number>
void Sites::expand(std::span<const Number> stack, Path& path) const {
  // The next stack lies behind this one. It is read backwards as well, which hardware does not foresee.
  constexpr std::size_t kLine = 64 / sizeof(Number);
  for (std::size_t ahead = 0; ahead < stack.size() && ahead < 256; ahead += kLine)
    __builtin_prefetch(stack.data() + stack.size() + ahead);
  const auto inner_calls = static_cast<std::uint32_t>(sites_.size());
  std::size_t size = 0;
  std::uint32_t caller = 0;
  std::uint32_t cut = 0;
  for (std::size_t i = stack.size(); i-- > 0;) {
    const Site& site = sites_[stack[i]];
    if (path.frames.size() < size + site.count + 2) [[unlikely]] {
      path.frames.resize((size + site.count + 2) * 2);
      path.calls.resize(path.frames.size());
    }
    SiteFrame* const frames = path.frames.data();
    std::uint32_t* const calls = path.calls.data();
    SiteFrame outer = frames_[site.first];
    outer.set_after_cut(cut);
    frames[size] = outer;
    calls[size] = caller;
    // Written even if there is no second frame: the next location overwrites it.
    frames[size + 1] = frames_[site.first + 1];
    calls[size + 1] = inner_calls + site.first + 1;
    for (std::uint32_t more = 2; more < site.count; ++more) {
      frames[size + more] = frames_[site.first + more];
      calls[size + more] = inner_calls + site.first + more;
    }
    size += site.count;
    caller = site.count != 0 ? std::uint32_t{stack[i]} : caller;
    cut = site.cut_end;
  }
  path.size = size;
  path.cut_end = cut != 0;
}

}  // namespace gopsy::pprof
