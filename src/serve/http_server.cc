#include "serve/http_server.h"

#include <sys/socket.h>
#include <sys/time.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <charconv>
#include <chrono>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "io/resolver.h"

namespace gopsy::serve {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast::http;
using boost::system::error_code;
using Failed = std::unexpected<std::string>;
using Request = beast::request<beast::empty_body>;

constexpr int kMostConnections = 32;
constexpr std::uint32_t kMostHeaderBytes = 64 << 10;
constexpr std::uint64_t kMostBodyBytes = 64 << 10;
constexpr long kPatienceSeconds = 10;

struct HostPort {
  std::string host;
  std::uint16_t port = 0;
};

std::optional<HostPort> parse_address(std::string_view text) {
  HostPort out{.host = std::string(text)};
  const auto colon = text.rfind(':');
  const bool is_v6_alone = text.starts_with('[') && text.ends_with(']');
  if (colon != std::string_view::npos && !is_v6_alone) {
    const auto digits = text.substr(colon + 1);
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), out.port);
    if (!digits.empty() && (parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size()))
      return std::nullopt;
    out.host = text.substr(0, colon);
  }
  if (out.host.starts_with('[') && out.host.ends_with(']')) out.host = out.host.substr(1, out.host.size() - 2);
  if (out.host.empty()) out.host = "localhost";
  return out;
}

bool is_loopback_name(std::string_view host) {
  const auto parsed = parse_address(host);
  return parsed && (parsed->host == "localhost" || parsed->host.starts_with("127.") || parsed->host == "::1");
}

void set_patience(net::ip::tcp::socket& socket) {
  const timeval patience{.tv_sec = kPatienceSeconds, .tv_usec = 0};
  ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

beast::response<beast::string_body> response_of(const Request& request, Answer answer) {
  beast::response<beast::string_body> response;
  response.version(request.version());
  response.result(answer.status);
  response.set(beast::field::content_type, answer.type);
  response.set("X-Content-Type-Options", "nosniff");
  if (!answer.file_name.empty())
    response.set(beast::field::content_disposition, fmt::format("attachment; filename=\"{}\"", answer.file_name));
  response.body() = std::move(answer.body);
  response.prepare_payload();
  response.keep_alive(request.keep_alive());
  // HEAD wants the head alone.
  if (request.method() == beast::verb::head) response.body().clear();
  return response;
}

Question question_of(const Request& request) {
  const std::string_view target(request.target().data(), request.target().size());
  const auto mark = target.find('?');
  return {.path = std::string(target.substr(0, mark)),
          .query = mark == std::string_view::npos ? "" : std::string(target.substr(mark + 1))};
}

// What all connections share; it outlives each of them.
struct Shared {
  std::function<Answer(const Question&)> answer;
  bool loopback_only = true;
  std::mutex one_at_a_time;
  std::atomic<int> connections = 0;

  Answer answer_to(const Request& request) {
    const auto host = request[beast::field::host];
    if (loopback_only && !is_loopback_name({host.data(), host.size()}))
      return {.status = 403, .type = "text/plain", .body = "this server answers to localhost only\n"};
    if (request.method() != beast::verb::get && request.method() != beast::verb::head)
      return {.status = 405, .type = "text/plain", .body = "only GET is answered here\n"};
    const std::scoped_lock lock(one_at_a_time);
    return answer(question_of(request));
  }
};

void converse(net::ip::tcp::socket socket, Shared& shared) {
  set_patience(socket);
  boost::beast::flat_buffer buffer;
  error_code error;
  for (bool open = true; open && !error;) {
    beast::request_parser<beast::empty_body> parser;
    parser.header_limit(kMostHeaderBytes);
    parser.body_limit(kMostBodyBytes);
    beast::read(socket, buffer, parser, error);
    if (error) break;
    const auto response = response_of(parser.get(), shared.answer_to(parser.get()));
    open = response.keep_alive();
    beast::serializer<false, beast::string_body> serializer(response);
    if (parser.get().method() == beast::verb::head) {
      beast::write_header(socket, serializer, error);
    } else {
      beast::write(socket, serializer, error);
    }
  }
  socket.shutdown(net::ip::tcp::socket::shutdown_both, error);
}

}  // namespace

struct HttpServer::Listener {
  net::io_context context;
  net::ip::tcp::acceptor acceptor{context};
  std::string host;
};

HttpServer::HttpServer(std::unique_ptr<Listener> listener) : listener_(std::move(listener)) {}
HttpServer::HttpServer(HttpServer&&) noexcept = default;
HttpServer& HttpServer::operator=(HttpServer&&) noexcept = default;
HttpServer::~HttpServer() = default;

std::expected<HttpServer, std::string> HttpServer::listen(const std::string& text) {
  const auto address = parse_address(text);
  if (!address) return Failed(fmt::format("could not split http address: {} is no host:port", text));
  const auto hosts = io::resolve_host(address->host, std::chrono::steady_clock::now() + std::chrono::seconds(10));
  if (!hosts) return Failed(hosts.error());
  auto listener = std::make_unique<Listener>();
  listener->host = address->host;
  error_code error;
  const auto ip = net::ip::make_address(io::to_text(hosts->front()), error);
  const net::ip::tcp::endpoint endpoint(ip, address->port);
  if (!error) listener->acceptor.open(endpoint.protocol(), error);
  if (!error) listener->acceptor.set_option(net::ip::tcp::acceptor::reuse_address(true), error);
  if (!error) listener->acceptor.bind(endpoint, error);
  if (!error) listener->acceptor.listen(net::socket_base::max_listen_connections, error);
  if (error) return Failed(fmt::format("listen tcp {}:{}: {}", address->host, address->port, error.message()));
  return HttpServer(std::move(listener));
}

std::string HttpServer::address() const {
  const bool v6 = listener_->host.contains(':');
  return fmt::format("{}{}{}:{}", v6 ? "[" : "", listener_->host, v6 ? "]" : "",
                     listener_->acceptor.local_endpoint().port());
}

void HttpServer::run(std::function<Answer(const Question&)> answer) {
  const auto shared = std::make_shared<Shared>();
  shared->answer = std::move(answer);
  shared->loopback_only = listener_->acceptor.local_endpoint().address().is_loopback();
  for (;;) {
    error_code error;
    net::ip::tcp::socket socket(listener_->context);
    listener_->acceptor.accept(socket, error);
    if (error) {
      // Out of files, mostly: those that are open will close.
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      continue;
    }
    if (shared->connections.load() >= kMostConnections) continue;
    ++shared->connections;
    std::thread([shared, taken = std::move(socket)]() mutable {
      converse(std::move(taken), *shared);
      --shared->connections;
    }).detach();
  }
}

}  // namespace gopsy::serve
