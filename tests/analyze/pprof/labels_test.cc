#include "analyze/pprof/labels.h"

#include <gmock/gmock.h>

#include "decode/pprof/pprof.h"
#include "support/profile_builder.h"

namespace gopsy::pprof {
namespace {

using testing::ElementsAre;

model::Profile profile_of(const test::ProfileBytes& bytes, model::Symbols& symbols) {
  return *std::move(decode::kPprof.decode(bytes.str(), symbols)->profile);
}

std::vector<std::string> names(const model::Profile& profile, std::size_t sample, const model::Symbols& symbols) {
  std::vector<std::string> names;
  for (const std::uint32_t at : profile.stack(sample)) {
    const auto& location = profile.locations[at];
    names.emplace_back(symbols.text(profile.functions[profile.lines[location.first_line].function].name));
  }
  return names;
}

test::ProfileBytes labelled() {
  test::ProfileBytes p;
  p.type("samples", "count");
  p.sample({"main.a", "main.main"}, {1}, {{"tenant", "blue"}, {"path", "/x"}});
  p.sample({"main.a", "main.main"}, {2}, {{"tenant", "red"}, {"tenant", "green"}});
  p.sample({"main.main"}, {3});
  return p;
}

TEST(Labels, GroupingShowsTheKeyAndWhoHasNone) {
  model::Symbols symbols;
  auto profile = profile_of(labelled(), symbols);
  EXPECT_TRUE(group_by_labels(profile, {"tenant", "path"}, symbols));
  EXPECT_THAT(names(profile, 0, symbols), ElementsAre("main.a", "main.main", "path=/x", "tenant=blue"));
  EXPECT_THAT(names(profile, 1, symbols), ElementsAre("main.a", "main.main", "path=(none)", "tenant=red,green"));
  EXPECT_THAT(names(profile, 2, symbols), ElementsAre("main.main", "path=(none)", "tenant=(none)"));
}

TEST(Labels, TagrootShowsBareValuesAsPprofDoes) {
  model::Symbols symbols;
  auto profile = profile_of(labelled(), symbols);
  EXPECT_EQ(add_label_frames(profile, {"tenant"}, {"path"}, "minimum", symbols), std::pair(true, true));
  EXPECT_THAT(names(profile, 0, symbols), ElementsAre("/x", "main.a", "main.main", "blue"));
  EXPECT_THAT(names(profile, 2, symbols), ElementsAre("", "main.main", ""));
}

TEST(Labels, AKeyThatNobodyHasIsTold) {
  model::Symbols symbols;
  auto profile = profile_of(labelled(), symbols);
  EXPECT_FALSE(group_by_labels(profile, {"user"}, symbols));
  EXPECT_THAT(label_keys(profile, symbols), ElementsAre("path", "tenant"));
}

}  // namespace
}  // namespace gopsy::pprof
