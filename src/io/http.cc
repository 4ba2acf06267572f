#include "io/http.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/format.h"
#include "io/exchange.h"
#include "io/inflate.h"
#include "io/route.h"
#include "io/url.h"

namespace gopsy::io {
namespace {

using Clock = std::chrono::steady_clock;
using Failed = std::unexpected<HttpFailure>;

constexpr int kMostRedirects = 10;  // as Go

char low(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 32) : c; }

bool same_word(std::string_view one, std::string_view other) { return std::ranges::equal(one, other, {}, low, low); }

class Client {
 public:
  explicit Client(const HttpRequest& request)
      : request_(request), method_(request.method), body_(request.body), deadline_(Clock::now() + request.timeout) {}

  std::expected<HttpResponse, HttpFailure> run() {
    const auto url = parse_url(request_.url);
    if (!url) return Failed(HttpFailure{.text = fmt::format("parse \"{}\": invalid URL", request_.url)});
    url_ = with_plain_socket(*url);
    first_host_ = url_.host;
    insecure_ = url_.scheme == "https+insecure";
    for (int asked = 0; asked < kMostRedirects; ++asked) {
      auto response = ask();
      if (!response) {
        HttpFailure why = std::move(response).error();
        return why.in_body ? Failed(std::move(why)) : failed(why.text);
      }
      const std::string location = redirection(*response);
      if (location.empty()) return inflated(*std::move(response));
      if (!follow(location)) return failed(fmt::format("failed to parse Location header \"{}\"", location));
      if (response->status < 307) become_get();
    }
    return failed(fmt::format("stopped after {} redirects", kMostRedirects));
  }

 private:
  // With the request in front, as Go has it: its method, and the URL without its password.
  [[nodiscard]] Failed failed(const std::string& why) const {
    Url shown = url_;
    if (const auto colon = shown.user.find(':'); colon != std::string::npos)
      shown.user.replace(colon + 1, std::string::npos, "***");
    std::string verb = method_;
    std::transform(verb.begin() + (verb.empty() ? 0 : 1), verb.end(), verb.begin() + (verb.empty() ? 0 : 1), low);
    return Failed(HttpFailure{.text = fmt::format("{} \"{}\": {}", verb, to_text(shown), why)});
  }

  std::expected<HttpResponse, HttpFailure> ask() {
    auto route = route_of(url_, proxies_of_environment());
    if (!route) return Failed(HttpFailure{.text = route.error()});
    Exchange exchange{.route = *std::move(route),
                      .method = method_,
                      .headers = {{"User-Agent", "gopsy"}, {"Accept-Encoding", "gzip"}, {"Connection", "close"}},
                      .body = body_,
                      .tls = request_.tls,
                      .deadline = deadline_,
                      .max_bytes = request_.max_bytes,
                      .progress = request_.progress};
    if (auto user = basic_authorization(url_); !user.empty())
      exchange.headers.emplace_back("Authorization", std::move(user));
    // What the caller says may be a secret between it and the host that it named.
    if (url_.host == first_host_)
      exchange.headers.insert(exchange.headers.end(), request_.headers.begin(), request_.headers.end());
    return io::exchange(exchange);
  }

  // Where the answer sends us; empty if it does not.
  static std::string redirection(const HttpResponse& response) {
    constexpr std::array kRedirects{301U, 302U, 303U, 307U, 308U};
    if (std::ranges::find(kRedirects, response.status) == kRedirects.end()) return {};
    return std::string(response.header("Location"));
  }

  // A server may name another host, not a socket of this machine.
  bool follow(const std::string& location) {
    auto next = resolve(url_, location);
    if (!next) return false;
    if (next->scheme == "http+unix" && url_.scheme != "http+unix") return false;
    if (next->scheme == "http+unix" && next->host != url_.host) return false;
    if (insecure_ && next->scheme == "https" && next->host == first_host_) next->scheme = "https+insecure";
    if (next->scheme == "https+insecure" && next->host != first_host_) next->scheme = "https";
    url_ = *std::move(next);
    return true;
  }

  void become_get() {
    if (method_ != "HEAD") method_ = "GET";
    body_.clear();
  }

  [[nodiscard]] std::expected<HttpResponse, HttpFailure> inflated(HttpResponse response) const {
    if (!same_word(response.header("Content-Encoding"), "gzip") || response.body.size() == 0) return response;
    auto plain = io::inflate(response.body.view(), request_.max_bytes);
    if (!plain) return Failed(HttpFailure{.text = message(plain.error()), .in_body = true});
    if (plain->truncated) return Failed(HttpFailure{.text = "unexpected EOF", .in_body = true});
    response.body = std::move(plain->bytes);
    return response;
  }

  const HttpRequest& request_;
  std::string method_;
  std::string body_;
  Clock::time_point deadline_;
  Url url_;
  std::string first_host_;
  bool insecure_ = false;
};

}  // namespace

std::string_view HttpResponse::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (same_word(key, name)) return value;
  return {};
}

std::expected<HttpResponse, HttpFailure> http(const HttpRequest& request) { return Client(request).run(); }

}  // namespace gopsy::io
