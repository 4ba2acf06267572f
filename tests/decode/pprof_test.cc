#include "decode/pprof/pprof.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>
#include <vector>

#include "analyze/stack_tree.h"
#include "base/wire.h"
#include "decode/pprof/split.h"
#include "support/golden.h"
#include "support/profile_builder.h"
#include "support/profile_text.h"

namespace gopsy::decode {
namespace {

using test::ProfileBytes;
using test::WireWriter;
using testing::HasSubstr;

ProfileBytes cpu() {
  ProfileBytes p;
  p.type("samples", "count").type("cpu", "nanoseconds").mapping("/srv/shop");
  return p;
}

std::string text_of(const ProfileBytes& p) { return test::decoded_text(kPprof, p.str()); }

Error error_of(const std::string& bytes) {
  model::Symbols symbols;
  const auto evidence = kPprof.decode(bytes, symbols);
  EXPECT_FALSE(evidence);
  return evidence ? Error{} : evidence.error();
}

model::Evidence evidence_of(const std::string& bytes, model::Symbols& symbols) {
  auto evidence = kPprof.decode(bytes, symbols);
  EXPECT_TRUE(evidence) << message(evidence.error());
  return evidence ? *std::move(evidence) : model::Evidence{};
}

TEST(Pprof, KeepsEveryFieldOfTheFormat) {
  ProfileBytes p = cpu();
  p.period("cpu", "nanoseconds", 10'000'000);
  p.sample({"main.leaf|main.mid", "main.main"}, {1, 10'000'000}, {{"tenant", "blue"}, {"tenant", "red"}});
  p.number(9, 1'700'000'000'000'000'000).number(10, 5'000'000'000);
  p.number(7, p.text("runtime\\..*")).number(8, p.text("runtime\\.gc")).number(13, p.text("a comment"));
  p.number(14, p.text("samples")).number(15, p.text("https://example.com/doc"));
  EXPECT_TRUE(test::matches_golden("decode/pprof-every-field.want", text_of(p)));
}

TEST(Pprof, TakesPackedAndPlainNumbersAlike) {
  ProfileBytes p = cpu();
  const auto leaf = p.location("main.leaf");
  const auto root = p.location("main.main");
  p.message(2, WireWriter().varint(1, leaf).varint(1, root).varint(2, 3).varint(2, 30));
  p.sample({"main.leaf", "main.main"}, {4, 40});
  model::Symbols symbols;
  const auto evidence = evidence_of(p.str(), symbols);
  ASSERT_EQ(evidence.profile->sample_count(), 2);
  EXPECT_TRUE(std::ranges::equal(evidence.profile->stack(0), evidence.profile->stack(1)));
  EXPECT_EQ(evidence.profile->value(0, 1), 30);
}

TEST(Pprof, KeepsTheOrderOfSamplesAndTheirStacksMakeATreeThatSharesRoots) {
  ProfileBytes p;
  p.type("samples", "count");
  p.sample({"c", "b", "a"}, {1})
      .sample({"a"}, {2})
      .sample({"d", "b", "a"}, {3})
      .sample({}, {4})
      .sample({"c", "b", "a"}, {5});
  model::Symbols symbols;
  const auto evidence = evidence_of(p.str(), symbols);
  const model::Profile& profile = *evidence.profile;
  EXPECT_THAT(profile.values, testing::ElementsAre(1, 2, 3, 4, 5));
  const analyze::StackTree tree = analyze::stack_tree(profile);
  EXPECT_EQ(tree.nodes.size(), 1 + 4);
  EXPECT_EQ(tree.stacks[0], tree.stacks[4]);
  EXPECT_EQ(tree.stacks[3], 0);
  EXPECT_EQ(tree.nodes[tree.stacks[0]].parent, tree.nodes[tree.stacks[2]].parent);
}

TEST(Pprof, SkipsAndCountsSamplesThatCannotBePlaced) {
  ProfileBytes p = cpu();
  p.sample({"main.main"}, {1, 10});
  p.message(2, WireWriter().varint(1, 77).varint(2, 1).varint(2, 10));
  p.message(2, WireWriter().varint(1, 1).varint(2, 1));
  p.message(2, WireWriter()
                   .varint(1, 1)
                   .packed(2, std::vector<int>{1, 10})
                   .message(3, WireWriter().varint(1, 900).varint(2, 1)));
  p.message(2, WireWriter().bytes(1, "\xff"));
  EXPECT_THAT(text_of(p), HasSubstr("samples: read 5, kept 1, skipped 1 (names a location that is missing), "
                                    "skipped 1 (another number of values than the profile has types), "
                                    "skipped 1 (a label is malformed or names a missing string), "
                                    "skipped 1 (malformed inside)\n"));
}

TEST(Pprof, IsAnErrorIfNoSampleCanBePlaced) {
  ProfileBytes p = cpu();
  p.message(2, WireWriter().varint(1, 77).varint(2, 1).varint(2, 10));
  EXPECT_EQ(message(error_of(p.str())), "sample 1 names a location that is missing, and so do all 1 samples");
  const Error error = error_of(p.str());
  EXPECT_EQ(p.str().substr(error.offset, 1), "\x12") << "where the sample begins";
}

TEST(Pprof, SaysWhichTableIsBrokenAndWhere) {
  const auto complaint = [](std::uint32_t field, const WireWriter& inside) {
    ProfileBytes p = cpu();
    p.sample({"main.main"}, {1, 10}).message(field, inside);
    const Error error = error_of(p.str());
    // The offset is that of the message's content.
    EXPECT_EQ(p.str().substr(error.offset, inside.str().size()), inside.str());
    return message(error);
  };
  EXPECT_EQ(complaint(4, WireWriter().varint(1, 77).message(4, WireWriter().varint(1, 9))),
            "location 77 names function 9, which is missing");
  EXPECT_EQ(complaint(4, WireWriter().varint(1, 77).message(4, WireWriter().varint(2, 5))),
            "location 77 has a line without a function");
  EXPECT_EQ(complaint(4, WireWriter().varint(1, 1)), "location 1 is defined twice");
  EXPECT_EQ(complaint(5, WireWriter().varint(1, 1)), "function 1 is defined twice");
  EXPECT_EQ(complaint(3, WireWriter().varint(1, 1)), "mapping 1 is defined twice");
  EXPECT_EQ(complaint(4, WireWriter().varint(3, 5)), "a location has no id");
  EXPECT_EQ(complaint(5, WireWriter().varint(2, 1)), "a function has no id");
  EXPECT_EQ(complaint(3, WireWriter().varint(2, 1)), "a mapping has no id");
  EXPECT_EQ(complaint(5, WireWriter().varint(1, 9).varint(2, 5000)),
            "a function names string 5000, and the table has 8");
}

TEST(Pprof, SaysWhichPartOfTheHeaderNamesAMissingString) {
  const auto complaint = [](std::uint32_t field) {
    ProfileBytes p = cpu();
    p.sample({"main.main"}, {1, 10}).number(field, 5000);
    const Error error = error_of(p.str());
    const std::string bytes = p.str();
    EXPECT_EQ(Wire(std::string_view(bytes).substr(error.offset)).raw_varint(), 5000);
    return message(error);
  };
  EXPECT_EQ(complaint(7), "drop_frames names string 5000, and the table has 8");
  EXPECT_EQ(complaint(8), "keep_frames names string 5000, and the table has 8");
  EXPECT_EQ(complaint(13), "a comment names string 5000, and the table has 8");
  EXPECT_EQ(complaint(14), "default_sample_type names string 5000, and the table has 8");
  EXPECT_EQ(complaint(15), "doc_url names string 5000, and the table has 8");
  ProfileBytes p = cpu();
  p.sample({"main.main"}, {1, 10}).message(1, WireWriter().varint(1, 5000));
  EXPECT_EQ(message(error_of(p.str())), "a sample type names string 5000, and the table has 8");
}

TEST(Pprof, SaysHowTheFirstSampleDoesNotFit) {
  const auto complaint = [](const WireWriter& sample) {
    ProfileBytes p = cpu();
    p.location("main.main");
    p.message(2, sample);
    return message(error_of(p.str()));
  };
  EXPECT_EQ(complaint(WireWriter().varint(1, 1).varint(2, 1)),
            "sample 1 has another number of values than the profile has types, and so have all 1 samples");
  EXPECT_EQ(complaint(WireWriter()
                          .varint(1, 1)
                          .packed(2, std::vector<int>{1, 10})
                          .message(3, WireWriter().varint(1, 900).varint(2, 1))),
            "sample 1 has a label that names a missing string, as all 1 samples do");
}

TEST(Pprof, FieldsOfTheWrongTypeAndGroupsAreNamedWithTheirPlace) {
  ProfileBytes p = cpu();
  p.sample({"main.main"}, {1, 10});
  const std::string good = p.str();
  const Error type = error_of(good + WireWriter().bytes(9, "x").str());
  EXPECT_EQ(message(type), "field 9 has wire type 2 where a number is expected");
  EXPECT_GE(type.offset, good.size());
  const Error group = error_of(good + std::string("\x13\x14"));
  EXPECT_EQ(message(group), "field 2 has wire type 3, which protobuf 3 does not have");
  EXPECT_GE(group.offset, good.size());
}

TEST(Pprof, TellsProfilesThatStandOneBehindTheOther) {
  ProfileBytes first = cpu();
  first.sample({"main.main"}, {1, 10});
  ProfileBytes second = cpu();
  second.sample({"main.other"}, {2, 20}).number(9, 1);
  const std::string a = first.str();
  const std::string b = second.str();
  EXPECT_THAT(split_profiles(a), testing::ElementsAre(a));
  EXPECT_THAT(split_profiles(a + b + a), testing::ElementsAre(a, b, a));
  EXPECT_THAT(split_profiles(""), testing::ElementsAre(""));
  // Go's runtime writes the period before types, and strings last.
  const std::string runtime =
      WireWriter().message(11, WireWriter().varint(1, 1)).message(1, WireWriter().varint(1, 1)).bytes(6, "").str();
  EXPECT_THAT(split_profiles(runtime + runtime), testing::ElementsAre(runtime, runtime));
}

TEST(Pprof, RefusesWhatIsNoWholeProfile) {
  EXPECT_EQ(message(error_of("")), "the profile is empty");
  EXPECT_EQ(message(error_of(WireWriter().bytes(6, "").str())), "the profile names no sample type");
  EXPECT_EQ(message(error_of(WireWriter().bytes(6, "x").str())),
            "the string table does not begin with the empty string");
  ProfileBytes p = cpu();
  p.sample({"a"}, {1, 1}).number(9, 1);
  EXPECT_EQ(message(error_of(p.str() + p.str())), "a second profile begins here; split the file");
}

TEST(Pprof, ANumberCutInsideAWholeFieldIsNoCutOfTheProfile) {
  const Error error = error_of(cpu().str() + WireWriter().bytes(13, "\xff").str());
  EXPECT_EQ(error.code, Errc::Malformed);
  EXPECT_EQ(message(error), "a varint is cut off");
}

TEST(Pprof, SkipsFieldsItDoesNotKnow) {
  ProfileBytes p = cpu();
  p.sample({"a"}, {1, 1}).number(99, 5).message(100, WireWriter().varint(1, 1));
  EXPECT_THAT(text_of(p), HasSubstr("read 1, kept 1\n"));
}

TEST(Pprof, TakesIdsThatAreFarApart) {
  ProfileBytes p = cpu();
  p.message(5, WireWriter().varint(1, UINT64_MAX).varint(2, 1));
  p.message(4, WireWriter().varint(1, 1ULL << 60).message(4, WireWriter().varint(1, UINT64_MAX)));
  p.message(2, WireWriter().varint(1, 1ULL << 60).packed(2, std::vector<int>{1, 2}));
  EXPECT_THAT(text_of(p), HasSubstr("sample 1 2\n  samples\n"));
}

TEST(Pprof, ACutBeforeTheNamesIsAnErrorThatSaysHowMuchThereWas) {
  ProfileBytes p = cpu();
  for (int i = 0; i < 5; ++i) p.sample({"main.leaf", "main.main"}, {1, 10});
  const std::string bytes = p.str();
  // Inside a field, and between two.
  for (const std::size_t cut : {bytes.find("samples"), bytes.find("samples") - 2}) {
    const Error error = error_of(bytes.substr(0, cut));
    EXPECT_EQ(error.code, Errc::Truncated);
    EXPECT_THAT(message(error), HasSubstr("cut off after 5 samples and before its names"));
  }
}

TEST(Pprof, ACutAmongTheNamesKeepsAllTotals) {
  ProfileBytes p = cpu();
  p.sample({"main.first"}, {1, 10}).sample({"main.second", "main.first"}, {2, 20});
  const std::string bytes = p.str();
  EXPECT_EQ(test::decoded_text(kPprof, bytes.substr(0, bytes.find("main.second") + 4)),
            "kind: CPU profile\nprocess: shop\ntypes: samples/count cpu/nanoseconds\n"
            "mapping 1: 0x400000-0x800000 @0x0 /srv/shop \n"
            "samples: read 2, kept 2\nfunctions: read 2, kept 1, skipped 1 (names lost to the cut)\n"
            "sample 1 10\n  main.first /src/main.go:10 0x401010\n"
            "sample 2 20\n  [name lost to the cut] /src/main.go:10 0x401020\n  main.first /src/main.go:10 0x401010\n");
}

TEST(Pprof, ACutBetweenTwoNamesIsOneToo) {
  ProfileBytes p = cpu();
  p.sample({"main.first"}, {1, 10}).sample({"main.second", "main.first"}, {2, 20});
  const std::string bytes = p.str();
  EXPECT_THAT(test::decoded_text(kPprof, bytes.substr(0, bytes.find("main.second") - 2)),
              HasSubstr("samples: read 2, kept 2\nfunctions: read 2, kept 1, skipped 1 (names lost to the cut)\n"));
}

TEST(Pprof, KnowsItsKinds) {
  const auto kind = [](const std::vector<std::pair<std::string, std::string>>& types, const std::string& leaf,
                       const std::string& shown) {
    ProfileBytes p;
    for (const auto& [type, unit] : types) p.type(type, unit);
    p.sample({leaf, "main.main"}, std::vector<std::int64_t>(types.size(), 1));
    if (!shown.empty()) p.number(14, p.text(shown));
    model::Symbols symbols;
    return evidence_of(p.str(), symbols).kind;
  };
  using Types = std::vector<std::pair<std::string, std::string>>;
  const Types heap = {
      {"alloc_objects", "count"}, {"alloc_space", "bytes"}, {"inuse_objects", "count"}, {"inuse_space", "bytes"}};
  const Types contention = {{"contentions", "count"}, {"delay", "nanoseconds"}};
  EXPECT_EQ(kind(heap, "main.f", "inuse_space"), "heap profile");
  EXPECT_EQ(kind(heap, "main.f", "alloc_space"), "allocs profile");
  EXPECT_EQ(kind(contention, "sync.(*Mutex).Unlock", ""), "mutex profile");
  EXPECT_EQ(kind(contention, "runtime.chanrecv1", ""), "block profile");
  EXPECT_EQ(kind({{"goroutine", "count"}}, "main.f", ""), "goroutine profile");
  EXPECT_EQ(kind({{"goroutineleak", "count"}}, "main.f", ""), "goroutine leak profile");
  EXPECT_EQ(kind({{"threadcreate", "count"}}, "main.f", ""), "threadcreate profile");
}

TEST(Pprof, TellsTheGoVersionOnlyFromSoundMarks) {
  const auto version = [](const std::string& function) {
    ProfileBytes p = cpu();
    p.sample({function}, {1, 1});
    model::Symbols symbols;
    return evidence_of(p.str(), symbols).go_version.text();
  };
  EXPECT_EQ(version("main.main"), "");
  EXPECT_EQ(version("main.Map[go.shape.int]"), "1.21 or later");
  EXPECT_EQ(version("internal/runtime/maps.(*Map).Get"), "1.24 or later");
  EXPECT_EQ(version("runtime/internal/atomic.Load"), "1.22 or earlier");
}

TEST(Pprof, ReadsTheVersionInThePathOfTheToolchain) {
  const auto exact = [](std::string_view function, std::string_view file) {
    ProfileBytes p = cpu();
    p.message(5, WireWriter().varint(1, 1).varint(2, p.text(function)).varint(4, p.text(file)));
    model::Symbols symbols;
    return evidence_of(p.str(), symbols).go_version.exact;
  };
  EXPECT_EQ(exact("runtime.main", "/home/u/sdk/go1.23.5/src/runtime/proc.go"), "go1.23.5");
  EXPECT_EQ(exact("runtime.main", "/go/pkg/mod/golang.org/toolchain@v0.0.1-go1.24rc1.linux-amd64/src/runtime/proc.go"),
            "go1.24rc1");
  EXPECT_EQ(exact("runtime.main", "/usr/local/go/src/runtime/proc.go"), "");
  EXPECT_EQ(exact("main.main", "/home/u/go1.23.5/src/runtime/main.go"), "");
}

TEST(Pprof, IsNeverSeenInText) {
  for (const char* text : {"", "\n", "\n\ngoroutine 1 [running]:\n", "a;b 3\n", "panic: boom\n\n\n\n", "{\"a\": 1}",
                           "\x7f"
                           "ELF\2\1\1"})
    EXPECT_EQ(kPprof.sniff(text), Match::No) << text;
}

TEST(Pprof, IsSeenHoweverLittleOfItsHeadThereIs) {
  ProfileBytes p = cpu();
  for (int i = 0; i < 20; ++i) p.sample({"main.leaf", "main.main"}, {1, 10});
  const std::string bytes = p.str();
  for (std::size_t cut = 60; cut < bytes.size(); ++cut)
    EXPECT_EQ(kPprof.sniff(std::string_view(bytes).substr(0, cut)), Match::Certain) << cut;
}

}  // namespace
}  // namespace gopsy::decode
