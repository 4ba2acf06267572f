#include "io/resolver.h"

#include <ares.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>

#include "base/format.h"
#include "base/text.h"

namespace gopsy::io {
namespace {

using Clock = std::chrono::steady_clock;
using Failed = std::unexpected<std::string>;

std::optional<Address> written_address(const std::string& host) {
  Address address;
  if (::inet_pton(AF_INET, host.c_str(), address.bytes.data()) == 1) return address;
  address.v6 = true;
  if (::inet_pton(AF_INET6, host.c_str(), address.bytes.data()) == 1) return address;
  return std::nullopt;
}

constexpr Address kLoopback4{.v6 = false, .bytes = {127, 0, 0, 1}};
constexpr Address kLoopback6{.v6 = true, .bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};

// RFC 6761: these names never go to a name server.
bool is_localhost(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  std::string low(host);
  std::ranges::transform(low, low.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 32) : c; });
  return low == "localhost" || low.ends_with(".localhost");
}

struct Answer {
  bool done = false;
  int status = ARES_SUCCESS;
  std::vector<Address> addresses;
};

template <class T>
T from_bytes(const void* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

void take_answer(void* to, int status, int, ares_addrinfo* found) {
  auto& answer = *static_cast<Answer*>(to);
  answer.done = true;
  answer.status = status;
  if (found == nullptr) return;
  for (const auto* node = found->nodes; node != nullptr; node = node->ai_next) {
    Address address{.v6 = node->ai_family == AF_INET6};
    if (address.v6) {
      const auto raw = from_bytes<sockaddr_in6>(node->ai_addr);
      std::memcpy(address.bytes.data(), &raw.sin6_addr, 16);
    } else {
      const auto raw = from_bytes<sockaddr_in>(node->ai_addr);
      std::memcpy(address.bytes.data(), &raw.sin_addr, 4);
    }
    answer.addresses.push_back(address);
  }
  ares_freeaddrinfo(found);
}

// Waits for the library's sockets, a while at most: it has timers of its own.
void serve_sockets(ares_channel channel) {
  std::array<ares_socket_t, ARES_GETSOCK_MAXNUM> sockets{};
  const auto mask = static_cast<unsigned>(ares_getsock(channel, sockets.data(), ARES_GETSOCK_MAXNUM));
  std::array<pollfd, ARES_GETSOCK_MAXNUM> waits{};
  nfds_t count = 0;
  for (unsigned i = 0; i < ARES_GETSOCK_MAXNUM; ++i) {
    const bool reads = (mask & (1U << i)) != 0;
    const bool writes = (mask & (1U << (i + ARES_GETSOCK_MAXNUM))) != 0;
    if (!reads && !writes) continue;
    waits[count].fd = sockets[i];
    waits[count++].events = static_cast<short>((reads ? POLLIN : 0) | (writes ? POLLOUT : 0));
  }
  constexpr int kMilliseconds = 50;
  ::poll(waits.data(), count, kMilliseconds);
  for (nfds_t i = 0; i < count; ++i) {
    const bool reads = (waits[i].revents & (POLLIN | POLLERR | POLLHUP)) != 0;
    const bool writes = (waits[i].revents & POLLOUT) != 0;
    ares_process_fd(channel, reads ? waits[i].fd : ARES_SOCKET_BAD, writes ? waits[i].fd : ARES_SOCKET_BAD);
  }
  ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

std::string reason(int status) {
  switch (status) {
    case ARES_ENOTFOUND:
    case ARES_ENODATA:
    case ARES_EBADNAME: return "no such host";
    case ARES_ETIMEOUT: return "i/o timeout";
    case ARES_ESERVFAIL: return "server misbehaving";
    case ARES_ECONNREFUSED: return "no name server answers";
    default: {
      std::string text = ares_strerror(status);
      return text;
    }
  }
}

}  // namespace

std::string to_text(const Address& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(address.v6 ? AF_INET6 : AF_INET, address.bytes.data(), text.data(), text.size());
  return text.data();
}

std::expected<std::vector<Address>, std::string> resolve_host(const std::string& host, Clock::time_point deadline) {
  if (const auto written = written_address(host)) return std::vector{*written};
  if (is_localhost(host)) return std::vector{kLoopback4, kLoopback6};
  // Its initialisation is not safe beside itself; a static local's is.
  static const int library = ares_library_init(ARES_LIB_INIT_ALL);
  ares_channel channel = nullptr;
  if (library != ARES_SUCCESS || ares_init(&channel) != ARES_SUCCESS)
    return Failed(fmt::format("lookup {}: the resolver cannot start", host));
  Answer answer;
  const std::unique_ptr<ares_channeldata, decltype(&ares_destroy)> guard(channel, ares_destroy);
  ares_addrinfo_hints hints{};
  hints.ai_family = AF_UNSPEC;
  ares_getaddrinfo(channel, host.c_str(), nullptr, &hints, take_answer, &answer);
  while (!answer.done && Clock::now() < deadline) serve_sockets(channel);
  if (!answer.done) {
    ares_cancel(channel);
    return Failed("context deadline exceeded");
  }
  if (answer.status != ARES_SUCCESS || answer.addresses.empty())
    return Failed(
        fmt::format("lookup {}: {}", host, reason(answer.status == ARES_SUCCESS ? ARES_ENODATA : answer.status)));
  return std::move(answer.addresses);
}

}  // namespace gopsy::io
