#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/bytes.h"

namespace gopsy::io {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// Files in PEM. Without `ca` the system's certificates are trusted: those of SSL_CERT_FILE and SSL_CERT_DIR, else of
/// the usual places.
struct Tls {
  std::string cert;
  std::string key;
  std::string ca;  ///< trusted instead
};

struct HttpRequest {
  /// http, https, https+insecure (which trusts any certificate of its host); a unix socket as
  /// "http+unix://%2Frun%2Fapp.sock/debug/pprof/heap" or as "unix:///run/app.sock/debug/pprof/heap", where the socket
  /// is the first part of the path that is one.
  std::string url;
  std::string method = "GET";
  std::string body;
  Headers headers;
  std::chrono::milliseconds timeout{60'000};  ///< for the whole: names, connections, redirects, the body
  Tls tls;
  std::uint64_t max_bytes = std::uint64_t{8} << 30;  ///< of the body, as sent and inflated
  /// Called with the bytes of the body so far, after each piece of it.
  std::function<void(std::uint64_t received)> progress;
};

struct HttpResponse {
  unsigned status = 0;
  std::string reason;  ///< "Not Found"
  Headers headers;
  Bytes body;

  /// The first header of that name, in any case; empty if there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const;
};

/// Why there is no whole answer.
struct HttpFailure {
  std::string text;
  bool in_body = false;  ///< its head was fine; Go does not name the URL then
};

/// Asks a server, and follows up to ten redirects.
///
/// Shape   HTTP/1.1, a connection for each request. A body comes as a length, in chunks, or up to the end of the
///         connection; gzip as content encoding is undone. HTTP_PROXY, HTTPS_PROXY and NO_PROXY count, not for unix
///         sockets. A user in the URL becomes basic authorization; it and `headers` go to the first host only.
/// Errors  as Go's net/http words them: `Get "URL": dial tcp 127.0.0.1:1: connect: connection refused`; a password in
///         the URL is shown as "***". An answer of any status is none. A body that is cut: "unexpected EOF".
/// Cost    blocks; the body in memory, never more than `max_bytes`. May be called from several threads.
std::expected<HttpResponse, HttpFailure> http(const HttpRequest& request);

}  // namespace gopsy::io
