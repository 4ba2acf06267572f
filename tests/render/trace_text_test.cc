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
                                        {.salvage = false, .limits = {}}, [&out](std::string_view text) {
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

TEST(TraceText, HasNoRecordsOfTracesBeforeGo122) {
  const auto outcome =
      app::print_trace(test::golden_path("decode/execution-trace/good-go1.19.trace"), app::TraceView::Wire,
                       {.salvage = false, .limits = {}}, [](std::string_view) { return true; });
  EXPECT_NE(outcome.failure.find("invalid event type: 65"), std::string::npos) << outcome.failure;
}

}  // namespace
}  // namespace gopsy::render
