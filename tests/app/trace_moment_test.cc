#include <gtest/gtest.h>

#include "app/trace.h"
#include "base/duration.h"

namespace gopsy::app {
namespace {

TEST(Durations, AreReadAsGoWritesThem) {
  EXPECT_EQ(parse_duration("1.5s"), 1'500'000'000);
  EXPECT_EQ(parse_duration("200ms"), 200'000'000);
  EXPECT_EQ(parse_duration("1m30s"), 90'000'000'000);
  EXPECT_EQ(parse_duration("3µs"), 3000);
  EXPECT_EQ(parse_duration("7ns"), 7);
  for (const char* nonsense : {"", "5", "s", "-1s", "1x", "1s2", "1e30h", "nans", "infs", "1 s"})
    EXPECT_FALSE(parse_duration(nonsense).has_value()) << nonsense;
}

TEST(Moments, AreTimesSharesOrTimesBeforeTheEnd) {
  EXPECT_EQ(parse_moment("1.5s")->ns, 1'500'000'000);
  EXPECT_EQ(parse_moment("-200ms")->ns, -200'000'000);
  EXPECT_EQ(parse_moment("0")->ns, 0);
  EXPECT_EQ(parse_moment("25%")->share, 0.25);
  EXPECT_EQ(parse_moment("-25%")->share, 0.75);
  for (const char* nonsense : {"", "%", "101%", "-", "--1s", "nan%", "1", "5 s", "x%"})
    EXPECT_FALSE(parse_moment(nonsense).has_value()) << nonsense;
}

}  // namespace
}  // namespace gopsy::app
