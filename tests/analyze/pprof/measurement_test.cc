#include "analyze/pprof/measurement.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

// What pprof prints: reference is internal/measurement of github.com/google/pprof.
namespace gopsy::pprof {
namespace {

// "1.5 kB": a value and its unit.
std::string scaled(std::int64_t value, std::string_view from, std::string_view to) {
  const Measure measure = scale(value, from, to);
  std::string text = std::to_string(measure.value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text + " " + measure.unit;
}

TEST(Scale, ConvertsInsideAFamily) {
  EXPECT_EQ(scaled(1536, "bytes", "kb"), "1.5 kB");
  EXPECT_EQ(scaled(3, "megabytes", "bytes"), "3145728 B");
  EXPECT_EQ(scaled(1, "PB", "TB"), "1024 TB");
  EXPECT_EQ(scaled(1500, "nanoseconds", "us"), "1.5 us");
  EXPECT_EQ(scaled(2, "hrs", "seconds"), "7200 s");
  EXPECT_EQ(scaled(90, "sec", "hr"), "0.025 hrs");
  EXPECT_EQ(scaled(2500, "milliGCU", "gcu"), "2.5 GCU");
}

TEST(Scale, KnowsTheNamesOfUnits) {
  for (const char* name : {"b", "B", "byte", "bytes", "Bytes"}) EXPECT_EQ(scaled(1, name, "B"), "1 B") << name;
  for (const char* name : {"kb", "KB", "kbyte", "kilobyte", "kilobytes"})
    EXPECT_EQ(scaled(1, name, "B"), "1024 B") << name;
  for (const char* name : {"us", "microsecond", "microseconds"}) EXPECT_EQ(scaled(1, name, "ns"), "1000 ns") << name;
  for (const char* name : {"s", "sec", "secs", "second", "seconds"})
    EXPECT_EQ(scaled(1, name, "ms"), "1000 ms") << name;
  for (const char* name : {"hr", "hrs", "hour", "hours"}) EXPECT_EQ(scaled(1, name, "s"), "3600 s") << name;
}

TEST(Scale, DoesNotKnowTheGreekMicrosecond) {
  // It is in pprof's table and never found: three bytes long, it loses its s as a plural does.
  EXPECT_EQ(scaled(1, "\u03bcs", "ns"), "1 ns");
  EXPECT_FALSE(same_family("\u03bcs", "ns"));
}

TEST(Scale, TakesTheLargestUnitThatFitsForAutoAndMinimum) {
  for (const char* to : {"auto", "minimum"}) {
    EXPECT_EQ(scaled(1023, "bytes", to), "1023 B");
    EXPECT_EQ(scaled(1024, "bytes", to), "1 kB");
    EXPECT_EQ(scaled(5LL << 50, "bytes", to), "5 PB");
    EXPECT_EQ(scaled(999, "ns", to), "999 ns");
    EXPECT_EQ(scaled(1000, "ns", to), "1 us");
    EXPECT_EQ(scaled(59LL * 60, "s", to), "3540 s") << "there are no minutes";
    EXPECT_EQ(scaled(7200, "s", to), "2 hrs");
    EXPECT_EQ(scaled(1, "GCU", to), "1 GCU");
    EXPECT_EQ(scaled(2'000'000, "nanoGCU", to), "2 m*GCU");
  }
}

TEST(Scale, HasTheFamilysOwnUnitWhereNoneFits) {
  EXPECT_EQ(scaled(0, "kb", "auto"), "0 B");
  EXPECT_EQ(scaled(0, "ms", "auto"), "0 s");
  EXPECT_EQ(scaled(0, "nanoGCU", "auto"), "0 GCU");
}

TEST(Scale, TakesTheFamilysOwnUnitForATargetOutsideIt) {
  EXPECT_EQ(scaled(90, "s", "minutes"), "90 s");
  EXPECT_EQ(scaled(2500, "ms", "MB"), "2.5 s");
  EXPECT_EQ(scaled(2, "kB", "seconds"), "2048 B");
  EXPECT_EQ(scaled(2, "kB", ""), "2048 B");
}

TEST(Scale, KeepsValuesOfUnknownUnits) {
  EXPECT_EQ(scaled(7, "cycles", "kB"), "7 kB");
  EXPECT_EQ(scaled(7, "cycles", "instructions"), "7 instructions");
  EXPECT_EQ(scaled(7, "", "days"), "7 days");
  for (const char* plain : {"count", "sample", "unit", "minimum", "auto"}) EXPECT_EQ(scaled(7, "cycles", plain), "7 ");
}

TEST(Scale, KeepsTheSign) {
  EXPECT_EQ(scaled(-1536, "bytes", "auto"), "-1.5 kB");
  EXPECT_EQ(scaled(-7, "cycles", "cycles"), "-7 cycles");
  // The smallest number has no positive one: it is no larger than any unit.
  EXPECT_EQ(scaled(INT64_MIN, "bytes", "auto"), "-9223372036854775808 B");
}

TEST(ScaledLabel, HasTwoDecimalsUnlessBothAreZero) {
  EXPECT_EQ(scaled_label(1536, "bytes", "kb"), "1.50kB");
  EXPECT_EQ(scaled_label(2048, "bytes", "kb"), "2kB");
  EXPECT_EQ(scaled_label(100, "bytes", "B"), "100B");
  EXPECT_EQ(scaled_label(1100, "ms", "s"), "1.10s");
  EXPECT_EQ(scaled_label(1004, "ms", "s"), "1s") << "rounded first";
  EXPECT_EQ(scaled_label(12, "count", "count"), "12");
  EXPECT_EQ(scaled_label(-700, "bytes", "B"), "-700B");
}

TEST(ScaledLabel, HasNoUnitForZero) {
  EXPECT_EQ(scaled_label(0, "bytes", "MB"), "0");
  EXPECT_EQ(scaled_label(1, "bytes", "MB"), "0") << "too small for two decimals";
  EXPECT_EQ(scaled_label(-1, "bytes", "MB"), "0") << "and no sign";
  EXPECT_EQ(label(0, "ns"), "0");
}

TEST(ScaledLabel, OfItsOwnUnitFits) {
  EXPECT_EQ(label(1536, "bytes"), "1.50kB");
  EXPECT_EQ(label(12'345'000, "ns"), "12.35ms");
  EXPECT_EQ(label(42, "cycles"), "42");
}

TEST(Percentage, IsAtLeastSixWide) {
  EXPECT_EQ(percentage(314, 10'000), " 3.14%");
  EXPECT_EQ(percentage(12'345, 100'000), "12.35%") << "12.345 in binary is a little more";
  EXPECT_EQ(percentage(1, 100), " 1.00%");
  EXPECT_EQ(percentage(250, 100), "250.00%");
}

TEST(Percentage, HasTwoDigitsBelowOne) {
  EXPECT_EQ(percentage(99, 10'000), " 0.99%");
  EXPECT_EQ(percentage(999, 100'000), "    1%");
  EXPECT_EQ(percentage(85, 1'000'000), "0.0085%");
  EXPECT_EQ(percentage(9, 10'000'000), "9e-05%");
  EXPECT_EQ(percentage(0, 100), "    0%");
}

TEST(Percentage, IsAHundredWhereItRoundsToIt) {
  EXPECT_EQ(percentage(9995, 10'000), "  100%");
  EXPECT_EQ(percentage(9994, 10'000), "99.94%");
  EXPECT_EQ(percentage(10'004, 10'000), "  100%");
  EXPECT_EQ(percentage(10'006, 10'000), "100.06%");
}

TEST(Percentage, HasNoSignAndNoTotalIsNothing) {
  EXPECT_EQ(percentage(-3597, 10'000), "35.97%");
  EXPECT_EQ(percentage(3597, -10'000), "35.97%");
  EXPECT_EQ(percentage(5, 0), "    0%");
}

TEST(SameFamily, ComparesWhatCanBeConverted) {
  EXPECT_TRUE(same_family("ns", "hours"));
  EXPECT_TRUE(same_family("cycles", "cycles"));
  EXPECT_FALSE(same_family("ns", "bytes"));
  EXPECT_FALSE(same_family("cycles", "instructions"));
}

TEST(GoNumbers, WrapAsTheyDoInGo) {
  EXPECT_EQ(wrapping_add(INT64_MAX, 1), INT64_MIN);
  EXPECT_EQ(wrapping_divide(INT64_MIN, -1), INT64_MIN);
  EXPECT_EQ(wrapping_divide(-7, 2), -3);
  EXPECT_EQ(absolute(-5), 5);
  EXPECT_EQ(absolute(INT64_MIN), INT64_MIN);
  EXPECT_EQ(truncated(-2.9), -2);
  EXPECT_EQ(truncated(1e19), INT64_MIN);
}

}  // namespace
}  // namespace gopsy::pprof
