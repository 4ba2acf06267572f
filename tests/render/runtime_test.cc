#include <gmock/gmock.h>

#include <string>

#include "render/runtime/chart.h"
#include "render/runtime/runtime_report.h"
#include "support/golden.h"
#include "support/log_builder.h"
#include "support/runtime_text.h"
#include "support/xml_check.h"

namespace gopsy::render {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Rendered {
  std::string text;
  std::string json;
  std::string svg;
};

Rendered rendered(std::string_view log) {
  const auto incident = test::incident_of(log);
  std::vector<RuntimeDocument> documents;
  for (auto& run : analyze::runtime_runs(incident))
    documents.push_back(runtime_document(std::move(run), incident.symbols, 0));
  return {.text = runtime_text(documents.at(0), incident.symbols, {.bars = true}),
          .json = runtime_json(documents, incident.symbols),
          .svg = runtime_svg(documents.at(0))};
}

std::string corpus(std::string_view name) {
  return test::read_file(test::source_path(fmt::format("tests/corpus/crash/{}.txt", name)));
}

TEST(RuntimeReport, OfGo127HasTheFiguresOfItsLines) {
  const std::string log = corpus("go1.27/godebug_gctrace1") + corpus("go1.27/godebug_schedtrace") +
                          corpus("go1.27/godebug_scavtrace") + corpus("go1.27/godebug_inittrace");
  EXPECT_TRUE(test::matches_golden("render/runtime/go1.27.text.want", rendered(log).text));
}

TEST(RuntimeReport, OfSchedDetailHasStates) {
  EXPECT_TRUE(test::matches_golden("render/runtime/go1.19-scheddetail.text.want",
                                   rendered(corpus("go1.19/godebug_scheddetail")).text));
}

TEST(RuntimeReport, AsJsonIsOneObject) {
  EXPECT_TRUE(
      test::matches_golden("render/runtime/go1.27.json.want",
                           rendered(corpus("go1.27/godebug_gctrace1") + corpus("go1.27/godebug_schedtrace")).json));
}

TEST(RuntimeChart, IsWellFormedWhateverTheLinesAre) {
  for (const std::string& log :
       {corpus("go1.19/godebug_gctrace1"), corpus("go1.27/godebug_schedtrace"), corpus("go1.19/godebug_scheddetail"),
        test::GcText{}.str(), test::sched_log({5}), test::gc_log(5000, [](auto, auto&) {}),
        std::string("gc 1 @18446744073709551615s 4%: 0+0+18446744073709551615 ms clock, 0+0/99999999999999/0+0 ms cpu, "
                    "4294967295->4294967295->0 MB, 4294967295 MB goal, 4294967295 P\n")}) {
    const auto svg = rendered(log).svg;
    EXPECT_EQ(test::xml_problem(svg), "") << svg.substr(0, 300);
    EXPECT_THAT(svg, Not(HasSubstr("nan")));
    EXPECT_THAT(svg, Not(HasSubstr("inf")));
  }
}

TEST(RuntimeChart, HasAStripForEachKindOfLine) {
  const auto both = rendered(corpus("go1.27/godebug_gctrace1") + corpus("go1.27/godebug_schedtrace")).svg;
  for (const std::string_view title : {">Heap<", ">Pauses<", ">Goroutines that wait for a CPU<", ">Idle CPUs, of 2<"})
    EXPECT_THAT(both, HasSubstr(title));
  EXPECT_THAT(rendered(corpus("go1.27/godebug_schedtrace")).svg, Not(HasSubstr(">Heap<")));
}

TEST(RuntimeChart, OfManyCyclesStaysSmall) {
  EXPECT_LT(rendered(test::gc_log(100'000, [](auto, auto&) {})).svg.size(), 400'000U);
}

TEST(RuntimeChart, DrawsTheMemoryLimitAndStarvedStretches) {
  const auto svg = rendered("GOMEMLIMIT=64MiB\n" + test::gc_log(20, [](auto, auto&) {})).svg;
  EXPECT_THAT(svg, HasSubstr("GOMEMLIMIT 64.0 MiB"));
  EXPECT_THAT(rendered(test::sched_log({40, 40, 40})).svg, HasSubstr("starved: 40 goroutines for 2 CPUs"));
}

TEST(Ticks, AreRoundAndFew) {
  for (const double highest : {1.0, 3.0, 7.7, 100.0, 12345.0, 4e9}) {
    const auto ticks = value_ticks(highest, "MiB");
    EXPECT_GE(ticks.size(), 3U) << highest;
    EXPECT_LE(ticks.size(), 8U) << highest;
    EXPECT_LE(ticks.back().at, highest * 1.001);
  }
  EXPECT_EQ(time_ticks(0, 60'000'000'000).back().label, "60 s");
  EXPECT_EQ(time_ticks(0, 3'600'000'000'000).back().label, "60 min");
  EXPECT_EQ(decade_ticks(1000, 1e6).back().label, "1 ms");
}

}  // namespace
}  // namespace gopsy::render
