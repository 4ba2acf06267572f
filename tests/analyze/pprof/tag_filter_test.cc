#include <gmock/gmock.h>

#include <string>
#include <string_view>
#include <vector>

#include "analyze/pprof/labels.h"
#include "decode/pprof/pprof.h"
#include "support/profile_builder.h"

namespace gopsy::pprof {
namespace {

using test::ProfileBytes;
using testing::ElementsAre;
using testing::IsEmpty;

// Which samples a -tagfocus keeps, by their values.
class TagFilter : public testing::Test {
 protected:
  void read(const ProfileBytes& bytes) {
    auto evidence = decode::kPprof.decode(bytes.str(), symbols);
    ASSERT_TRUE(evidence) << message(evidence.error());
    profile = *std::move(evidence->profile);
  }

  static ProfileBytes samples() {
    ProfileBytes p;
    return p.type("samples", "count");
  }

  // Samples with a size in bytes, as heap profiles have it: the value is that in kB.
  static ProfileBytes sizes(const std::vector<std::int64_t>& kilobytes, const char* unit = "bytes") {
    ProfileBytes p = samples();
    for (const std::int64_t size : kilobytes) p.sample({"f"}, {size}, {}, {{"bytes", size * 1024, unit}});
    return p;
  }

  std::vector<std::int64_t> kept(std::string_view text) {
    const LabelUnits units = label_units(profile, symbols);
    notice.clear();
    const auto filter = tag_filter("tagfocus", text, profile, symbols, units, notice);
    EXPECT_TRUE(filter) << filter.error();
    model::Profile copy = profile;
    if (filter) filter_by_tag(copy, *filter, {});
    return copy.values;
  }

