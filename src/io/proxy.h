#pragma once

#include <expected>
#include <optional>
#include <string>

#include "io/url.h"

namespace gopsy::io {

/// What the environment says about proxies; capital names win over small ones.
struct ProxySettings {
  std::string http;   ///< HTTP_PROXY, http_proxy; the former not under CGI, where a client can set it
  std::string https;  ///< HTTPS_PROXY, https_proxy
  std::string
      none;  ///< NO_PROXY, no_proxy: "*", hosts and their subdomains, ".domain", addresses, CIDR, each with ":port"
};

ProxySettings proxies_of_environment();

/// The proxy through which to ask for `target`, or none: loopback never goes through one.
///
/// Errors  the setting is no URL, or one of a kind that is not spoken here (only http:// is).
/// Source  golang.org/x/net/http/httpproxy, which pprof's ProxyFromEnvironment is.
std::expected<std::optional<Url>, std::string> proxy_for(const Url& target, const ProxySettings& settings);

}  // namespace gopsy::io
