#include <gmock/gmock.h>

#include <map>
#include <string>
#include <vector>

#include "decode/decoder.h"
#include "render/profile/profile_writer.h"
#include "support/golden.h"
#include "support/profile_builder.h"

namespace gopsy::render {
namespace {

using test::ProfileBytes;

model::Profile read(const std::string& bytes, const std::string& format, model::Symbols& symbols) {
  const auto* decoder = decode::find_decoder(format);
  EXPECT_EQ(decode::sniff(bytes), decoder) << format;
  auto evidence = decoder->decode(bytes, symbols);
  EXPECT_TRUE(evidence) << format << ": " << message(evidence.error());
  return evidence ? *std::move(evidence->profile) : model::Profile{};
}

// What must survive: each stack of function names (root first) with the sums of its values, and the types.
std::map<std::string, std::vector<std::int64_t>> stacks(const model::Profile& p, const model::Symbols& symbols,
                                                        std::size_t first_type, std::size_t types) {
  std::map<std::string, std::vector<std::int64_t>> out;
  for (std::size_t t = 0; t < types; ++t)
    out["type " + std::to_string(t) + " " + std::string(symbols.text(p.types[first_type + t].unit))];
  for (std::size_t i = 0; i < p.sample_count(); ++i) {
    std::string line;
    const auto stack = p.stack(i);
    for (auto at = stack.rbegin(); at != stack.rend(); ++at) {
      const auto& location = p.locations[*at];
      for (std::uint32_t l = location.line_count; l-- > 0;)
        (line += '\n') += symbols.text(p.functions[p.lines[location.first_line + l].function].name);
    }
    auto& sums = out[line];
    sums.resize(types);
    for (std::size_t t = 0; t < types; ++t) sums[t] += p.value(i, first_type + t);
  }
  return out;
}

std::string hard_names() {
  ProfileBytes p;
  p.type("samples", "count").type("cpu", "nanoseconds").mapping("/srv/shop");
  p.sample({"main.Map[go.shape.int;go.shape.string]", "main.F[...].func1", "main.main"}, {1, 10});
  p.sample({"operator delete(void*, unsigned long)", "main.(*T).M|main.main"}, {2, 20}, {{"tenant", "a;b c"}});
  p.sample({"main.main"}, {3, -30});
  p.sample({"\xE4\xB8\x96.\xE7\x95\x8C \"quoted\" \\ back"}, {4, 40}, {{"tenant", "x"}});
  return p.str();
}

std::vector<std::string> inputs() {
  std::vector<std::string> all{hard_names()};
  for (const auto& path : test::golden_inputs("decode/pprof", "good-")) all.push_back(test::golden_input(path));
  return all;
}

TEST(RoundTrip, StacksValuesAndUnitsSurviveEveryFormThatIsReadAgain) {
  for (const std::string& bytes : inputs()) {
    model::Symbols symbols;
    const auto profile = read(bytes, "pprof", symbols);
    const auto want = stacks(profile, symbols, 0, profile.types.size());
    for (const auto& [form, format] :
         {std::pair{"pprof", "pprof"}, std::pair{"speedscope", "speedscope"}, std::pair{"otlp", "otlp-profiles"}}) {
      const ProfileDocument document{.profile = profile, .symbols = symbols, .title = "t"};
      model::Symbols others;
      const auto again = read(find_profile_writer(form)->write(document), format, others);
      ASSERT_EQ(again.types.size(), profile.types.size()) << form;
      EXPECT_EQ(stacks(again, others, 0, again.types.size()), want) << form;
    }
  }
}

TEST(RoundTrip, OtlpKeepsEverythingPprofHas) {
  for (const std::string& bytes : inputs()) {
    model::Symbols symbols;
    const auto profile = read(bytes, "pprof", symbols);
    const ProfileDocument document{.profile = profile, .symbols = symbols, .title = "t"};
    const auto* pprof = find_profile_writer("pprof");
    model::Symbols others;
    const auto again = read(find_profile_writer("otlp")->write(document), "otlp-profiles", others);
    EXPECT_EQ(pprof->write({.profile = again, .symbols = others, .title = "t"}), pprof->write(document));
  }
}

TEST(RoundTrip, FoldedTextKeepsNamesWithSemicolonsAndBlanks) {
  ProfileBytes p;
  p.type("samples", "count");
  p.sample({"main.Map[go.shape.int;go.shape.string]", "operator new(unsigned long)", "main.main"}, {7});
  p.sample({"main.main"}, {3});
  model::Symbols symbols;
  const auto profile = read(p.str(), "pprof", symbols);
  model::Symbols others;
  const auto again = read(folded_profile({.profile = profile, .symbols = symbols, .title = "t"}), "folded", others);
  EXPECT_EQ(stacks(again, others, 0, 1), stacks(profile, symbols, 0, 1));
}

TEST(ProfileWriters, CallgrindAddsUpToTheProfileInItsOwnUnit) {
  ProfileBytes p;
  p.type("cpu", "nanoseconds");
  p.sample({"main.leaf", "main.main"}, {1'000'000'007}).sample({"main.main"}, {3});
  model::Symbols symbols;
  const auto profile = read(p.str(), "pprof", symbols);
  const std::string text = callgrind_profile({.profile = profile, .symbols = symbols, .title = "t"});
  EXPECT_THAT(text, testing::StartsWith("positions: instr line\nevents: cpu(nanoseconds)\n"));
  EXPECT_THAT(text, testing::HasSubstr(" 10 1000000007\n"));
  EXPECT_THAT(text, testing::HasSubstr(" 10 3\n"));
  EXPECT_THAT(text, testing::HasSubstr("calls=0"));
}

TEST(ProfileWriters, AreFoundByNameAndByTheLongestEnding) {
  for (const auto& writer : profile_writers()) {
    EXPECT_EQ(find_profile_writer(writer.name), &writer);
    EXPECT_EQ(profile_writer_for_path("x" + std::string(writer.extension)), &writer);
    EXPECT_NE(test::read_file(test::source_path("docs/renderers.md")).find("`" + std::string(writer.name) + "`"),
              std::string::npos)
        << writer.name << " has no line in docs/renderers.md";
  }
  EXPECT_EQ(profile_writer_for_path("x.txt"), nullptr);
}

TEST(ProfileWriters, TheFormsThatNobodyReadsAgainMatchTheirGoldens) {
  model::Symbols symbols;
  const auto profile = read(hard_names(), "pprof", symbols);
  const ProfileDocument document{.profile = profile, .symbols = symbols, .title = "shop: CPU profile", .column = 1};
  for (const char* form : {"firefox", "json", "speedscope", "folded"})
    EXPECT_TRUE(test::matches_golden("render/profile." + std::string(form), find_profile_writer(form)->write(document)))
        << form;
}

}  // namespace
}  // namespace gopsy::render
