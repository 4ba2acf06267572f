#include "io/proxy.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>

#include "base/format.h"
#include "base/text.h"

namespace gopsy::io {
namespace {

std::string variable(const char* name, const char* small) {
  for (const char* candidate : {name, small})
    if (const char* value = std::getenv(candidate); value != nullptr && *value != '\0') return value;
  return {};
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 32) : c; });
  return out;
}

// An address as 16 bytes; IPv4 is mapped, so that one comparison serves both.
using Bits = std::array<std::uint8_t, 16>;
constexpr std::size_t kMapped = 12;

std::optional<Bits> address(const std::string& text) {
  Bits bits{};
  if (::inet_pton(AF_INET6, text.c_str(), bits.data()) == 1) return bits;
  bits[10] = bits[11] = 0xff;
  if (::inet_pton(AF_INET, text.c_str(), bits.data() + kMapped) == 1) return bits;
  return std::nullopt;
}

bool is_loopback(const std::string& host) {
  if (host == "localhost") return true;
  const auto bits = address(host);
  if (!bits) return false;
  return *bits == address("::1") || (host.find(':') == std::string::npos && (*bits)[kMapped] == 127);
}

bool in_network(const Bits& bits, std::string_view network) {
  const auto slash = network.find('/');
  const std::string base_text(network.substr(0, slash));
  const auto base = address(base_text);
  const auto length = parse_decimal(network.substr(slash + 1));
  if (!base || !length) return false;
  const std::uint64_t count = *length + (base_text.contains(':') ? 0 : 96);
  if (count > 128) return false;
  for (std::size_t i = 0; i < count; ++i) {
    const auto mask = static_cast<std::uint8_t>(0x80U >> (i % 8));
    if (((bits[i / 8] ^ (*base)[i / 8]) & mask) != 0) return false;
  }
  return true;
}

// One entry of NO_PROXY against a host and its port.
bool exempts(std::string_view entry, const std::string& host, std::string_view target_port) {
  if (entry == "*") return true;
  const auto bits = address(host);
  if (entry.contains('/')) return bits && in_network(*bits, entry);
  const bool bare_v6 = std::ranges::count(entry, ':') > 1 && !entry.starts_with('[');
  Url parts;
  parts.host = entry;
  std::string name = bare_v6 ? std::string(entry) : host_name(parts);
  if (!bare_v6 && !port(parts).empty() && port(parts) != target_port) return false;
  if (const auto exempt = address(name)) return bits && *bits == *exempt;
  if (name.starts_with("*.")) name.erase(0, 1);
  if (name.empty()) return false;
  if (name.starts_with('.')) return host.ends_with(name);
  return host == name || host.ends_with("." + name);
}

}  // namespace

ProxySettings proxies_of_environment() {
  ProxySettings settings{.http = variable("HTTP_PROXY", "http_proxy"),
                         .https = variable("HTTPS_PROXY", "https_proxy"),
                         .none = variable("NO_PROXY", "no_proxy")};
  if (std::getenv("REQUEST_METHOD") != nullptr && std::getenv("HTTP_PROXY") != nullptr) settings.http.clear();
  return settings;
}

std::expected<std::optional<Url>, std::string> proxy_for(const Url& target, const ProxySettings& settings) {
  const std::string& setting = target.scheme == "https" ? settings.https : settings.http;
  if (setting.empty()) return std::nullopt;
  const std::string host = lower(host_name(target));
  std::string target_port = port(target);
  if (target_port.empty()) target_port = target.scheme == "https" ? "443" : "80";
  if (is_loopback(host)) return std::nullopt;
  for (const std::string_view entry : split(settings.none, ','))
    if (exempts(lower(trim(entry)), host, target_port)) return std::nullopt;
  auto proxy = parse_url(setting);
  if (!proxy || proxy->host.empty()) proxy = parse_url("http://" + setting);
  if (!proxy || proxy->host.empty()) return std::unexpected(fmt::format("invalid proxy address \"{}\"", setting));
  if (proxy->scheme != "http")
    return std::unexpected(
        fmt::format("proxyconnect: proxies of scheme \"{}\" are not spoken, only http", proxy->scheme));
  return proxy;
}

}  // namespace gopsy::io
