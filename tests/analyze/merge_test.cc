#include "analyze/merge.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "decode/pprof/pprof.h"
#include "support/profile_builder.h"

namespace gopsy::analyze {
namespace {

using model::Profile;
using test::ProfileBytes;
using test::WireWriter;
using testing::ElementsAre;

class Merge : public testing::Test {
 protected:
  Profile read(const ProfileBytes& bytes) {
    auto evidence = decode::kPprof.decode(bytes.str(), symbols);
    EXPECT_TRUE(evidence) << message(evidence.error());
    return evidence ? *std::move(evidence->profile) : Profile{};
  }

  Profile sum_of(const std::vector<Profile>& profiles, MergeOptions options = {}) {
    Merger merger(symbols, options);
    for (const auto& profile : profiles) EXPECT_TRUE(merger.add(profile));
    return merger.finish();
  }

  // "main.main;main.work 3 30" a sample, root first.
  std::vector<std::string> lines(const Profile& profile) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < profile.sample_count(); ++i) {
      std::string line;
      const auto stack = profile.stack(i);
      for (auto at = stack.rbegin(); at != stack.rend(); ++at) {
        const auto& location = profile.locations[*at];
        for (std::uint32_t l = location.line_count; l-- > 0;) {
          if (!line.empty()) line += ';';
          line += symbols.text(profile.functions[profile.lines[location.first_line + l].function].name);
        }
      }
      for (std::size_t t = 0; t < profile.types.size(); ++t) line += ' ' + std::to_string(profile.value(i, t));
      out.push_back(line);
    }
    return out;
  }

  std::string type(const Profile& profile, std::size_t index) {
    return std::string(symbols.text(profile.types[index].type)) + '/' +
           std::string(symbols.text(profile.types[index].unit));
  }

  static ProfileBytes cpu() {
    ProfileBytes p;
    p.type("samples", "count").type("cpu", "nanoseconds").mapping("/srv/shop");
    return p;
  }

  model::Symbols symbols;
};

TEST_F(Merge, EqualStacksAreAddedInTheOrderOfFirstSight) {
  auto a = cpu();
  a.sample({"b", "main"}, {1, 10}).sample({"a", "main"}, {2, 20});
  auto b = cpu();
  for (const char* name : {"b", "main", "a"}) b.location(name);  // addresses as in the first
  b.sample({"a", "main"}, {3, 30}).sample({"c", "main"}, {4, 40});
  EXPECT_THAT(lines(sum_of({read(a), read(b)})), ElementsAre("main;b 1 10", "main;a 5 50", "main;c 4 40"));
}

TEST_F(Merge, LabelsKeepSamplesApartWhateverTheirOrder) {
  auto a = cpu();
  a.sample({"a"}, {1, 10}, {{"tenant", "blue"}, {"route", "/x"}}).sample({"a"}, {1, 10}, {{"tenant", "red"}});
  auto b = cpu();
  b.sample({"a"}, {1, 10}, {{"route", "/x"}, {"tenant", "blue"}}).sample({"a"}, {1, 10});
  EXPECT_THAT(lines(sum_of({read(a), read(b)})), ElementsAre("a 2 20", "a 1 10", "a 1 10"));
}

TEST_F(Merge, SamplesThatCancelOutVanishWithAllTheyNamed) {
  auto a = cpu();
  a.sample({"gone", "main"}, {1, 10}).sample({"stays", "main"}, {1, 10});
  auto minus = read(cpu().sample({"gone", "main"}, {1, 10}));
  negate(minus);
  const Profile sum = sum_of({read(a), minus});
  EXPECT_THAT(lines(sum), ElementsAre("main;stays 1 10"));
  EXPECT_EQ(sum.functions.size(), 2);
  EXPECT_EQ(sum.locations.size(), 2);
  EXPECT_EQ(sum.locations[1].id, 2);
}

