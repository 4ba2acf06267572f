#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>

namespace gopsy::serve {

/// A GET request, its path and query still percent-encoded.
struct Question {
  std::string path;
  std::string query;
};

struct Answer {
  unsigned status = 200;
  std::string type = "text/html; charset=utf-8";
  std::string body;
  std::string file_name;  ///< to be saved under, instead of shown
};

/// Answers browsers over HTTP/1.1, a thread for each of up to 32 connections and one answer at a time.
///
/// Shape   on a loopback address only loopback names are taken as Host, so that no web page elsewhere can read what is
///         served here by giving its own name this address.
/// Errors  the address cannot be had. Requests that are none, are too large, or take over ten seconds to come are
///         dropped.
class HttpServer {
 public:
  /// `address` is "host:port"; no host is localhost, no port or 0 a free one.
  static std::expected<HttpServer, std::string> listen(const std::string& address);
  HttpServer(HttpServer&&) noexcept;
  HttpServer& operator=(HttpServer&&) noexcept;
  ~HttpServer();

  /// "localhost:41234".
  [[nodiscard]] std::string address() const;

  /// Answers until the process ends.
  [[noreturn]] void run(std::function<Answer(const Question&)> answer);

 private:
  struct Listener;
  explicit HttpServer(std::unique_ptr<Listener> listener);
  std::unique_ptr<Listener> listener_;
};

}  // namespace gopsy::serve
