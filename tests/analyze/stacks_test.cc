#include "analyze/stacks.h"

#include <gtest/gtest.h>

#include <ranges>

#include "base/text.h"

namespace gopsy::analyze {
namespace {

using model::FrameKind;
using model::Profile;
using model::Symbols;

// A profile whose locations are made from text: "outer<inner<innermost" is one location with two
// functions inlined into `outer`.
class ProfileText {
 public:
  ProfileText(Symbols& symbols, std::string_view type) : symbols_(symbols) {
    profile.types.push_back({.type = symbols.intern(type), .unit = symbols.intern("count")});
  }

  std::uint32_t location(std::string_view text) {
    const auto names = split(text, '<');
    const auto first = static_cast<std::uint32_t>(profile.lines.size());
    for (auto it = names.rbegin(); it != names.rend(); ++it) {
      profile.lines.push_back({.function = static_cast<std::uint32_t>(profile.functions.size()), .line = 7});
      profile.functions.push_back({.name = symbols_.intern(*it)});
    }
    profile.locations.push_back({.first_line = first, .line_count = static_cast<std::uint32_t>(names.size())});
    return static_cast<std::uint32_t>(profile.locations.size() - 1);
  }

  // Stacks are written root first.
  using Stack = std::vector<std::uint32_t>;

  Stack push_times(Stack stack, std::string_view text, unsigned times) {
    const std::uint32_t at = location(text);
    for (unsigned i = 0; i < times; ++i) stack.push_back(at);
    return stack;
  }

  void stack(const Stack& stack) {
    profile.stack_locations.append(std::views::reverse(stack));
    profile.stack_start.push_back(profile.stack_locations.size());
  }

  void sample(const Stack& frames, std::int64_t value = 1) {
    stack(frames);
    profile.values.push_back(value);
  }

  Profile profile;

 private:
  Symbols& symbols_;
};

std::string text_of(const Symbols& symbols, const WeightedStacks& stacks, std::size_t sample) {
  std::string out;
  for (std::uint32_t n = stacks.stacks[sample]; n != 0; n = stacks.nodes[n].parent) {
    const auto& frame = symbols.frame(stacks.nodes[n].frame);
    const char* mark = frame.kind == FrameKind::Inlined ? "~" : frame.kind == FrameKind::Marker ? "#" : "";
    out = mark + std::string(symbols.text(frame.function)) + (out.empty() ? "" : ";") + out;
  }
  return out;
}

TEST(StacksOfProfile, UnfoldsEveryInlinedFrameCallerFirst) {
  Symbols symbols;
  ProfileText text(symbols, "cpu");
  text.sample(text.push_times(text.push_times({}, "runtime.main", 1), "Serve<mid<tiny", 1), 5);
  const auto stacks = stacks_of(text.profile, "", 0, symbols);
  ASSERT_TRUE(stacks);
  ASSERT_EQ(stacks->stacks.size(), 1U);
  EXPECT_EQ(text_of(symbols, *stacks, 0), "runtime.main;Serve;~mid;~tiny");
  EXPECT_EQ(stacks->weights[0], 5);
}

TEST(StacksOfProfile, NamesWhatHasNoSymbolsByMappingAndOffset) {
  Symbols symbols;
  ProfileText text(symbols, "cpu");
  text.profile.mappings.push_back({.start = 0x1000, .offset = 0x200, .file = symbols.intern("/lib/libc.so.6")});
  text.profile.locations = {{.mapping = 0, .address = 0x1010}, {.mapping = 0}, {.address = 0xabc}, {}};
  text.sample({0, 1, 2, 3});
  const auto stacks = stacks_of(text.profile, "", 0, symbols);
  ASSERT_TRUE(stacks);
  EXPECT_EQ(text_of(symbols, *stacks, 0), "libc.so.6+0x210;[libc.so.6];0xabc;[unknown]");
}

TEST(StacksOfProfile, PicksAColumnByNameThenByNumber) {
  Symbols symbols;
  ProfileText text(symbols, "objects");
  text.profile.types.push_back({.type = symbols.intern("space"), .unit = symbols.intern("bytes")});
  text.stack(text.push_times({}, "f", 1));
  text.profile.values = {3, 4096};
  EXPECT_EQ(stacks_of(text.profile, "", 0, symbols)->weights[0], 4096);
  EXPECT_EQ(stacks_of(text.profile, "objects", 0, symbols)->weights[0], 3);
  EXPECT_EQ(stacks_of(text.profile, "1", 0, symbols)->weights[0], 4096);
  EXPECT_FALSE(stacks_of(text.profile, "2", 0, symbols));
  EXPECT_FALSE(stacks_of(text.profile, "inuse", 0, symbols));
  EXPECT_FALSE(stacks_of(Profile{}, "", 0, symbols));
}

TEST(StacksOfProfile, HangsACpuStackOf64FramesWithoutARootUnderAMarker) {
  Symbols symbols;
  ProfileText text(symbols, "cpu");
  text.sample(text.push_times({}, "main.f", 64));
  text.sample(text.push_times({}, "main.f", 63));
  const auto stacks = stacks_of(text.profile, "", 0, symbols);
  ASSERT_TRUE(stacks);
  // The shorter stack shows that main.f starts goroutines, so neither was cut.
  EXPECT_EQ(stacks->truncated, 0U);

  ProfileText deep(symbols, "cpu");
  deep.sample(deep.push_times({}, "main.f", 64));
  deep.sample(deep.push_times(deep.push_times({}, "runtime.main", 1), "main.f", 63));
  const auto cut = stacks_of(deep.profile, "", 0, symbols);
  ASSERT_TRUE(cut);
  EXPECT_EQ(cut->truncated, 1U);
  EXPECT_TRUE(text_of(symbols, *cut, 0).starts_with("#[truncated at 64];main.f;main.f"));
  EXPECT_TRUE(text_of(symbols, *cut, 1).starts_with("runtime.main;"));
}

TEST(StacksOfProfile, CountsTheInlinedCallersThatWereAddedAtTheCutEndAsOneFrame) {
  Symbols symbols;
  ProfileText text(symbols, "cpu");
  text.sample(text.push_times(text.push_times({}, "outer<mid<inner", 1), "main.f", 63));
  EXPECT_EQ(stacks_of(text.profile, "", 0, symbols)->truncated, 1U);
}

TEST(StacksOfProfile, TakesAProfileThatHasDeeperStacksForOneWithAnotherLimit) {
  Symbols symbols;
  ProfileText text(symbols, "cpu");
  text.sample(text.push_times({}, "main.f", 64));
  text.sample(text.push_times({}, "main.g", 90));
  EXPECT_EQ(stacks_of(text.profile, "", 0, symbols)->truncated, 0U);
  text.sample(text.push_times(text.push_times({}, "main.h", 1), "main.g", 89));
  EXPECT_EQ(stacks_of(text.profile, "", 0, symbols)->truncated, 2U);
}

TEST(StacksOfProfile, KnowsTheHeapLimitsOfOldAndNewGo) {
  Symbols symbols;
  ProfileText old(symbols, "inuse_space");
  old.sample(old.push_times({}, "main.f", 32));
  EXPECT_TRUE(text_of(symbols, *stacks_of(old.profile, "", 0, symbols), 0).starts_with("#[truncated at 32];"));
  ProfileText recent(symbols, "inuse_space");
  recent.sample(recent.push_times({}, "main.f", 128));
  recent.sample(recent.push_times({}, "main.g", 32));
  const auto stacks = stacks_of(recent.profile, "", 0, symbols);
  EXPECT_EQ(stacks->truncated, 1U);
  EXPECT_TRUE(text_of(symbols, *stacks, 0).starts_with("#[truncated at 128];"));
}

class TracebackText {
 public:
  explicit TracebackText(Symbols& symbols) : symbols_(symbols) {}

