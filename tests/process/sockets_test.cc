#include "process/runtime/waits/sockets.h"

#include <gtest/gtest.h>

namespace gopsy::process {
namespace {

using Table = std::unordered_map<std::uint64_t, std::string>;

constexpr std::string_view kHead =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

TEST(NetTable, NamesBothEndsAndTheState) {
  Table table;
  parse_net_table(
      "tcp",
      std::string(kHead) +
          "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1\n"
          "   1: 0A01A8C0:C350 0501A8C0:1538 01 00000000:00000000 00:00000000 00000000  1000        0 4712 1\n"
          "   2: 0A01A8C0:C351 0501A8C0:1538 08 00000000:00000000 00:00000000 00000000  1000        0 4713 1\n",
      table);
  EXPECT_EQ(table[4711], "tcp 127.0.0.1:8080, listens");
  EXPECT_EQ(table[4712], "tcp 192.168.1.10:50000 -> 192.168.1.5:5432, established");
  EXPECT_EQ(table[4713], "tcp 192.168.1.10:50001 -> 192.168.1.5:5432, closed by the peer");
}

TEST(NetTable, ReadsVersionSixAndWhatIsMappedIntoIt) {
  Table table;
  parse_net_table(
      "tcp6",
      "   0: 00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 1 1\n"
      "   1: 0000000000000000FFFF00000100007F:1F90 0000000000000000FFFF00000100007F:D431 01 0:0 0:0 0 0 0 2 1\n",
      table);
  EXPECT_EQ(table[1], "tcp [::1]:8080, listens");
  EXPECT_EQ(table[2], "tcp 127.0.0.1:8080 -> 127.0.0.1:54321, established");
}

TEST(NetTable, PassesOverLinesThatDoNotFit) {
  Table table;
  parse_net_table("tcp", kHead, table);
  parse_net_table("tcp", "0: 0100007F:1F90 00000000:0000 0A\n1: 0100007:1F90 00000000:0000 0A 0 0 0 0 0 5 1\n", table);
  parse_net_table("tcp", std::string(1000, ' ') + std::string("\n\n\0\n", 4), table);
  parse_net_table("udp", "1: 0100007F:0035 00000000:0000 07 0:0 0:0 0 0 0 0 2 1\n", table);  // of nobody any more
  EXPECT_TRUE(table.empty());
}

TEST(Sockets, KnowNothingOfAProcessThatIsNotThere) { EXPECT_EQ(Sockets(0).describe(3), ""); }

}  // namespace
}  // namespace gopsy::process
