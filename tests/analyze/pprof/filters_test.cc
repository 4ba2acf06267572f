#include "analyze/pprof/filters.h"

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "decode/pprof/pprof.h"
#include "support/profile_builder.h"

namespace gopsy::pprof {
namespace {

using test::ProfileBytes;
using testing::ElementsAre;
using testing::IsEmpty;

class Filters : public testing::Test {
 protected:
  void read(const ProfileBytes& bytes) {
    auto evidence = decode::kPprof.decode(bytes.str(), symbols);
    ASSERT_TRUE(evidence) << message(evidence.error());
    profile = *std::move(evidence->profile);
  }

  static ProfileBytes samples() {
    ProfileBytes p;
    return p.type("samples", "count").mapping("/srv/shop");
  }

  // Each sample as it was built: frames from the leaf, "inner|outer" for inlined ones, and its value.
  [[nodiscard]] std::vector<std::string> left() const {
    std::vector<std::string> texts;
    for (std::size_t s = 0; s < profile.sample_count(); ++s) {
      std::string text;
      for (const std::uint32_t location : profile.stack(s)) text += frames(profile.locations[location]) + " ";
      texts.push_back(text + std::to_string(profile.value(s, 0)));
    }
    return texts;
  }

  [[nodiscard]] std::string frames(const model::Profile::Location& location) const {
    if (location.line_count == 0) return "?";
    std::string text;
    for (std::uint32_t i = 0; i < location.line_count; ++i) {
      const auto& line = profile.lines[location.first_line + i];
      text += (i == 0 ? "" : "|") + std::string(symbols.text(profile.functions[line.function].name));
    }
    return text;
  }

  struct Names {
    const char* focus = nullptr;
    const char* ignore = nullptr;
    const char* hide = nullptr;
    const char* show = nullptr;
  };
  NameMatches filter(const Names& names) {
    std::vector<std::unique_ptr<RE2>> kept;
    const auto compiled = [&](const char* text) -> const RE2* {
      if (text == nullptr) return nullptr;
      kept.push_back(std::make_unique<RE2>(text));
      return kept.back().get();
    };
    const RE2* const focus = compiled(names.focus);
    const RE2* const ignore = compiled(names.ignore);
    const RE2* const hide = compiled(names.hide);
    return filter_by_name(profile, focus, ignore, hide, compiled(names.show), symbols);
  }

  // A location of the mapping without lines, as it stands in a stripped binary.
  static void add_without_lines(ProfileBytes& p) {
    p.message(4, test::WireWriter().varint(1, 900).varint(2, 1).varint(3, 0x400100));
    p.message(2, test::WireWriter().varint(1, 900).varint(2, 9));
  }