  model::Goroutine& goroutine(std::initializer_list<std::string_view> leaf_first) {
    model::Goroutine g{.first_frame = static_cast<std::uint32_t>(traceback.frames.size()),
                       .frame_count = static_cast<std::uint32_t>(leaf_first.size())};
    for (std::string_view name : leaf_first) {
      const bool inlined = consume(name, "~");
      traceback.frames.push_back({.function = symbols_.intern(name), .inlined = inlined});
    }
    traceback.goroutines.push_back(g);
    return traceback.goroutines.back();
  }

  model::Traceback traceback;

 private:
  Symbols& symbols_;
};

TEST(StacksOfTraceback, WeighsEveryGoroutineOneAndLeavesTheRuntimesOut) {
  Symbols symbols;
  TracebackText text(symbols);
  text.goroutine({"~chansend", "main.work", "main.main"});
  text.goroutine({"runtime.gcBgMarkWorker"}).wait = model::WaitKind::RuntimeIdle;
  text.goroutine({"runtime.systemstack"}).system = true;
  const auto stacks = stacks_of(text.traceback, symbols);
  ASSERT_EQ(stacks.stacks.size(), 1U);
  EXPECT_EQ(text_of(symbols, stacks, 0), "main.main;main.work;~chansend");
  EXPECT_EQ(stacks.weights[0], 1);
  EXPECT_EQ(symbols.text(stacks.type), "goroutines");
}

TEST(StacksOfTraceback, ShowsElidedFramesWhereTheyWere) {
  Symbols symbols;
  TracebackText text(symbols);
  auto& middle = text.goroutine({"leaf", "inner", "main.main"});
  middle.elided_frames = 31;
  middle.elided_after = 2;
  auto& end = text.goroutine({"leaf", "inner"});
  end.elided_frames = model::Goroutine::kElidedUnknown;
  end.elided_after = 2;
  const auto stacks = stacks_of(text.traceback, symbols);
  EXPECT_EQ(text_of(symbols, stacks, 0), "main.main;#[31 frames elided];inner;leaf");
  EXPECT_EQ(text_of(symbols, stacks, 1), "#[frames elided];inner;leaf");
  EXPECT_EQ(stacks.truncated, 1U);
}

TEST(StacksOfTraceback, NamesGoroutinesWhoseTextIsMissingOrCut) {
  Symbols symbols;
  TracebackText text(symbols);
  text.goroutine({}).other_thread = true;
  text.goroutine({"leaf"}).cut = true;
  const auto stacks = stacks_of(text.traceback, symbols);
  EXPECT_EQ(text_of(symbols, stacks, 0), "#[stack unavailable]");
  EXPECT_EQ(text_of(symbols, stacks, 1), "#[truncated];leaf");
}

}  // namespace
}  // namespace gopsy::analyze
