#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>

#include "io/bytes.h"
#include "io/http.h"

namespace gopsy::app {

/// A source that is no file: where it is, and how long it may take.
struct Remote {
  std::string url;
  std::chrono::milliseconds timeout{};
};

/// What a name that is no file means as a URL, by the rules of pprof.
///
/// Shape   "host:6060/path" without a scheme is http; a path of nothing is /debug/pprof/profile; `seconds` over 0 goes
///         into the query, and half as much again is the time to wait, unless `timeout` (in seconds) is over 0; without
///         both a minute. Unix sockets as io::HttpRequest::url has them.
/// Yields  nothing if it is none: "dir/file", "host/path" without a port.
/// Source  GOROOT/src/cmd/pprof/pprof.go adjustURL.
std::optional<Remote> remote_of(const std::string& name, std::int64_t seconds, std::int64_t timeout);

struct FetchOptions {
  io::Tls tls;
  std::uint64_t max_bytes = std::uint64_t{8} << 30;
  std::function<void(std::uint64_t received)> progress;
};

/// Fetches it. Errors  as pprof words them: `http fetch: Get "URL": ...`, "server response: 404 Not Found", with what a
/// handler of net/http/pprof says of it.
/// Source  internal/driver/fetch.go fetchURL.
std::expected<io::Bytes, std::string> fetch(const Remote& remote, const FetchOptions& options);

/// Posts `body` and yields the answer's. Errors  `http post URL: ...`. Source  internal/symbolizer postURL.
std::expected<io::Bytes, std::string> post(const Remote& remote, const std::string& body, const FetchOptions& options);

/// LoadOptions::fetch for commands that take files in the first place: names with "://" in them that are no files.
std::function<std::optional<std::expected<io::Bytes, std::string>>(const std::string& name)> fetcher(
    std::uint64_t max_bytes);

}  // namespace gopsy::app