  model::Symbols symbols;
  model::Profile profile;
  std::string notice;
};

TEST_F(TagFilter, OfNothingKeepsEverything) {
  read(samples().sample({"f"}, {1}));
  EXPECT_THAT(kept(""), ElementsAre(1));
}

TEST_F(TagFilter, LooksForExpressionsInKeyAndValue) {
  read(samples()
           .sample({"f"}, {1}, {{"user", "blue"}})
           .sample({"f"}, {2}, {{"user", "red"}, {"zone", "blue"}})
           .sample({"f"}, {3}));
  EXPECT_THAT(kept("blue"), ElementsAre(1, 2));
  EXPECT_THAT(kept("user:blue"), ElementsAre(1));
  EXPECT_THAT(kept("^user:"), ElementsAre(1, 2));
  EXPECT_THAT(kept("^blue"), IsEmpty()) << "the key stands before it";
  EXPECT_EQ(notice, "");
}

TEST_F(TagFilter, NeedsAllOfSeveralExpressionsButOneForAKey) {
  read(samples()
           .sample({"f"}, {1}, {{"user", "blue"}, {"zone", "eu"}})
           .sample({"f"}, {2}, {{"user", "red"}, {"zone", "eu"}})
           .sample({"f"}, {3}, {{"user", "blue"}, {"user", "green"}}));
  EXPECT_THAT(kept("blue,eu"), ElementsAre(1));
  EXPECT_THAT(kept("blue,green"), ElementsAre(3));
  EXPECT_THAT(kept("user=red,green"), ElementsAre(2, 3));
}

TEST_F(TagFilter, OfAKeyLooksAtItsValuesAlone) {
  read(samples().sample({"f"}, {1}, {{"user", "blue"}}).sample({"f"}, {2}, {{"zone", "blue"}, {"user", "red"}}));
  EXPECT_THAT(kept("user=^blue$"), ElementsAre(1));
  EXPECT_THAT(kept("user="), ElementsAre(1, 2)) << "any value";
  EXPECT_THAT(kept("nobody=blue"), IsEmpty());
  EXPECT_THAT(kept("use=blue"), IsEmpty()) << "a key is no expression";
  EXPECT_THAT(kept("=user:blue"), ElementsAre(1)) << "no key";
}

TEST_F(TagFilter, TakesARangeWithUnits) {
  read(sizes({64, 128, 256, 512, 1024}));
  EXPECT_THAT(kept("128kb:512kb"), ElementsAre(128, 256, 512));
  EXPECT_EQ(notice, "tagfocus:Interpreted '128kb:512kb' as range, not regexp");
  EXPECT_THAT(kept("128kb:1mb"), ElementsAre(128, 256, 512, 1024));
  EXPECT_THAT(kept("128kb:512"), ElementsAre(128, 256, 512)) << "the unit of the first is that of both";
  EXPECT_THAT(kept("131072b:524288b"), ElementsAre(128, 256, 512));
}

TEST_F(TagFilter, TakesHalfARangeAndASingleNumber) {
  read(sizes({64, 128, 256}));
  EXPECT_THAT(kept("128kb:"), ElementsAre(128, 256));
  EXPECT_THAT(kept(":128kb"), ElementsAre(64, 128));
  EXPECT_THAT(kept("128kb"), ElementsAre(128));
  EXPECT_THAT(kept("+128kb:"), ElementsAre(128, 256));
  EXPECT_THAT(kept("-1kb:64kb"), ElementsAre(64));
  EXPECT_THAT(kept("bytes=128kb:"), ElementsAre(128, 256));
  EXPECT_THAT(kept("=128kb:"), ElementsAre(128, 256));
  EXPECT_THAT(kept("request=128kb:"), IsEmpty());
  EXPECT_EQ(notice, "tagfocus:Interpreted '128kb:' as range, not regexp");
}

TEST_F(TagFilter, RangeComparesOnlyUnitsOfOneFamily) {
  read(sizes({128}));
  EXPECT_THAT(kept("1ms:"), IsEmpty());
  EXPECT_THAT(kept("0:"), IsEmpty()) << "a number without a unit is in no family";
  read(samples().sample({"f"}, {1}, {}, {{"depth", 5, "frames"}}).sample({"f"}, {2}, {}, {{"depth", 9, "frames"}}));
  EXPECT_THAT(kept("6frames:"), ElementsAre(2));
  EXPECT_THAT(kept("depth=6frames:10frames"), ElementsAre(2));
}

TEST_F(TagFilter, TakesTextForNoRangeUnlessAllOfItIsOne) {
  read(samples().sample({"f"}, {1}, {{"key", "1:2mb"}, {"ip", "10.0.0.1"}}));
  for (const char* text : {"1:2mb", "1kb:2ms", "10.0.0.1", "0x1", "kb:2", "1kb:2kb:"}) {
    kept(text);
    EXPECT_EQ(notice, "") << text;
  }
  EXPECT_THAT(kept("key=1:2mb"), ElementsAre(1)) << "without a unit it is no size";
}

TEST_F(TagFilter, SaysWhatIsWrongWithAnExpression) {
  read(samples().sample({"f"}, {1}));
  const LabelUnits units;
  const auto filter = tag_filter("tagignore", "good,(", profile, symbols, units, notice);
  ASSERT_FALSE(filter);
  EXPECT_THAT(filter.error(), testing::StartsWith("parsing tagignore regexp: "));
}

TEST_F(TagFilter, FocusAndIgnoreTogether) {
  read(samples().sample({"f"}, {1}).sample({"f"}, {2}).sample({"f"}, {3}));
  const SampleMatch from_two = [&](std::size_t sample) { return profile.value(sample, 0) >= 2; };
  const SampleMatch three = [&](std::size_t sample) { return profile.value(sample, 0) == 3; };
  model::Profile copy = profile;
  const TagMatches any = filter_by_tag(copy, from_two, three);
  EXPECT_TRUE(any.focus && any.ignore);
  EXPECT_THAT(copy.values, ElementsAre(2));
}

TEST_F(TagFilter, UnitsAreTheFirstMetOrImpliedByTheKey) {
  read(samples()
           .sample({"f"}, {1}, {}, {{"bytes", 1}, {"request", 1}, {"alignment", 1}, {"depth", 1}})
           .sample({"f"}, {1}, {}, {{"wait", 1, "ms"}, {"wait", 1, "us"}, {"depth", 1, "frames"}}));
  const LabelUnits units = label_units(profile, symbols);
  const auto of = [&](std::string_view key) { return units.of(symbols.strings.find(key)); };
  EXPECT_EQ(of("bytes"), "bytes");
  EXPECT_EQ(of("request"), "bytes");
  EXPECT_EQ(of("alignment"), "bytes");
  EXPECT_EQ(of("depth"), "frames");
  EXPECT_EQ(of("wait"), "ms");
  EXPECT_THAT(units.warnings, ElementsAre("For tag wait used unit ms, also encountered unit(s) us"));
}

TEST_F(TagFilter, BytesAreTheUnitOfHeapProfilesOfOld) {
  read(sizes({128, 256}, ""));
  EXPECT_THAT(kept("200kb:"), ElementsAre(256));
}

// "user=blue,size=5": the labels of each sample.
std::vector<std::string> labels(const model::Profile& profile, const model::Symbols& symbols) {
  std::vector<std::string> texts;
  for (std::size_t s = 0; s < profile.sample_count(); ++s) {
    std::string text;
    for (auto i = profile.label_start[s]; i < profile.label_start[s + 1]; ++i) {
      const auto& label = profile.labels[i];
      text += (text.empty() ? "" : ",") + std::string(symbols.text(label.key)) + "=" +
              (label.text ? std::string(symbols.text(label.text)) : std::to_string(label.number));
    }
    texts.push_back(text);
  }
  return texts;
}

class LabelFilter : public TagFilter {
 protected:
  void SetUp() override {
    read(samples()
             .sample({"f"}, {1}, {{"user", "blue"}, {"zone", "eu"}}, {{"size", 5, "bytes"}})
             .sample({"f"}, {2}, {{"zone", "us"}})
             .sample({"f"}, {3}));
  }
};

TEST_F(LabelFilter, ShowKeepsLabelsWhoseKeyMatches) {
  const RE2 show("^(user|size)$");
  EXPECT_EQ(filter_tags(profile, &show, nullptr, symbols), std::pair(true, false));
  EXPECT_THAT(labels(profile, symbols), ElementsAre("user=blue,size=5", "", ""));
  EXPECT_THAT(profile.values, ElementsAre(1, 2, 3)) << "no sample goes";
}

TEST_F(LabelFilter, HideTakesThemAway) {
  const RE2 hide("^z");
  EXPECT_TRUE(filter_tags(profile, nullptr, &hide, symbols).second);
  EXPECT_THAT(labels(profile, symbols), ElementsAre("user=blue,size=5", "", ""));
}

TEST_F(LabelFilter, HideWinsOverShow) {
  const RE2 show("zone|user");
  const RE2 hide("user");
  EXPECT_EQ(filter_tags(profile, &show, &hide, symbols), std::pair(true, true));
  EXPECT_THAT(labels(profile, symbols), ElementsAre("zone=eu", "zone=us", ""));
}

TEST_F(LabelFilter, LooksAtKeysNotAtValues) {
  const RE2 show("blue");
  EXPECT_EQ(filter_tags(profile, &show, nullptr, symbols), std::pair(false, false));
  EXPECT_THAT(labels(profile, symbols), ElementsAre("", "", ""));
}

TEST_F(LabelFilter, OneKeyIsTakenAwayByItsId) {
  remove_label(profile, symbols.strings.find("zone"));
  EXPECT_THAT(labels(profile, symbols), ElementsAre("user=blue,size=5", "", ""));
  remove_label(profile, symbols.strings.find("unheard of"));
  EXPECT_THAT(labels(profile, symbols), ElementsAre("user=blue,size=5", "", ""));
}

TEST_F(LabelFilter, LabelsBecomeFramesAtBothEnds) {
  EXPECT_EQ(add_label_frames(profile, {"zone", "user"}, {"size"}, "auto", symbols), std::pair(true, true));
  std::vector<std::string> names;
  for (const std::uint32_t location : profile.stack(0)) {
    const auto& line = profile.lines[profile.locations[location].first_line];
    names.emplace_back(symbols.text(profile.functions[line.function].name));
  }
  EXPECT_THAT(names, ElementsAre("5B", "f", "blue", "eu")) << "the first key is the outermost";
  EXPECT_EQ(profile.stack(2).size(), 4) << "frames without a name where there is no label";
}

}  // namespace
}  // namespace gopsy::pprof
