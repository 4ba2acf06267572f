#include "io/route.h"

#include <sys/stat.h>

#include "base/error.h"
#include "base/format.h"
#include "base/text.h"

namespace gopsy::io {
namespace {

using Failed = std::unexpected<std::string>;

constexpr std::uint16_t kHttp = 80;
constexpr std::uint16_t kHttps = 443;

bool is_socket(const std::string& path) {
  struct stat about{};
  return ::stat(path.c_str(), &about) == 0 && S_ISSOCK(about.st_mode);
}

std::expected<std::uint16_t, std::string> port_of(const Url& url, std::uint16_t usual) {
  const std::string written = port(url);
  if (written.empty()) return usual;
  const auto number = parse_decimal(written);
  if (!number || *number > UINT16_MAX) return Failed(fmt::format("dial tcp: address {}: invalid port", written));
  return static_cast<std::uint16_t>(*number);
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i)
      group = group << 8 | (at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i) out += at + i <= bytes.size() ? kDigits[(group >> (18 - 6 * i)) & 63U] : '=';
  }
  return out;
}

// "[::1]" where a port follows, "name" else.
std::string bracketed(const std::string& name) { return name.contains(':') ? fmt::format("[{}]", name) : name; }

}  // namespace

Url with_plain_socket(const Url& url) {
  const bool plain_path = url.scheme == "unix" || (url.scheme == "http+unix" && url.host.empty());
  if (!plain_path || url.opaque) return url;
  Url plain = url;
  plain.scheme = "http+unix";
  const std::string path = url.host.empty() ? url.path : "/" + url.host + url.path;
  std::size_t end = path.size();
  for (std::size_t slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    if (!is_socket(percent_decoded(path.substr(0, slash)))) continue;
    end = slash;
    break;
  }
  plain.host = percent_encoded(percent_decoded(path.substr(0, end)));
  plain.path = path.substr(end);
  return plain;
}

std::expected<Route, std::string> route_of(const Url& url, const ProxySettings& proxies) {
  Route route;
  route.target = request_target(url);
  if (url.host.empty()) return Failed("http: no Host in request URL");
  if (url.scheme == "http+unix") {
    route.unix_socket = percent_decoded(url.host);
    route.host_header = "localhost";
    return route;
  }
  Url plain = url;
  route.insecure = url.scheme == "https+insecure";
  if (route.insecure) plain.scheme = "https";
  if (plain.scheme != "http" && plain.scheme != "https")
    return Failed(fmt::format("unsupported protocol scheme \"{}\"", url.scheme));
  route.tls = plain.scheme == "https";
  route.host_header = url.host;
  route.host = route.server_name = host_name(url);
  route.port = TRY(port_of(url, route.tls ? kHttps : kHttp));
  const auto proxy = TRY(proxy_for(plain, proxies));
  if (!proxy) return route;
  route.proxy_authorization = basic_authorization(*proxy);
  if (route.tls) {
    route.tunnel = fmt::format("{}:{}", bracketed(route.host), route.port);
  } else {
    route.target = fmt::format("http://{}{}", url.host, route.target);
  }
  route.host = host_name(*proxy);
  route.port = TRY(port_of(*proxy, kHttp));
  return route;
}

std::string basic_authorization(const Url& url) {
  if (url.user.empty()) return {};
  const std::string user = percent_decoded(url.user);
  return "Basic " + base64(url.user.contains(':') ? user : user + ':');
}

}  // namespace gopsy::io
