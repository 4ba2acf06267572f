#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gopsy::io {

/// The parts of a URL. `path`, `query` and `fragment` stay percent-encoded.
struct Url {
  std::string scheme;  ///< in lower case; empty if there is none
  std::string user;    ///< "name:password" as typed, percent-encoded
  std::string host;    ///< with its port: "localhost:6060", "[::1]:80"
  std::string path;
  std::string query;     ///< without the "?"
  std::string fragment;  ///< without the "#"
  bool opaque = false;   ///< "localhost:6060": a scheme and a path without a slash, no host
};

/// Takes a URL apart as Go does, so that what pprof takes for a URL is one here.
///
/// Yields  nothing for what Go refuses: control characters, a first path segment with a colon ("127.0.0.1:6060/x"), a
///         port that is no number, a "%" without two hexadecimal digits.
///         The host of http+unix is a path, percent-encoded; Go knows no such scheme.
/// Source  GOROOT/src/net/url/url.go parse, getScheme, parseAuthority, parseHost.
std::optional<Url> parse_url(std::string_view text);

/// The URL as text again. Characters that may not stand in a path are percent-encoded.
std::string to_text(const Url& url);

/// Path and query as a request line has them; at least "/".
std::string request_target(const Url& url);

/// Every byte percent-encoded that is not unreserved (RFC 3986, section 2.3).
std::string percent_encoded(std::string_view text);

/// The host without its port and brackets, and the port (empty if there is none).
std::string host_name(const Url& url);
std::string port(const Url& url);

/// What a link to `reference` means on the page `base`: RFC 3986, section 5.2. Nothing if it is no URL.
std::optional<Url> resolve(const Url& base, std::string_view reference);

/// A path without "." and ".." segments. Source  RFC 3986, section 5.2.4.
std::string without_dots(std::string_view path);

/// Undoes %XX, and "+" for a blank where `plus_is_blank`. Bad escapes stay as they are.
std::string percent_decoded(std::string_view text, bool plus_is_blank = false);

/// The first value of `key` in a query; empty if it has none.
std::string query_value(std::string_view query, std::string_view key);

/// The query as Go's url.Values writes it: sorted by key, every key and value encoded anew; `set` replaces the values
/// of its key if it has one.
struct QueryPair {
  std::string key;
  std::string value;
};
std::string encoded_query(std::string_view query, const std::optional<QueryPair>& set);

}  // namespace gopsy::io
