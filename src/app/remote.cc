#include "app/remote.h"

#include <algorithm>
#include <filesystem>

#include "base/format.h"
#include "base/text.h"
#include "io/route.h"
#include "io/url.h"

namespace gopsy::app {
namespace {

using Failed = std::unexpected<std::string>;

constexpr std::string_view kCpuProfile = "/debug/pprof/profile";
constexpr std::chrono::seconds kPatience{60};
constexpr std::chrono::seconds kGrace{5};  // on top of every timeout, as pprof's client has it

// Go's ParseInt(text, 10, 32).
std::int64_t seconds_in(std::string_view query) {
  const auto seconds = parse_signed(io::query_value(query, "seconds"));
  return seconds && *seconds >= INT32_MIN && *seconds <= INT32_MAX ? *seconds : 0;
}

// What the server says of its refusal, if it is net/http/pprof that does; in one line, and not without end.
std::string refusal(const io::HttpResponse& response) {
  constexpr std::size_t kMost = 4096;
  std::string text = fmt::format("server response: {} {}", response.status, printable(response.reason));
  if (!response.header("X-Go-Pprof").empty() && response.header("Content-Type").contains("text/plain"))
    text += " - " + shorten(printable(trim(response.body.view())), kMost);
  return text;
}

std::string key_without_certificate(const io::Tls& tls) {
  if (tls.cert.empty() && !tls.key.empty()) return "-tls_key is specified, so -tls_cert must also be specified";
  if (!tls.cert.empty() && tls.key.empty()) return "-tls_cert is specified, so -tls_key must also be specified";
  return {};
}

io::HttpRequest request_of(const Remote& remote, const FetchOptions& options) {
  io::HttpRequest request;
  request.url = remote.url;
  request.timeout = remote.timeout + kGrace;
  request.tls = options.tls;
  request.max_bytes = options.max_bytes;
  request.progress = options.progress;
  return request;
}

}  // namespace

std::optional<Remote> remote_of(const std::string& name, std::int64_t seconds, std::int64_t timeout) {
  auto url = io::parse_url(name);
  if (url) url = io::with_plain_socket(*url);
  // "localhost:6060" has a scheme of that name, as URLs go.
  if (!url || (url->host.empty() && !url->scheme.empty() && url->scheme != "file"))
    url = io::parse_url("http://" + name);
  if (!url || url->host.empty()) return std::nullopt;
  if (url->path.empty() || url->path == "/") url->path = kCpuProfile;
  std::optional<io::QueryPair> set;
  if (seconds > 0) {
    set = io::QueryPair{"seconds", fmt::format("{}", seconds)};
  } else {
    seconds = seconds_in(url->query);
  }
  url->query = io::encoded_query(url->query, set);
  Remote remote{.url = io::to_text(*url)};
  if (timeout > 0) {
    remote.timeout = std::chrono::seconds(timeout);
  } else {
    remote.timeout = seconds > 0 ? std::chrono::milliseconds(seconds * 1500) : kPatience;
  }
  return remote;
}

std::expected<io::Bytes, std::string> fetch(const Remote& remote, const FetchOptions& options) {
  if (const auto wrong = key_without_certificate(options.tls); !wrong.empty())
    return Failed(fmt::format("http fetch: Get \"{}\": {}", remote.url, wrong));
  auto response = io::http(request_of(remote, options));
  if (!response) return Failed((response.error().in_body ? "" : "http fetch: ") + response.error().text);
  if (response->status != 200) return Failed(refusal(*response));
  return std::move(response->body);
}

std::expected<io::Bytes, std::string> post(const Remote& remote, const std::string& body, const FetchOptions& options) {
  io::HttpRequest request = request_of(remote, options);
  request.method = "POST";
  request.headers = {{"Content-Type", "application/octet-stream"}};
  request.body = body;
  auto response = io::http(request);
  if (!response) return Failed(fmt::format("http post {}: {}", remote.url, response.error().text));
  if (response->status != 200) return Failed(fmt::format("http post {}: {}", remote.url, refusal(*response)));
  return std::move(response->body);
}

std::function<std::optional<std::expected<io::Bytes, std::string>>(const std::string& name)> fetcher(
    std::uint64_t max_bytes) {
  return [max_bytes](const std::string& name) -> std::optional<std::expected<io::Bytes, std::string>> {
    std::error_code code;
    if (!name.contains("://") || std::filesystem::exists(name, code)) return std::nullopt;
    const auto remote = remote_of(name, 0, 0);
    if (!remote) return std::nullopt;
    return fetch(*remote, {.tls = {}, .max_bytes = max_bytes, .progress = {}});
  };
}

}  // namespace gopsy::app
