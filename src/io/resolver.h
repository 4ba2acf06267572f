#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <expected>
#include <string>
#include <vector>

namespace gopsy::io {

/// An IPv4 (4 bytes used) or IPv6 address.
struct Address {
  bool v6 = false;
  std::array<std::uint8_t, 16> bytes{};

  bool operator==(const Address&) const = default;
};

/// "127.0.0.1", "::1".
std::string to_text(const Address& address);

/// The addresses of a host, in the order in which to try them: a written address itself, "localhost" without asking
/// anyone, names of /etc/hosts, then the name servers of /etc/resolv.conf.
///
/// Why     libc's resolver loads shared objects at run time and so is none for a static binary; c-ares reads the two
///         files itself, and lives without them in an empty container.
/// Errors  "lookup NAME: no such host" and the like, as Go words them; "context deadline exceeded" past `deadline`.
/// Cost    blocks until `deadline` at most.
std::expected<std::vector<Address>, std::string> resolve_host(const std::string& host,
                                                              std::chrono::steady_clock::time_point deadline);

}  // namespace gopsy::io