TEST_F(Merge, TypesThatNotAllHaveAreLeftOut) {
  ProfileBytes heap;
  heap.type("inuse_space", "bytes").type("alloc_space", "bytes").sample({"a"}, {5, 9}).sample({"b"}, {0, 4});
  ProfileBytes other;
  other.type("other", "count").type("inuse_space", "bytes").sample({"a"}, {1, 2});
  const Profile sum = sum_of({read(heap), read(other)});
  ASSERT_EQ(sum.types.size(), 1);
  EXPECT_EQ(type(sum, 0), "inuse_space/bytes");
  EXPECT_THAT(lines(sum), ElementsAre("a 7"));
  EXPECT_EQ(symbols.text(sum.default_type), "inuse_space");
}

TEST_F(Merge, TheFinestUnitWinsWhicheverComesFirst) {
  ProfileBytes coarse;
  coarse.type("objects", "count").type("delay", "ms").sample({"a"}, {0, 2}).sample({"only"}, {5, 0});
  ProfileBytes fine;
  fine.type("objects", "count").type("delay", "us").sample({"a"}, {1, 7});
  const auto first = sum_of({read(coarse), read(fine)});
  EXPECT_EQ(type(first, 1), "delay/us");
  EXPECT_THAT(lines(first), ElementsAre("a 1 2007", "only 5 0"));
  EXPECT_THAT(lines(sum_of({read(fine), read(coarse)})), ElementsAre("a 1 2007", "only 5 0"));
}

TEST_F(Merge, ExactlyAsPprofAConversionLosesSamplesWithoutConvertedValues) {
  ProfileBytes coarse;
  coarse.type("objects", "count").type("delay", "ms").sample({"only"}, {5, 0}).sample({"a"}, {0, 2});
  ProfileBytes fine;
  fine.location("only");
  fine.type("objects", "count").type("delay", "us").sample({"a"}, {1, 7});
  const MergeOptions exact{.pprof_exact = true};
  const Profile first = sum_of({read(coarse), read(fine)}, exact);
  EXPECT_THAT(lines(first), ElementsAre("a 1 2007"));
  EXPECT_EQ(first.functions.size(), 1);
  EXPECT_THAT(lines(sum_of({read(fine), read(coarse)}, exact)), ElementsAre("a 1 2007"));
}

TEST_F(Merge, WhatCannotBeComparedIsRefused) {
  ProfileBytes heap;
  heap.type("inuse_space", "bytes").sample({"a"}, {1});
  ProfileBytes time;
  time.type("inuse_space", "seconds").sample({"a"}, {1});
  Merger merger(symbols);
  EXPECT_TRUE(merger.add(read(heap)));
  const auto other = merger.add(read(cpu().sample({"a"}, {1, 1})));
  ASSERT_FALSE(other);
  EXPECT_EQ(message(other.error()), "profile 2 measures nothing that the ones before it do");
  EXPECT_FALSE(merger.add(read(time)));
}

TEST_F(Merge, HeadersAreCombined) {
  auto a = cpu();
  a.sample({"a"}, {1, 10}).period("cpu", "nanoseconds", 10).number(9, 2000).number(10, 5);
  a.number(13, a.text("one")).number(13, a.text("two"));
  auto b = cpu();
  b.sample({"a"}, {1, 10}).period("cpu", "nanoseconds", 30).number(9, 1000).number(10, 7);
  b.number(13, b.text("two")).number(13, b.text("three")).number(14, b.text("samples"));
  const Profile sum = sum_of({read(a), read(b)});
  EXPECT_EQ(sum.time_ns, 1000);
  EXPECT_EQ(sum.duration_ns, 12);
  EXPECT_EQ(sum.period, 30);
  EXPECT_EQ(sum.comments.size(), 3);
  EXPECT_EQ(symbols.text(sum.default_type), "samples");
}