  model::Symbols symbols;
  model::Profile profile;
};

TEST_F(Filters, WithoutAnyNothingIsTouchedAndFocusCountsAsMatched) {
  read(samples().sample({"a"}, {1}).sample({}, {2}));
  const NameMatches any = filter({});
  EXPECT_TRUE(any.focus);
  EXPECT_FALSE(any.ignore || any.hide || any.show);
  EXPECT_THAT(left(), ElementsAre("a 1", "2"));
}

TEST_F(Filters, FocusNeedsOneMatchingFrameAnywhere) {
  read(samples().sample({"leaf", "shop.Cart", "main"}, {1}).sample({"leaf", "main"}, {2}).sample({"shop.Cart"}, {3}));
  EXPECT_TRUE(filter({.focus = "art$"}).focus);
  EXPECT_THAT(left(), ElementsAre("leaf shop.Cart main 1", "shop.Cart 3"));
}

TEST_F(Filters, FocusSeesInlinedFrames) {
  read(samples().sample({"inner|outer", "main"}, {1}).sample({"outer", "main"}, {2}));
  filter({.focus = "^inner$"});
  EXPECT_THAT(left(), ElementsAre("inner|outer main 1"));
}

TEST_F(Filters, ExpressionsDistinguishCase) {
  read(samples().sample({"main.Serve"}, {1}));
  EXPECT_FALSE(filter({.focus = "serve"}).focus);
  EXPECT_THAT(left(), IsEmpty());
}

TEST_F(Filters, NamesAreThoseOfFunctionsFilesAndMappings) {
  const auto bytes = samples().sample({"shop.Total"}, {1}).sample({"main.main"}, {2});
  read(bytes);
  filter({.focus = "/src/shop.go"});
  EXPECT_THAT(left(), ElementsAre("shop.Total 1"));
  read(bytes);
  filter({.focus = "^/srv/shop$"});
  EXPECT_THAT(left(), ElementsAre("shop.Total 1", "main.main 2"));
}

TEST_F(Filters, SystemNamesAreNeverLookedAt) {
  read(samples().sample({"main.f"}, {1}));
  profile.functions[0].system_name = symbols.intern("_mangled");
  EXPECT_FALSE(filter({.focus = "mangled"}).focus);
}

TEST_F(Filters, IgnoreTakesEverySampleWithAMatch) {
  read(samples().sample({"leaf", "gc", "main"}, {1}).sample({"gc|leaf", "main"}, {2}).sample({"leaf", "main"}, {3}));
  const NameMatches any = filter({.ignore = "gc"});
  EXPECT_TRUE(any.ignore);
  EXPECT_THAT(left(), ElementsAre("leaf main 3"));
}

TEST_F(Filters, IgnoreWinsOverFocus) {
  read(samples().sample({"a", "b"}, {1}).sample({"a"}, {2}).sample({"b"}, {3}));
  filter({.focus = "a", .ignore = "b"});
  EXPECT_THAT(left(), ElementsAre("a 2"));
  read(samples().sample({"a"}, {1}));
  const NameMatches same = filter({.focus = "a", .ignore = "a"});
  EXPECT_TRUE(same.ignore);
  EXPECT_FALSE(same.focus) << "what is ignored is not focused on";
}

TEST_F(Filters, HideTakesLinesThenLocationsThenSamples) {
  read(samples()
           .sample({"noise|work", "noise", "main"}, {1})
           .sample({"noise"}, {2})
           .sample({"noise", "noise|noise"}, {3})
           .sample({"work", "main"}, {4}));
  EXPECT_TRUE(filter({.hide = "noise"}).hide);
  EXPECT_THAT(left(), ElementsAre("work main 1", "work main 4"));
}

TEST_F(Filters, HideOfAMappingTakesItsLocations) {
  auto p = samples().sample({"main.f"}, {1});
  add_without_lines(p);
  read(p);
  filter({.hide = "/srv/"});
  EXPECT_THAT(left(), IsEmpty());
}

TEST_F(Filters, ShowKeepsMatchingLinesOnly) {
  read(samples().sample({"work|noise", "noise", "main.work"}, {1}).sample({"noise"}, {2}));
  EXPECT_TRUE(filter({.show = "work"}).show);
  EXPECT_THAT(left(), ElementsAre("work main.work 1"));
}

TEST_F(Filters, ShowOfAMappingKeepsItsLinesButNotWhatHasNone) {
  auto p = samples().sample({"f|g"}, {1});
  add_without_lines(p);
  read(p);
  EXPECT_TRUE(filter({.show = "/srv/shop"}).show);
  EXPECT_THAT(left(), ElementsAre("f|g 1"));
}

TEST_F(Filters, FocusAndIgnoreSeeWhatHideTakesAway) {
  read(samples().sample({"a", "main"}, {1}).sample({"b", "main"}, {2}));
  const NameMatches any = filter({.focus = "^a$", .hide = "^a$"});
  EXPECT_TRUE(any.focus && any.hide);
  EXPECT_THAT(left(), ElementsAre("main 1"));
}

TEST_F(Filters, SamplesWithoutFramesGoOnceThereIsAFilter) {
  for (const Names& names : {Names{.focus = ""}, Names{.ignore = "no"}, Names{.hide = "no"}, Names{.show = ""}}) {
    read(samples().sample({"a"}, {1}).sample({}, {2}));
    filter(names);
    EXPECT_THAT(left(), ElementsAre("a 1"));
  }
}

TEST_F(Filters, LabelsAndValuesStayWithTheirSamples) {
  ProfileBytes p;
  p.type("samples", "count").type("cpu", "nanoseconds");
  p.sample({"gone"}, {1, 10}, {{"user", "red"}}).sample({"a", "x"}, {2, 20}, {{"user", "blue"}, {"zone", "eu"}});
  read(p);
  filter({.focus = "a", .hide = "x"});
  ASSERT_THAT(profile.values, ElementsAre(2, 20));
  EXPECT_THAT(profile.label_start, ElementsAre(0, 2));
  EXPECT_EQ(symbols.text(profile.labels[0].text), "blue");
  EXPECT_EQ(symbols.text(profile.labels[1].text), "eu");
}

TEST_F(Filters, ShowFromKeepsWhatTheOutermostMatchCalls) {
  read(samples().sample({"leaf", "serve", "mid", "serve", "main"}, {1}).sample({"leaf", "main"}, {2}));
  EXPECT_TRUE(show_from(profile, RE2("serve"), symbols));
  EXPECT_THAT(left(), ElementsAre("leaf serve mid serve 1"));
}

TEST_F(Filters, ShowFromCutsInsideALocation) {
  read(samples().sample({"leaf", "in|serve|out", "main"}, {1}));
  EXPECT_TRUE(show_from(profile, RE2("^(serve|in)$"), symbols));
  EXPECT_THAT(left(), ElementsAre("leaf in|serve 1"));
}

TEST_F(Filters, ShowFromOfAMappingKeepsWholeLocations) {
  read(samples().sample({"leaf", "in|out"}, {1}));
  EXPECT_TRUE(show_from(profile, RE2("/srv/shop"), symbols));
  EXPECT_THAT(left(), ElementsAre("leaf in|out 1"));
  EXPECT_FALSE(show_from(profile, RE2("nowhere"), symbols));
  EXPECT_THAT(left(), IsEmpty());
}

TEST_F(Filters, PruneFromCutsWhatTheInnermostMatchCalls) {
  read(samples().sample({"leaf", "write", "mid", "write", "main"}, {1}).sample({"leaf", "main"}, {2}));
  prune_from(profile, RE2("write"), symbols);
  EXPECT_THAT(left(), ElementsAre("write mid write main 1", "leaf main 2"));
}

TEST_F(Filters, PruneFromCutsInsideALocation) {
  read(samples().sample({"leaf|write|out", "main"}, {1}));
  prune_from(profile, RE2("write"), symbols);
  EXPECT_THAT(left(), ElementsAre("write|out main 1"));
}

TEST_F(Filters, PruneFromDoesNotSeeBehindABracket) {
  const auto bytes = samples().sample({"leaf", "shop/v2.(*Cart).Total", "main"}, {1});
  read(bytes);
  prune_from(profile, RE2("Total$"), symbols);
  EXPECT_THAT(left(), ElementsAre("leaf shop/v2.(*Cart).Total main 1"));
  prune_from(profile, RE2("v2"), symbols);
  EXPECT_THAT(left(), ElementsAre("shop/v2.(*Cart).Total main 1"));
}

TEST_F(Filters, PruneFromKnowsNamesThatHaveBrackets) {
  const auto pruned = [&](const char* name, const char* expression) {
    read(samples().sample({"leaf", name}, {1}));
    prune_from(profile, RE2(expression), symbols);
    return left()[0].starts_with(name);
  };
  EXPECT_TRUE(pruned("(anonymous namespace)::Bar::Foo(int)", "Foo$"));
  EXPECT_TRUE(pruned("Less::operator()(int, int)", R"(operator\(\)$)"));
  EXPECT_TRUE(pruned(".entry", "^entry$")) << "a dot stands before names of some ABIs";
}

TEST_F(Filters, PruneFromSeesNoFiles) {
  read(samples().sample({"leaf", "shop.Total"}, {1}));
  prune_from(profile, RE2("/src/|/srv/"), symbols);
  EXPECT_THAT(left(), ElementsAre("leaf shop.Total 1"));
}

class OwnFrames : public Filters {
 protected:
  void remove(const char* drop, const char* keep = "") {
    profile.drop_frames = symbols.intern(drop);
    if (*keep != '\0') profile.keep_frames = symbols.intern(keep);
    remove_uninteresting(profile, symbols);
  }
};

TEST_F(OwnFrames, AreCutFromTheOutermostMatchOn) {
  read(samples().sample({"grow", "malloc", "mid", "malloc", "main"}, {1}));
  remove("malloc");
  EXPECT_THAT(left(), ElementsAre("main 1"));
}

TEST_F(OwnFrames, AreNotCutBeforeAFrameThatDoesNotMatch) {
  read(samples().sample({"leaf", "malloc"}, {1}).sample({"malloc", "malloc", "main", "malloc"}, {2}));
  remove("malloc");
  EXPECT_THAT(left(), ElementsAre("leaf malloc 1", "main malloc 2"));
}

TEST_F(OwnFrames, AreMatchedAsAWhole) {
  read(samples().sample({"mallocgc", "main"}, {1}).sample({"malloc(int)", "main"}, {2}));
  remove("malloc|free");
  EXPECT_THAT(left(), ElementsAre("mallocgc main 1", "main 2")) << "arguments are no part of the name";
}

TEST_F(OwnFrames, AreKeptWhereTheProfileSaysSo) {
  read(samples().sample({"runtime.gc", "main"}, {1}).sample({"runtime.panic", "main"}, {2}));
  remove("runtime\\..*", "runtime\\.panic");
  EXPECT_THAT(left(), ElementsAre("main 1", "runtime.panic main 2"));
}

TEST_F(OwnFrames, CutInsideALocation) {
  read(samples().sample({"leaf|malloc|work", "main"}, {1}));
  remove("malloc");
  EXPECT_THAT(left(), ElementsAre("work main 1"));
}

TEST_F(OwnFrames, StayIfTheExpressionIsNone) {
  read(samples().sample({"malloc", "main"}, {1}));
  remove("malloc(");
  EXPECT_THAT(left(), ElementsAre("malloc main 1"));
  remove("malloc", "(");
  EXPECT_THAT(left(), ElementsAre("malloc main 1"));
}

}  // namespace
}  // namespace gopsy::pprof
