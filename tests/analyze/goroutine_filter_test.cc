#include "analyze/goroutine_filter.h"

#include <gmock/gmock.h>

#include <ostream>
#include <string>
#include <vector>

#include "support/log_builder.h"

namespace gopsy::analyze {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view kDump =
    "goroutine 1 [chan receive, 7 minutes, locked to thread]:\nmain.main()\n\t/src/app/main.go:10 +0x1d\n\n"
    "goroutine 7 [chan send, 9 minutes] {tenant: acme, request.id: \"x y\"}:\nruntime.chansend(0xc00010a000, 0x0)\n"
    "\t/go/chan.go:1 +0x1\nmain.handler.func1(0x1)\n\t/src/app/handler.go:20 +0x1d\n"
    "created by main.handler in goroutine 1\n\t/src/app/main.go:9 +0x8f\n\n"
    "goroutine 8 [chan send] {tenant: other}:\nmain.handler.func1(0x2)\n\t/src/app/handler.go:20 +0x1d\n"
    "created by main.handler in goroutine 1\n\t/src/app/main.go:9 +0x8f\n\n"
    "goroutine 9 [select (leaked)]:\nmain.loop()\n\t/src/app/loop.go:3 +0x1\n...4000 frames elided...\n"
    "main.loop()\n\t/src/app/loop.go:3 +0x1\ncreated by main.start in goroutine 5\n\t/src/app/main.go:9 +0x8f\n";

std::vector<std::uint64_t> ids(std::string_view filter, std::string_view dump = kDump) {
  auto incident = test::incident_of(dump);
  const auto snapshots = snapshots_of(incident);
  const auto compiled = GoroutineFilter::compile(filter);
  EXPECT_TRUE(compiled) << filter << ": " << compiled.error().what;
  if (!compiled) return {};
  std::vector<std::uint32_t> rows(snapshots[0].traceback->goroutines.size());
  for (std::uint32_t i = 0; i < rows.size(); ++i) rows[i] = i;
  std::vector<std::uint64_t> found;
  for (const auto row : compiled->matching(snapshots[0], rows, incident.symbols))
    found.push_back(snapshots[0].traceback->goroutines[row].id);
  return found;
}

struct Case {
  std::string_view filter;
  std::vector<std::uint64_t> ids;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.filter; }

class Filters : public testing::TestWithParam<Case> {};

TEST_P(Filters, KeepWhatFits) { EXPECT_EQ(ids(GetParam().filter), GetParam().ids); }

INSTANTIATE_TEST_SUITE_P(
    All, Filters,
    testing::Values(Case{"state == \"chan send\"", {7, 8}}, Case{"state != \"chan send\"", {1, 9}},
                    Case{"state ~ \"^chan\"", {1, 7, 8}}, Case{"state !~ 'chan'", {9}}, Case{"id == 8", {8}},
                    Case{"id>=8", {8, 9}}, Case{"id < 7", {1}}, Case{"minutes > 6 && minutes <= 8", {1}},
                    Case{"func ~ \"handler\"", {7, 8}}, Case{"func == \"main.loop\"", {9}},
                    Case{"func != \"main.loop\"", {1, 7, 8}}, Case{"file ~ 'handler[.]go$'", {7, 8}},
                    Case{"user == \"main.handler.func1\"", {7, 8}}, Case{"top ~ \"^runtime\"", {7}},
                    Case{"created ~ \"handler\"", {7, 8}}, Case{"created == \"\"", {1}}, Case{"creator == 1", {7, 8}},
                    Case{"label.tenant == \"acme\"", {7}}, Case{"label.tenant != \"acme\"", {1, 8, 9}},
                    Case{"label.request.id == \"x y\"", {7}}, Case{"label.\"request.id\" ~ \"x\"", {7}},
                    Case{"label.absent == \"\"", {}}, Case{"locked", {1}}, Case{"!locked", {7, 8, 9}},
                    Case{"locked == false", {7, 8, 9}}, Case{"leaked == true", {9}}, Case{"frames > 4000", {9}},
                    Case{"frames == 4002", {9}}, Case{"address == 0xc00010a000", {7}},
                    Case{"count >= 1 && id == 7", {7}}, Case{"id == 1 || id == 7 && minutes > 100", {1}},
                    Case{"(id == 1 || id == 7) && minutes > 8", {7}}, Case{"!(id == 1 || id == 7)", {8, 9}},
                    Case{"!!locked", {1}}, Case{"! ! ! locked && id != 9", {7, 8}},
                    Case{"!locked && !leaked || id == 1", {1, 7, 8}}));

TEST(GoroutineFilter, CountsGoroutinesWithTheSameStack) {
  const test::GoroutineText worker{
      .state = "select", .frames = {"main.work(0x1?)"}, .created_by = "main.main in goroutine 1"};
  auto one = worker;
  auto two = worker;
  one.id = 5;
  two.id = 6;
  two.frames = {"main.work(0x2?)"};
  EXPECT_THAT(ids("count == 2", test::dump_of({one, two, {.id = 9}})), ElementsAre(5, 6));
}

struct Wrong {
  std::string_view filter;
  std::size_t column;
  std::string_view says;
};

void PrintTo(const Wrong& c, std::ostream* out) { *out << c.filter; }

class Mistakes : public testing::TestWithParam<Wrong> {};

TEST_P(Mistakes, AreToldWithTheirPlace) {
  const auto compiled = GoroutineFilter::compile(GetParam().filter);
  ASSERT_FALSE(compiled);
  EXPECT_EQ(compiled.error().column, GetParam().column) << compiled.error().what;
  EXPECT_THAT(compiled.error().what, HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    All, Mistakes,
    testing::Values(Wrong{"", 0, "expected a field"}, Wrong{"stat == \"x\"", 0, "Did you mean state?"},
                    Wrong{"fnuc ~ \"x\"", 0, "Did you mean func?"}, Wrong{"id == 1 &&", 10, "expected a field"},
                    Wrong{"id = 1", 3, "expected a comparison"}, Wrong{"id == \"1\"", 6, "with a number"},
                    Wrong{"id ~ \"1\"", 3, "is a number"}, Wrong{"state < \"a\"", 6, "is a text"},
                    Wrong{"state == chan", 9, "text in quotes"}, Wrong{"state == \"chan", 9, "quote is not closed"},
                    Wrong{"(id == 1", 0, "not closed"}, Wrong{"id == 1)", 7, "nothing was opened"},
                    Wrong{"func ~ \"(\"", 7, "regular expression"}, Wrong{"locked ~ \"x\"", 7, "true or false"},
                    Wrong{"id == 1 id == 2", 8, "&& or ||"}, Wrong{"label == \"x\"", 6, "label.tenant"},
                    Wrong{"id == 99999999999999999999", 6, "with a number"}, Wrong{"\x01", 0, "expected a field"}));

TEST(GoroutineFilter, NestsAsDeepAsTheTextWithoutCallsOfItsOwn) {
  const std::string open(200'000, '(');
  const std::string close(200'000, ')');
  EXPECT_THAT(ids(open + "id == 1" + close), ElementsAre(1));
  EXPECT_THAT(ids(std::string(100'000, '!') + "id == 1"), ElementsAre(1));
  EXPECT_FALSE(GoroutineFilter::compile(open + "id == 1"));
}

TEST(GoroutineFilter, AnswersForAnyTextWithoutCrashing) {
  const std::string good = "(state == \"chan send\" && minutes > 5) || !(func ~ 'a.*b') && label.\"k\" != \"v\"";
  for (std::size_t cut = 0; cut <= good.size(); ++cut) (void)GoroutineFilter::compile(good.substr(0, cut));
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (const char c : {'\0', '"', '(', ')', '!', '\xff', '~'}) {
      std::string changed = good;
      changed[at] = c;
      (void)GoroutineFilter::compile(changed);
    }
  }
}

}  // namespace
}  // namespace gopsy::analyze