TEST_F(Merge, AProgramLoadedElsewhereIsTheSameProgram) {
  const auto at = [](std::uint64_t start) {
    ProfileBytes p;
    p.type("cpu", "nanoseconds");
    p.message(3, WireWriter().varint(1, 1).varint(2, start).varint(3, start + 0x1800).varint(5, p.text("/bin/x")));
    p.message(4, WireWriter().varint(1, 1).varint(2, 1).varint(3, start + 0x10));
    p.message(2, WireWriter().varint(1, 1).varint(2, 3));
    return p;
  };
  const Profile sum = sum_of({read(at(0x1000)), read(at(0x900000))});
  EXPECT_EQ(sum.mappings.size(), 1);
  ASSERT_EQ(sum.locations.size(), 1);
  EXPECT_EQ(sum.locations[0].address, 0x1010);
  EXPECT_THAT(lines(sum), ElementsAre(" 6"));
}

TEST_F(Merge, SumsStopAtTheLimitAndSaySoOrWrapAsPprofDoes) {
  const std::int64_t most = INT64_MAX;
  const auto p = read(cpu().sample({"a"}, {1, most}));
  Merger merger(symbols);
  EXPECT_TRUE(merger.add(p));
  EXPECT_TRUE(merger.add(p));
  EXPECT_TRUE(merger.saturated());
  EXPECT_EQ(merger.finish().value(0, 1), most);
  EXPECT_EQ(sum_of({p, p}, {.pprof_exact = true}).value(0, 1), -2);
}

TEST_F(Merge, ScalingRoundsHalvesAwayFromZeroAndDropsWhatBecomesZero) {
  auto p = read(cpu().sample({"a"}, {5, -5}).sample({"b"}, {0, 0}).sample({"c"}, {1, 3}));
  scale(p, std::vector{0.5, 0.5});
  EXPECT_THAT(lines(p), ElementsAre("a 3 -3", "c 1 2"));
}

TEST_F(Merge, NormalizingMakesTheTotalsThoseOfTheBase) {
  auto p = read(cpu().sample({"a"}, {1, 10}).sample({"b"}, {3, 30}));
  const auto base = read(cpu().sample({"c"}, {8, 20}));
  ASSERT_TRUE(normalize(p, base));
  EXPECT_THAT(lines(p), ElementsAre("a 2 5", "b 6 15"));
}

TEST_F(Merge, TypesDroppedBeforehandDecideWhatCountsAsThere) {
  ProfileBytes only_count;
  only_count.type("samples", "count").mapping("/srv/shop").sample({"c"}, {1});
  auto p = read(cpu().sample({"a"}, {0, 5}).sample({"b"}, {1, 1}).sample({"a"}, {2, 2}));
  p.default_type = symbols.intern("cpu");
  const auto other = read(only_count);
  keep_types(p, other.types);
  EXPECT_EQ(type(p, 0), "samples/count");
  EXPECT_EQ(symbols.text(p.default_type), "samples");
  EXPECT_THAT(lines(p), ElementsAre("a 0", "b 1", "a 2"));
  EXPECT_THAT(lines(sum_of({p, other}, {.pprof_exact = true})), ElementsAre("b 1", "a 2", "c 1"));
  const auto before = lines(p);
  keep_types(p, {});
  EXPECT_EQ(lines(p), before) << "nothing in common: the merger says so";
}

TEST_F(Merge, ALabelForAllReplacesTheTextsUnderItsKey) {
  auto p = read(cpu().sample({"a"}, {1, 1}, {{"k", "old"}, {"other", "x"}}).sample({"b"}, {1, 1}));
  set_label(p, symbols.intern("k"), symbols.intern("new"));
  ASSERT_EQ(p.labels.size(), 3);
  EXPECT_EQ(symbols.text(p.labels[0].text), "x");
  EXPECT_EQ(symbols.text(p.labels[1].text), "new");
  EXPECT_EQ(symbols.text(p.labels[2].text), "new");
  EXPECT_THAT(p.label_start, ElementsAre(0, 2, 3));
}

}  // namespace
}  // namespace gopsy::analyze
