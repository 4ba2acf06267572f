#include "decode/traceback/known_frames.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <utility>

namespace gopsy::decode::traceback {
namespace {

bool is(const KnownFrame& frame, std::string_view function, std::string_view place_line) {
  return frame.place_text == place_line && frame.function_text == function;
}

std::uint64_t hash_of(std::string_view function, std::string_view place_line) {
  return XXH3_64bits(place_line.data(), place_line.size()) + function.size();
}

}  // namespace

KnownFrame* KnownFrames::find(std::string_view function, std::string_view place_line) {
  if (last_ != nullptr && last_->next != nullptr && is(*last_->next, function, place_line)) return last_ = last_->next;
  if (slots_.empty()) return nullptr;
  const std::uint64_t hash = hash_of(function, place_line);
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = hash & mask; slots_[at] != 0; at = (at + 1) & mask) {
    KnownFrame& frame = frames_[slots_[at] - 1];
    if (frame.hash != hash || !is(frame, function, place_line)) continue;
    if (last_ != nullptr) last_->next = &frame;
    return last_ = &frame;
  }
  return nullptr;
}

KnownFrame* KnownFrames::add(KnownFrame frame) {
  if (frames_.size() >= kMost || frame.place_text.size() + frame.function_text.size() > kLongest) return nullptr;
  if (slots_.empty()) slots_.resize(kMost * 2);
  frame.hash = hash_of(frame.function_text, frame.place_text);
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = frame.hash & mask;
  while (slots_[at] != 0) at = (at + 1) & mask;
  frames_.push_back(std::move(frame));
  slots_[at] = static_cast<std::uint32_t>(frames_.size());
  if (last_ != nullptr) last_->next = &frames_.back();
  return last_ = &frames_.back();
}

}  // namespace gopsy::decode::traceback
