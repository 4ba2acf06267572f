#include "model/same_stacks.h"

#include <algorithm>

namespace gopsy::model {
namespace {

constexpr std::uint64_t kMix = 0x9E3779B97F4A7C15;  // 2^64 divided by the golden ratio, as hashes use it

}  // namespace

void SameStacks::compare(Traceback& traceback, std::uint32_t index) {
  Goroutine& last = traceback.goroutines[index];
  last.same_stack_as = index;
  const auto frames = traceback.frames_of(last);
  std::uint64_t hash = last.elided_frames * kMix + last.elided_after;
  for (const auto& frame : frames) {
    hash = (hash ^ (std::uint64_t{frame.function.value} << 32U | frame.file.value)) * kMix;
    hash = (hash ^ (std::uint64_t{frame.line} << 32U | frame.pc_offset)) * kMix;
    hash ^= hash >> 29U;
  }
  const auto [known, is_new] = first_.try_emplace(hash, last.same_stack_as);
  if (is_new) return;
  const Goroutine& other = traceback.goroutines[known->second];
  const bool same = other.elided_frames == last.elided_frames && other.elided_after == last.elided_after &&
                    std::ranges::equal(frames, traceback.frames_of(other), [](const auto& a, const auto& b) {
                      return a.function == b.function && a.file == b.file && a.line == b.line &&
                             a.pc_offset == b.pc_offset && a.inlined == b.inlined;
                    });
  if (same) last.same_stack_as = known->second;
}

}  // namespace gopsy::model
