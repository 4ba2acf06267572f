#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include "io/proxy.h"
#include "io/url.h"

namespace gopsy::io {

/// Whom to connect to for a URL, and what to say first.
struct Route {
  std::string unix_socket;  ///< its path; else `host` and `port`
  std::string host;         ///< of the server, or of its proxy
  std::uint16_t port = 0;
  std::string tunnel;               ///< "host:port" that the proxy shall connect to
  std::string proxy_authorization;  ///< of the user in the proxy's URL
  bool tls = false;
  bool insecure = false;    ///< trust any certificate
  std::string server_name;  ///< whom the certificate must be of
  std::string target;       ///< the request line's
  std::string host_header;
};

/// "unix:///run/app.sock/debug/pprof/heap" as "http+unix://%2Frun%2Fapp.sock/debug/pprof/heap": the socket is the first
/// part of the path that is one; where none is there, all of it. Other URLs stay as they are.
Url with_plain_socket(const Url& url);

/// Errors  no host, a port that is none, a scheme or a proxy that is not spoken.
std::expected<Route, std::string> route_of(const Url& url, const ProxySettings& proxies);

/// "Basic ..." of the user in a URL; empty if it has none.
std::string basic_authorization(const Url& url);

}  // namespace gopsy::io
