#include "app/pprof/remote_symbols.h"

#include <gtest/gtest.h>

#include "app/pprof/files.h"
#include "model/symbols.h"

namespace gopsy::pprof {
namespace {

struct Live {
  model::Symbols symbols;
  model::Profile profile;
  MappingSources sources;
  std::vector<std::string> asked;

  explicit Live(std::vector<std::uint64_t> addresses, std::uint64_t start = 0x1000) {
    profile.mappings.push_back({.id = 1, .start = start});
    for (const auto address : addresses)
      profile.locations.push_back({.id = profile.locations.size() + 1, .mapping = 0, .address = address});
    note_sources(profile, symbols, "http://h:1/debug/pprof/profile?seconds=3", sources);
  }

  std::string symbolize(const std::string& answer, bool force = false) {
    const auto done = symbolize_remotely(
        profile, symbols, sources, force,
        [&](const std::string& url, const std::string& addresses) -> std::expected<std::string, std::string> {
          asked.push_back(url + " " + addresses);
          return answer;
        });
    return done ? "" : done.error();
  }

  [[nodiscard]] std::string name(std::size_t location) const {
    const auto& at = profile.locations[location];
    if (at.line_count == 0) return "";
    return std::string(symbols.text(profile.functions[profile.lines[at.first_line].function].name));
  }
};

TEST(RemoteSymbols, AreAskedForBesideTheProfile) {
  EXPECT_EQ(symbol_url("http://h:1/debug/pprof/profile?seconds=3"), "http://h:1/debug/pprof/symbol");
  EXPECT_EQ(symbol_url("http+unix://%2Fa.sock/x/debug/pprof/heap"), "http+unix://%2Fa.sock/x/debug/pprof/symbol");
  EXPECT_EQ(symbol_url("http://h/pprof/growth"), "http://h/pprof/symbol");
  EXPECT_EQ(symbol_url("http://h/profilez?a=1"), "http://h/symbolz");
  EXPECT_EQ(symbol_url("cpu.pb.gz"), "");
}

TEST(RemoteSymbols, NameLocationsWithoutLines) {
  Live live({0x1010, 0x1020, 0x1030, 0});
  live.profile.functions.push_back({.id = 1});
  EXPECT_EQ(live.symbolize("num_symbols: 1\n0x1010\tmain.main\n0x1020 operator new(unsigned long)\n"), "");
  ASSERT_EQ(live.asked.size(), 1U);
  EXPECT_EQ(live.asked[0], "http://h:1/debug/pprof/symbol 0x1010+0x1020+0x1030");
  EXPECT_EQ(live.name(0), "main.main");
  EXPECT_EQ(live.name(1), "operator new(unsigned long)");
  EXPECT_EQ(live.name(2), "");
  EXPECT_TRUE(live.profile.mappings[0].has_functions);
  EXPECT_EQ(live.profile.functions[1].id, 2U);
}

TEST(RemoteSymbols, GiveOneFunctionToLocationsOfOneName) {
  Live live({0x1010, 0x1020});
  EXPECT_EQ(live.symbolize("0x1010 f\n0x1020 f\n"), "");
  EXPECT_EQ(live.profile.functions.size(), 1U);
}

TEST(RemoteSymbols, AreNotAskedForWhereFunctionsAre) {
  Live live({0x1010});
  live.profile.mappings[0].has_functions = true;
  EXPECT_EQ(live.symbolize("0x1010 f\n"), "");
  EXPECT_TRUE(live.asked.empty());
  EXPECT_EQ(live.symbolize("0x1010 f\n", true), "");
  EXPECT_EQ(live.name(0), "f");
}

TEST(RemoteSymbols, OfAMergedMappingAreAskedForAtTheAddressesOfTheServer) {
  Live live({0x1010});
  live.profile.mappings[0].start = 0x5000;
  live.profile.locations[0].address = 0x5010;
  EXPECT_EQ(live.symbolize("0x1010 f\n"), "");
  EXPECT_EQ(live.asked[0], "http://h:1/debug/pprof/symbol 0x1010");
  EXPECT_EQ(live.name(0), "f");
}

TEST(RemoteSymbols, RefuseAddressesBeyond64Bits) {
  Live live({0x10});
  live.profile.mappings[0].start = 0x5000;
  EXPECT_EQ(live.symbolize(""), "cannot adjust address 16 by -16384, it would overflow");
  Live other({0x1010});
  EXPECT_EQ(other.symbolize("0x11112222333344445 f\n"), "unexpected parse failure 0x11112222333344445");
}

TEST(RemoteSymbols, OfATornAnswerLoseItsLastLine) {
  Live live({0x1010, 0x1020});
  EXPECT_EQ(live.symbolize("0x1010 main.main\n0x1020 main.wo"), "");
  EXPECT_EQ(live.name(1), "");
}

TEST(RemoteSymbols, SurviveAnyAnswer) {
  Live live({0x1010});
  EXPECT_EQ(live.symbolize("\n0x\n0x \n0x0x0x1010\n0xzz f\n0x1010f\n0x0x1010  g\n"), "");
  EXPECT_EQ(live.name(0), "g");
}

TEST(RemoteSymbols, LeaveNoTraceOfTheUrlInTheMapping) {
  Live live({0x1010});
  EXPECT_EQ(live.symbols.text(live.profile.mappings[0].file), "http://h:1/debug/pprof/profile?seconds=3");
  forget_sources(live.profile, live.symbols);
  EXPECT_FALSE(live.profile.mappings[0].file);
  live.profile.mappings[0].file = live.symbols.intern("/usr/bin/app");
  forget_sources(live.profile, live.symbols);
  EXPECT_EQ(live.symbols.text(live.profile.mappings[0].file), "/usr/bin/app");
}

TEST(SavedProfile, IsNamedByItsBinaryAndTypesAndNeverLeavesItsFolder) {
  Live live({});
  live.profile.mappings[0].file = live.symbols.intern("/opt/../bin/app");
  live.profile.types = {{live.symbols.intern("samples"), {}}, {live.symbols.intern("../../etc/x"), {}}};
  EXPECT_EQ(saved_prefix(live.profile, live.symbols), "pprof.app.samples..._.._etc_x.");
  live.profile.types.assign(50, {live.symbols.intern(std::string(90, 'a')), {}});
  EXPECT_LE(saved_prefix(live.profile, live.symbols).size(), 200U);
}

}  // namespace
}  // namespace gopsy::pprof
