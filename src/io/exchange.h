#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <string>

#include "io/http.h"
#include "io/route.h"

namespace gopsy::io {

/// One request on a connection of its own, answered.
struct Exchange {
  Route route;
  std::string method;
  Headers headers;  ///< beside Host and those of the route
  std::string body;
  Tls tls;  ///< `insecure` is the route's
  std::chrono::steady_clock::time_point deadline;
  std::uint64_t max_bytes = 0;
  std::function<void(std::uint64_t received)> progress;
};

/// Connects, asks, reads the whole answer, hangs up. The one file behind it knows Boost.Beast and OpenSSL.
/// Errors  texts as Go words them, without the URL.
std::expected<HttpResponse, HttpFailure> exchange(const Exchange& exchange);

}  // namespace gopsy::io
