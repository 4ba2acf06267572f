#include "cli/pprof/flags.h"

#include <gmock/gmock.h>

#include <string>
#include <utility>
#include <vector>

#include "app/pprof/settings.h"
#include "base/format.h"

namespace gopsy::pprof {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

using Words = std::vector<std::string>;

CommandLine parsed(const Words& words) {
  auto line = parse_flags(words);
  EXPECT_TRUE(line) << line.error();
  return line ? *std::move(line) : CommandLine{};
}

std::string refused(const Words& words) {
  const auto line = parse_flags(words);
  EXPECT_FALSE(line);
  return line ? "" : line.error();
}

TEST(PprofFlags, HaveOneDashOrTwo) {
  for (const char* dashes : {"-", "--"}) {
    const auto line = parsed({fmt::format("{}top", dashes), fmt::format("{}focus=main", dashes), "cpu.pb.gz"});
    EXPECT_THAT(line.command, ElementsAre("top"));
    EXPECT_EQ(line.config.focus, "main");
    EXPECT_THAT(line.source.sources, ElementsAre("cpu.pb.gz"));
  }
}

TEST(PprofFlags, TakeTheirValueBehindEqualsOrAsTheNextWord) {
  EXPECT_EQ(parsed({"-focus=a", "p"}).config.focus, "a");
  EXPECT_EQ(parsed({"-focus", "a", "p"}).config.focus, "a");
  EXPECT_EQ(parsed({"-tagfocus=key=value", "p"}).config.tagfocus, "key=value");
  EXPECT_EQ(parsed({"-focus", "-a", "p"}).config.focus, "-a") << "even if it looks like a flag";
  EXPECT_EQ(parsed({"-focus=a", "-focus=", "p"}).config.focus, "") << "the last one counts";
}

TEST(PprofFlags, SwitchesStandAlone) {
  EXPECT_TRUE(parsed({"-noinlines", "p"}).config.noinlines);
  EXPECT_THAT(parsed({"-noinlines", "false", "p"}).source.sources, ElementsAre("false", "p"));
  EXPECT_THAT(parsed({"-top", "cpu"}).source.sources, ElementsAre("cpu"));
}

TEST(PprofFlags, SwitchesTakeTheValuesOfGo) {
  for (const char* yes : {"1", "t", "T", "true", "TRUE", "True"})
    EXPECT_TRUE(parsed({fmt::format("-noinlines={}", yes), "p"}).config.noinlines) << yes;
  for (const char* no : {"0", "f", "F", "false", "FALSE", "False"})
    EXPECT_FALSE(parsed({fmt::format("-trim={}", no), "p"}).config.trim) << no;
  for (const char* other : {"yes", "on", "tRUE", ""}) {
    EXPECT_EQ(refused({fmt::format("-trim={}", other), "p"}),
              fmt::format("invalid boolean value \"{}\" for -trim: parse error", other));
  }
}

TEST(PprofFlags, EndAtTheFirstOtherWord) {
  EXPECT_THAT(parsed({"-top", "a", "-cum"}).source.sources, ElementsAre("a", "-cum"));
  EXPECT_THAT(parsed({"-top", "--", "-cum"}).source.sources, ElementsAre("-cum"));
  EXPECT_THAT(parsed({"-", "-top"}).source.sources, ElementsAre("-", "-top"));
}

TEST(PprofFlags, RefuseWhatIsNoFlag) {
  EXPECT_EQ(refused({"-nonsense", "p"}), "flag provided but not defined: -nonsense");
  EXPECT_EQ(refused({"--nonsense=1", "p"}), "flag provided but not defined: -nonsense");
  EXPECT_EQ(refused({"-to", "p"}), "flag provided but not defined: -to") << "no abbreviations";
  EXPECT_EQ(refused({"-sort=cum", "p"}), "flag provided but not defined: -sort") << "in the shell only";
  EXPECT_EQ(refused({"-granularity=lines", "p"}), "flag provided but not defined: -granularity");
  for (const char* word : {"---top", "-=top", "--=top"})
    EXPECT_EQ(refused({word, "p"}), fmt::format("bad flag syntax: {}", word));
  EXPECT_EQ(refused({"-focus"}), "flag needs an argument: -focus");
}

TEST(PprofFlags, NeedAProfile) {
  EXPECT_EQ(refused({}), "no profile source specified");
  EXPECT_EQ(refused({"-top"}), "no profile source specified");
  EXPECT_EQ(refused({"-top", "-cum", "-flat"}), "no profile source specified") << "before all that is wrong besides";
}

TEST(PprofFlags, KnowEveryReportSettingAndOther) {
  for (const ReportName& report : report_names()) {
    const auto line = parsed({fmt::format("-{}={}", report.name, report.takes_expression ? "main" : "true"), "p"});
    EXPECT_EQ(line.command.at(0), report.name);
    EXPECT_EQ(line.command.size(), report.takes_expression ? 2 : 1);
  }
  for (const Setting& setting : settings()) {
    if (!setting.choices.empty()) continue;
    EXPECT_TRUE(parse_flags({fmt::format("-{}=0", setting.name), "p"}) || setting.name == "normalize") << setting.name;
  }
  for (const OtherFlag& other : other_flags()) {
    const auto line = parse_flags({fmt::format("-{}={}", other.name, other.takes_value ? "5" : "false"), "p"});
    EXPECT_TRUE(line || other.name == "http") << other.name;
  }
}

TEST(PprofFlags, StartTheShellWithoutAReport) {
  EXPECT_THAT(parsed({"p"}).command, IsEmpty());
  EXPECT_THAT(parsed({"-top=false", "p"}).command, IsEmpty());
  EXPECT_THAT(parsed({"-list=", "p"}).command, IsEmpty());
}

TEST(PprofFlags, TakeOneReport) {
  EXPECT_THAT(parsed({"-list", "main.work", "p"}).command, ElementsAre("list", "main.work"));
  EXPECT_THAT(parsed({"-top", "-top", "p"}).command, ElementsAre("top"));
  EXPECT_THAT(parsed({"-top", "-tree=0", "p"}).command, ElementsAre("top"));
  for (const Words& words : {Words{"-top", "-tree", "p"}, Words{"-list=a", "-peek=b", "p"},
                             Words{"-svg", "-disasm=a", "p"}, Words{"-text", "-top", "p"}})
    EXPECT_EQ(refused(words), "must set at most one output format") << words[0] << words[1];
}

TEST(PprofFlags, HaveASwitchForEachChoice) {
  EXPECT_EQ(parsed({"p"}).config.sort, "flat");
  EXPECT_EQ(parsed({"-cum", "p"}).config.sort, "cum");
  EXPECT_EQ(parsed({"-cum", "-cum=false", "p"}).config.sort, "flat");
  EXPECT_EQ(parsed({"p"}).config.granularity, "");
  for (const char* granularity : {"functions", "filefunctions", "files", "lines", "addresses"})
    EXPECT_EQ(parsed({fmt::format("-{}", granularity), "p"}).config.granularity, granularity);
  EXPECT_EQ(refused({"-cum", "-flat", "p"}), "conflicting options set: [cum flat]");
  EXPECT_EQ(refused({"-lines", "-files", "p"}), "conflicting options set: [files lines]");
}

TEST(PprofFlags, CollectBases) {
  const auto base = parsed({"-base=a", "-base", "b", "-base=", "p"}).source;
  EXPECT_THAT(base.base, ElementsAre("a", "b"));
  EXPECT_FALSE(base.diff_base);
  const auto diff = parsed({"-diff_base=a", "--diff_base=b", "-base=", "p"}).source;
  EXPECT_THAT(diff.base, ElementsAre("a", "b"));
  EXPECT_TRUE(diff.diff_base);
  EXPECT_EQ(refused({"-base=a", "-diff_base=b", "p"}), "-base and -diff_base flags cannot both be specified");
}

TEST(PprofFlags, NormalizeByABaseOnly) {
  EXPECT_TRUE(parsed({"-normalize", "-base=a", "p"}).source.normalize);
  EXPECT_TRUE(parsed({"-normalize", "-diff_base=a", "p"}).source.normalize);
  EXPECT_EQ(refused({"-normalize", "p"}), "must have base profile to normalize by");
}

TEST(PprofFlags, OfOldChooseAColumn) {
  for (const char* name : {"inuse_space", "inuse_objects", "alloc_space", "alloc_objects", "contentions"})
    EXPECT_EQ(parsed({fmt::format("-{}", name), "p"}).config.sample_index, name);
  EXPECT_EQ(parsed({"-total_delay", "p"}).config.sample_index, "delay");
  EXPECT_FALSE(parsed({"-total_delay", "p"}).config.mean);
  const auto mean = parsed({"-mean_delay", "p"}).config;
  EXPECT_EQ(mean.sample_index, "delay");
  EXPECT_TRUE(mean.mean);
  EXPECT_EQ(parsed({"-inuse_space=false", "p"}).config.sample_index, "");
}

TEST(PprofFlags, ChooseTheFirstColumnAndSaySo) {
  const auto two = parsed({"-alloc_objects", "-inuse_space", "p"});
  EXPECT_EQ(two.config.sample_index, "inuse_space") << "in pprof's order";
  EXPECT_THAT(two.notices, ElementsAre("Multiple value selections, ignoring -alloc_objects"));
  const auto named = parsed({"-sample_index=1", "-mean_delay", "p"});
  EXPECT_EQ(named.config.sample_index, "1");
  EXPECT_TRUE(named.config.mean) << "that half of it holds";
  EXPECT_THAT(named.notices, ElementsAre("Multiple value selections, ignoring -mean_delay"));
}

TEST(PprofFlags, ReadNumbers) {
  const auto config =
      parsed({"-nodecount=-1", "-nodefraction", ".25", "-edgefraction=1e-3", "-divide_by=+2.5", "p"}).config;
  EXPECT_EQ(config.nodecount, -1);
  EXPECT_EQ(config.nodefraction, 0.25);
  EXPECT_EQ(config.edgefraction, 0.001);
  EXPECT_EQ(config.divide_by, 2.5);
  const auto source = parsed({"-seconds=30", "-timeout", "60", "p"}).source;
  EXPECT_EQ(source.seconds, 30);
  EXPECT_EQ(source.timeout, 60);
  for (const char* flag : {"nodecount", "nodefraction", "divide_by", "seconds", "timeout"}) {
    for (const char* value : {"x", "", "5x", "+-5", " 5"}) {
      EXPECT_EQ(refused({fmt::format("-{}={}", flag, value), "p"}),
                fmt::format("invalid value \"{}\" for flag -{}: parse error", value, flag));
    }
  }
}

TEST(PprofFlags, ReadWholeNumbersInTheBasesOfGo) {
  const std::vector<std::pair<const char*, int>> numbers{{"+5", 5},  {"0x10", 16}, {"-0X10", -16}, {"0b101", 5},
                                                         {"010", 8}, {"0o10", 8},  {"0", 0},       {"007", 7}};
  for (const auto& [text, number] : numbers) {
    EXPECT_EQ(parsed({fmt::format("-nodecount={}", text), "p"}).config.nodecount, number) << text;
    EXPECT_EQ(parsed({fmt::format("-seconds={}", text), "p"}).source.seconds, number) << text;
  }
  for (const char* text : {"08", "0x", "0b2", "x10", "+", "-"})
    EXPECT_THAT(refused({fmt::format("-seconds={}", text), "p"}), testing::StartsWith("invalid value ")) << text;
}

TEST(PprofFlags, SayWhereProfilesComeFrom) {
  const auto source = parsed({"-symbolize=none", "-buildid=abc", "-add_comment", "a b", "-tls_cert=c", "-tls_key=k",
                              "-tls_ca=a", "-tools=t", "-all_frames", "p", "q"})
                          .source;
  EXPECT_EQ(source.symbolize, "none");
  EXPECT_EQ(source.build_id, "abc");
  EXPECT_EQ(source.comment, "a b");
  EXPECT_EQ(source.tls_cert + source.tls_key + source.tls_ca + source.tools, "ckat");
  EXPECT_TRUE(source.all_frames);
  EXPECT_THAT(source.sources, ElementsAre("p", "q"));
}

TEST(PprofFlags, TakeTheFirstOfSeveralOperandsForTheBinaryIfItIsOne) {
  const char* const self = "/proc/self/exe";
  const auto two = parsed({self, "p"}).source;
  EXPECT_EQ(two.executable, self);
  EXPECT_THAT(two.sources, ElementsAre("p"));
  EXPECT_THAT(parsed({self}).source.sources, ElementsAre(self));
  EXPECT_THAT(parsed({"p", self}).source.sources, ElementsAre("p", self));
  EXPECT_EQ(parsed({"p", "q"}).source.executable, "");
}

TEST(PprofFlags, ServePagesInsteadOfAReport) {
  EXPECT_EQ(refused({"-http=:8080", "-top", "p"}), "-http is not compatible with an output format on the command line");
  EXPECT_EQ(parsed({"-http=:8080", "p"}).http, ":8080");
  EXPECT_TRUE(parsed({"-http=:8080", "p"}).opens_browser);
  EXPECT_FALSE(parsed({"-http=:8080", "-no_browser", "p"}).opens_browser);
  EXPECT_EQ(refused({"-no_browser", "p"}), "-no_browser only makes sense with -http");
}

}  // namespace
}  // namespace gopsy::pprof
