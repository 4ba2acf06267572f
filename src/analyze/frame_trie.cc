#include "analyze/frame_trie.h"

#include "analyze/recursion.h"

namespace gopsy::analyze {

using model::FrameKind;

void FrameTrie::reserve(std::size_t nodes) {
  links_.reserve(nodes);
  frames_.reserve(nodes);
  cycles_.reserve(nodes);
  self_.reserve(nodes);
  index_.reserve(nodes);
}

std::uint32_t FrameTrie::ancestor(std::uint32_t node, std::uint32_t steps) const {
  while (steps-- > 0) node = links_[node].parent;
  return node;
}

// The shortest period whose last two turns end at `node`, or 0.
std::uint8_t FrameTrie::cycle_at(std::uint32_t node) const {
  std::uint32_t earlier = links_[node].parent;
  for (std::uint32_t period = 1; period <= kLongestPeriod && earlier != 0; ++period) {
    if (links_[earlier].key == links_[node].key) {
      std::uint32_t a = node;
      std::uint32_t b = earlier;
      std::uint32_t same = 0;
      while (same < period && b != 0 && links_[a].key == links_[b].key) {
        a = links_[a].parent;
        b = links_[b].parent;
        ++same;
      }
      if (same == period) return static_cast<std::uint8_t>(period);
    }
    earlier = links_[earlier].parent;
  }
  return 0;
}

std::uint32_t FrameTrie::child(std::uint32_t parent, model::FrameId frame, const model::Symbols& symbols, bool fold) {
  const model::Frame& place = symbols.frame(frame);
  const std::uint32_t key = key_of(place);
  const auto [number, is_new] = index_.child(parent, key);
  if (is_new) {
    links_.push_back({.parent = parent, .key = key});
    frames_.push_back(frame);
    self_.push_back(0);
    cycles_.push_back(fold ? cycle_at(number) : 0);
  } else if (place.kind == FrameKind::Physical && symbols.frame(frames_[number]).kind == FrameKind::Inlined) {
    frames_[number] = frame;
  }
  return number;
}

FrameTrie::Position FrameTrie::push(Position at, model::FrameId frame, const model::Symbols& symbols, bool fold) {
  at.node = child(at.node, frame, symbols, fold);
  const std::uint32_t period = cycles_[at.node];
  if (!fold || period == 0) return at;
  at.node = ancestor(at.node, period);
  const std::uint32_t begin = ancestor(at.node, period - 1);
  const bool goes_on = at.cycle_begin == begin && at.cycle_period == period;
  at.cycle_repeats = goes_on ? at.cycle_repeats + 1 : 2;
  at.cycle_begin = begin;
  at.cycle_period = period;
  Fold& fold_here = folds_[begin];
  if (at.cycle_repeats > fold_here.repeats) {
    fold_here.repeats = at.cycle_repeats;
    fold_here.period = period;
  }
  return at;
}

}  // namespace gopsy::analyze
