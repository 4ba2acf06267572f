#include "analyze/stacks.h"

#include <algorithm>
#include <limits>
#include <unordered_map>

#include "analyze/narrow.h"
#include "analyze/stack_tree.h"
#include "analyze/truncation.h"
#include "base/format.h"
#include "base/text.h"
#include "base/units.h"

namespace gopsy::analyze {
namespace {

using model::Frame;
using model::FrameId;
using model::FrameKind;
using model::Symbols;

std::optional<std::size_t> column_of(const model::Profile& profile, std::string_view sample_index,
                                     const Symbols& symbols) {
  if (sample_index.empty()) return profile.default_column();
  for (std::size_t i = 0; i < profile.types.size(); ++i)
    if (symbols.text(profile.types[i].type) == sample_index) return i;
  const auto number = parse_decimal(sample_index);
  if (number && *number < profile.types.size()) return static_cast<std::size_t>(*number);
  return std::nullopt;
}

FrameId marker(std::string_view text, Symbols& symbols) {
  return symbols.frame({.function = symbols.intern(text), .file = {}, .line = 0, .kind = FrameKind::Marker});
}

// Copies the tree of a profile's locations into one of frames, each node at most once under each base.
class ProfileStacks {
 public:
  ProfileStacks(const model::Profile& profile, const StackTree& tree, Symbols& symbols, WeightedStacks& out)
      : profile_(profile), tree_(tree), symbols_(symbols), out_(out), frames_of_(profile.locations.size()) {
    out.nodes.reserve(tree.nodes.size());
  }

  // The stack of `node`, its root frame on top of `base`. `known` holds the answers for that base.
  std::uint32_t stack(std::uint32_t node, std::uint32_t base, std::vector<std::uint32_t>& known) {
    if (known.empty()) known.resize(tree_.nodes.size());
    path_.clear();
    while (node != 0 && known[node] == 0) {
      path_.push_back(node);
      node = tree_.nodes[node].parent;
    }
    std::uint32_t at = node == 0 ? base : known[node];
    for (auto it = path_.rbegin(); it != path_.rend(); ++it) {
      for (const FrameId frame : frames_of(tree_.nodes[*it].location)) at = out_.push(at, frame);
      known[*it] = at;
    }
    return at;
  }

 private:
  const std::vector<FrameId>& frames_of(std::uint32_t location) {
    std::vector<FrameId>& frames = frames_of_[location];
    if (frames.empty()) frames = make_frames(profile_.locations[location]);
    return frames;
  }

  // Caller first: the physical function is the last line of a location, what it inlined stands before it.
  std::vector<FrameId> make_frames(const model::Profile::Location& location) {
    std::vector<FrameId> frames;
    for (std::uint32_t i = location.line_count; i-- > 0;) {
      const auto& line = profile_.lines[location.first_line + i];
      const auto& function = profile_.functions[line.function];
      const StringId name = function.name ? function.name : function.system_name;
      const bool has_line = line.line > 0 && line.line <= std::numeric_limits<std::uint32_t>::max();
      frames.push_back(
          symbols_.frame({.function = name ? name : unsymbolized(location),
                          .file = function.file,
                          .line = has_line ? static_cast<std::uint32_t>(line.line) : 0,
                          .kind = i + 1 == location.line_count ? FrameKind::Physical : FrameKind::Inlined}));
    }
    if (frames.empty()) {
      frames.push_back(
          symbols_.frame({.function = unsymbolized(location), .file = {}, .line = 0, .kind = FrameKind::Physical}));
    }
    return frames;
  }

  // "libc.so.6+0x29d90": the offset in the file, which survives address randomisation.
  StringId unsymbolized(const model::Profile::Location& location) {
    if (location.mapping == model::Profile::kNoMapping) {
      return symbols_.intern(location.address == 0 ? "[unknown]" : fmt::format("{:#x}", location.address));
    }
    const auto& mapping = profile_.mappings[location.mapping];
    std::string_view file = symbols_.text(mapping.file);
    file.remove_prefix(file.rfind('/') + 1);
    if (location.address == 0) return symbols_.intern(file.empty() ? "[unknown]" : fmt::format("[{}]", file));
    if (file.empty()) return symbols_.intern(fmt::format("{:#x}", location.address));
    return symbols_.intern(fmt::format("{}+{:#x}", file, location.address - mapping.start + mapping.offset));
  }

