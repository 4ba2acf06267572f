#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace gopsy::test {

/// Answers one connection after the other with the bytes it was given, whatever is asked, and hangs up. With `holds` it
/// keeps the connection open instead, until it is destroyed.
class TinyServer {
 public:
  explicit TinyServer(std::vector<std::string> answers, bool holds = false)
      : answers_(std::move(answers)), holds_(holds), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    void* const raw = &address;
    ::bind(listener_, static_cast<sockaddr*>(raw), size);
    ::listen(listener_, 8);
    ::getsockname(listener_, static_cast<sockaddr*>(raw), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  TinyServer(const TinyServer&) = delete;
  TinyServer& operator=(const TinyServer&) = delete;
  ~TinyServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
    for (const int held : held_) ::close(held);
  }

  [[nodiscard]] std::string url(const std::string& path = "/") const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }
  /// What was asked so far, one text a connection.
  std::vector<std::string> asked() {
    const std::scoped_lock lock(mutex_);
    return asked_;
  }

 private:
  void serve() {
    for (const std::string& answer : answers_) {
      const int peer = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (peer < 0) return;
      std::string request;
      std::array<char, 4096> piece{};
      while (!whole(request)) {
        const auto got = ::recv(peer, piece.data(), piece.size(), 0);
        if (got <= 0) break;
        request.append(piece.data(), static_cast<std::size_t>(got));
      }
      {
        const std::scoped_lock lock(mutex_);
        asked_.push_back(request);
      }
      for (std::size_t sent = 0; sent < answer.size();) {
        const auto put = ::send(peer, answer.data() + sent, answer.size() - sent, MSG_NOSIGNAL);
        if (put <= 0) break;
        sent += static_cast<std::size_t>(put);
      }
      if (holds_) {
        held_.push_back(peer);
      } else {
        ::close(peer);
      }
    }
  }

  static bool whole(const std::string& request) {
    const auto end = request.find("\r\n\r\n");
    if (end == std::string::npos) return false;
    const auto length = request.find("Content-Length: ");
    const std::size_t body = length < end ? std::stoul(request.substr(length + 16)) : 0;
    return request.size() >= end + 4 + body;
  }

  std::vector<std::string> answers_;
  bool holds_;
  int listener_;
  std::uint16_t port_ = 0;
  std::mutex mutex_;
  std::vector<std::string> asked_;
  std::vector<int> held_;
  std::thread thread_;
};

}  // namespace gopsy::test
