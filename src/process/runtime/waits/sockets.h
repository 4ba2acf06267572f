#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace gopsy::process {

/// What stands behind the file numbers of a living process: "tcp 10.0.0.1:4711 -> 10.0.0.2:5432, established", the path
/// of a file, "unix /run/x.sock".
///
/// Shape   empty where the kernel does not tell: no permission, or the file was closed meanwhile.
/// Cost    the tables of the process's network are read at the first socket, once.
/// Source  linux: Documentation/networking/proc_net_tcp.rst, include/net/tcp_states.h.
class Sockets {
 public:
  /// 0: no living process, nothing is known.
  explicit Sockets(std::uint32_t pid) : pid_(pid) {}

  std::string describe(std::int64_t descriptor);

 private:
  void read_tables();

  std::uint32_t pid_;
  bool read_ = false;
  std::unordered_map<std::uint64_t, std::string> by_inode_;
};

/// Adds the sockets of /proc/PID/net/tcp and its kin (`protocol`: tcp, tcp6, udp, udp6) by inode. Lines that do not fit
/// are passed over.
void parse_net_table(std::string_view protocol, std::string_view table,
                     std::unordered_map<std::uint64_t, std::string>& sockets);

}  // namespace gopsy::process