  const model::Profile& profile_;
  const StackTree& tree_;
  Symbols& symbols_;
  WeightedStacks& out_;
  std::vector<std::vector<FrameId>> frames_of_;
  std::vector<std::uint32_t> path_;
};

std::string elided_text(std::uint64_t count) {
  if (count == model::Goroutine::kElidedUnknown) return "[frames elided]";
  return fmt::format("[{} elided]", counted(count, "frame"));
}

FrameId frame_of(const model::TracebackFrame& frame, Symbols& symbols) {
  return symbols.frame({.function = frame.function,
                        .file = frame.file,
                        .line = frame.line,
                        .kind = frame.inlined ? FrameKind::Inlined : FrameKind::Physical});
}

// Root first. `cut` is set if the stack's root side is missing.
std::uint32_t goroutine_stack(const model::Traceback& traceback, const model::Goroutine& goroutine, Symbols& symbols,
                              WeightedStacks& out, bool& cut) {
  const auto frames = traceback.frames_of(goroutine);
  if (frames.empty()) return out.push(0, marker("[stack unavailable]", symbols));
  const bool elided = goroutine.elided_frames != 0;
  std::uint32_t at = 0;
  // Up to Go 1.20 the elided frames are the outermost, else they stand in the middle; a text that ends
  // inside the goroutine lost the root side as well.
  if (goroutine.cut) at = out.push(at, marker("[truncated]", symbols));
  for (std::size_t i = frames.size() + 1; i-- > 0;) {
    if (elided && i == std::min<std::size_t>(goroutine.elided_after, frames.size()))
      at = out.push(at, marker(elided_text(goroutine.elided_frames), symbols));
    if (i > 0) at = out.push(at, frame_of(frames[i - 1], symbols));
  }
  cut = goroutine.cut || (elided && goroutine.elided_after >= frames.size());
  return at;
}

}  // namespace

Result<WeightedStacks> stacks_of(const model::Profile& profile, std::string_view sample_index, std::size_t most_nodes,
                                 Symbols& symbols) {
  const auto column = column_of(profile, sample_index, symbols);
  if (!column || *column >= profile.types.size()) {
    return std::unexpected(Error{.code = Errc::Usage,
                                 .what = "the profile has no such sample type; it has {} of them",
                                 .a = profile.types.size()});
  }
  const StackTree tree = stack_tree(profile);
  const Truncation truncation(profile, tree, *column, symbols);
  const auto wide = most_nodes == 0 ? std::vector<std::uint32_t>() : wide_ancestors(profile, tree, *column, most_nodes);
  WeightedStacks out{.type = profile.types[*column].type, .unit = profile.types[*column].unit};
  ProfileStacks stacks(profile, tree, symbols, out);
  std::vector<std::uint32_t> whole;
  std::vector<std::uint32_t> cut;
  std::uint32_t cut_base = 0;
  std::unordered_map<std::uint32_t, std::uint32_t> narrow;  // the marker under a stack
  out.stacks.reserve(profile.sample_count());
  out.weights.reserve(profile.sample_count());
  for (std::size_t i = 0; i < profile.sample_count(); ++i) {
    const std::uint32_t node = wide.empty() ? tree.stacks[i] : wide[tree.stacks[i]];
    std::uint32_t stack = 0;
    if (truncation.cut(tree.stacks[i])) {
      if (cut_base == 0) cut_base = out.push(0, marker(fmt::format("[truncated at {}]", truncation.limit()), symbols));
      stack = stacks.stack(node, cut_base, cut);
      ++out.truncated;
    } else {
      stack = stacks.stack(node, 0, whole);
    }
    if (node != tree.stacks[i]) {
      const auto [found, is_new] = narrow.try_emplace(stack, 0);
      if (is_new) found->second = out.push(stack, marker("[narrow stacks]", symbols));
      stack = found->second;
    }
    out.stacks.push_back(stack);
    out.weights.push_back(profile.value(i, *column));
  }
  return out;
}

WeightedStacks stacks_of(const model::Traceback& traceback, Symbols& symbols) {
  WeightedStacks out{.type = symbols.intern("goroutines"), .unit = symbols.intern("count")};
  for (const model::Goroutine& goroutine : traceback.goroutines) {
    if (goroutine.system || goroutine.wait == model::WaitKind::RuntimeIdle) continue;
    bool cut = false;
    out.stacks.push_back(goroutine_stack(traceback, goroutine, symbols, out, cut));
    out.weights.push_back(1);
    if (cut) ++out.truncated;
  }
  return out;
}

}  // namespace gopsy::analyze
