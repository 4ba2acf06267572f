#include "render/trace/trace_text.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <time.h>

#include <string>

#include "app/trace.h"
#include "support/golden.h"

namespace gopsy::render {
namespace {

std::string printed(const std::string& name, app::TraceView view) {
  std::string out;
  const auto outcome = app::print_trace(test::golden_path("decode/execution-trace/" + name + ".trace"), view,
                                        {.salvage = false, .dialect = 26, .limits = {}}, [&out](std::string_view text) {
                                          out += text;
                                          return true;
                                        });
  EXPECT_EQ(outcome.failure, "") << name;
  return out;
}

// The goldens were written by `go tool trace -d` of Go 1.26.
TEST(TraceText, IsWhatGoToolTracePrints) {
  setenv("TZ", "UTC", 1);
  tzset();
  using enum app::TraceView;
  EXPECT_TRUE(test::matches_golden("trace/good-go1.26.parsed", printed("good-go1.26", Parsed)));
  EXPECT_TRUE(test::matches_golden("trace/good-go1.26.wire", printed("good-go1.26", Wire)));
  EXPECT_TRUE(test::matches_golden("trace/good-go1.26.footprint", printed("good-go1.26", Footprint)));
  EXPECT_TRUE(test::matches_golden("trace/good-go1.19.parsed", printed("good-go1.19", Parsed)));
}

TEST(TraceText, OfAnOlderGoHasItsWords) {
  const auto first_lines = [](unsigned dialect, const std::string& name) {
    std::string out;
    const auto outcome =
        app::print_trace(test::golden_path("decode/execution-trace/" + name), app::TraceView::Parsed,
                         {.salvage = false, .dialect = dialect, .limits = {}}, [&out](std::string_view text) {
                           out += text;
                           return true;
                         });
    return outcome.failure.empty() ? out : outcome.failure;
  };
  const std::string old = first_lines(24, "good-go1.26.trace");
  EXPECT_NE(old.find(" Resource=Goroutine(1) Reason=\"\" GoID=1 Undetermined->Running\n"), std::string::npos);
  EXPECT_NE(old.find(" Value=Uint64("), std::string::npos);
  EXPECT_EQ(old.find(" N="), std::string::npos);
  const std::string newer = first_lines(25, "good-go1.26.trace");
  EXPECT_NE(newer.find(" Resource=Goroutine(1) Reason=\"\" GoID=1 "), std::string::npos);
  EXPECT_NE(newer.find(" Value=Value{Uint64("), std::string::npos);
  EXPECT_NE(newer.find(" N=1 Trace="), std::string::npos);
  EXPECT_NE(first_lines(22, "good-go1.19.trace").find("a form that gopsy does not write"), std::string::npos);
}

TEST(TraceText, HasNoRecordsOfTracesBeforeGo122) {
  const auto outcome =
      app::print_trace(test::golden_path("decode/execution-trace/good-go1.19.trace"), app::TraceView::Wire,
                       {.salvage = false, .dialect = 26, .limits = {}}, [](std::string_view) { return true; });
  EXPECT_NE(outcome.failure.find("invalid event type: 65"), std::string::npos) << outcome.failure;
}

}  // namespace
}  // namespace gopsy::render
