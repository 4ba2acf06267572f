#include "io/exchange.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "base/error.h"
#include "base/format.h"
#include "io/resolver.h"

namespace gopsy::io {
namespace {

namespace net = boost::asio;
namespace ssl = boost::asio::ssl;
namespace beast = boost::beast::http;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;
using Failed = std::unexpected<HttpFailure>;
using Socket = net::generic::stream_protocol::socket;
using Buffered = boost::beast::flat_buffer;

constexpr std::uint32_t kMostHeaderBytes = 64 << 10;
constexpr std::size_t kPieceBytes = 64 << 10;
constexpr std::size_t kMostAtOnce = 1 << 20;
constexpr std::string_view kTimeoutBefore =
    "context deadline exceeded (Client.Timeout exceeded while awaiting headers)";
constexpr std::string_view kTimeoutInBody =
    "context deadline exceeded (Client.Timeout or context cancellation while reading body)";

Failed failed(std::string_view text, bool in_body = false) {
  return Failed(HttpFailure{.text = std::string(text), .in_body = in_body});
}

// The operating system's sentence with a small letter, as Go prints it.
std::string words(const error_code& error) {
  std::string text = error.message();
  if (text.size() > 1 && text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'a') text[0] = static_cast<char>(text[0] | 32);
  return text;
}

// The usual places of the system's certificates. Source  GOROOT/src/crypto/x509/root_linux.go.
constexpr std::array kBundles{"/etc/ssl/certs/ca-certificates.crt",
                              "/etc/pki/tls/certs/ca-bundle.crt",
                              "/etc/ssl/ca-bundle.pem",
                              "/etc/pki/tls/cacert.pem",
                              "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
                              "/etc/ssl/cert.pem"};
constexpr std::array kFolders{"/etc/ssl/certs", "/etc/pki/tls/certs"};

std::string set_in_environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Missing files are no error: the certificate is refused later then, in words that say why.
void trust_system(SSL_CTX* context) {
  const std::string file = set_in_environment("SSL_CERT_FILE");
  if (!file.empty()) {
    SSL_CTX_load_verify_file(context, file.c_str());
  } else {
    for (const char* bundle : kBundles)
      if (SSL_CTX_load_verify_file(context, bundle) == 1) break;
  }
  const std::string folder = set_in_environment("SSL_CERT_DIR");
  if (!folder.empty()) {
    SSL_CTX_load_verify_dir(context, folder.c_str());
  } else {
    for (const char* usual : kFolders) SSL_CTX_load_verify_dir(context, usual);
  }
  ERR_clear_error();
}

std::string missing_or(const std::string& path, const error_code& error) {
  std::error_code code;
  if (!std::filesystem::exists(path, code)) return fmt::format("open {}: no such file or directory", path);
  return fmt::format("{}: {}", path, words(error));
}

std::expected<ssl::context, HttpFailure> tls_context(const Tls& tls, bool insecure) {
  // No openssl.cnf: what a machine says there must not load modules into a static binary.
  static const int once = OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
  if (once != 1) return failed("tls: OpenSSL cannot start");
  ssl::context context(ssl::context::tls_client);
  error_code error;
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  if (!tls.cert.empty()) {
    context.use_certificate_chain_file(tls.cert, error);
    if (error) return failed("could not load certificate/key pair: " + missing_or(tls.cert, error));
    context.use_private_key_file(tls.key, ssl::context::pem, error);
    if (error) return failed("could not load certificate/key pair: " + missing_or(tls.key, error));
  }
  if (insecure) {
    context.set_verify_mode(ssl::verify_none);
    return context;
  }
  context.set_verify_mode(ssl::verify_peer);
  if (tls.ca.empty()) {
    trust_system(context.native_handle());
  } else if (context.load_verify_file(tls.ca, error)) {
    return failed("could not load CA: " + missing_or(tls.ca, error));
  }
  return context;
}

// One connection, driven step by step with one deadline over all of them.
class Connection {
 public:
  explicit Connection(const Exchange& exchange) : exchange_(exchange), socket_(context_) {}

  std::expected<HttpResponse, HttpFailure> run() {
    if (auto connected = connect(); !connected) return Failed(connected.error());
    if (!exchange_.route.tunnel.empty()) {
      if (auto open = open_tunnel(); !open) return Failed(open.error());
    }
    if (!exchange_.route.tls) return converse(socket_);
    auto context = tls_context(exchange_.tls, exchange_.route.insecure);
    if (!context) return Failed(context.error());
    ssl::stream<Socket&> stream(socket_, *context);
    if (auto hands = shake(stream); !hands) return Failed(hands.error());
    return converse(stream);
  }

 private:
  using Done = std::expected<void, HttpFailure>;

  // Starts one operation and waits for its end. On a timeout the socket is closed, which ends it too.
  template <class Start>
  error_code wait(const Start& start, Clock::time_point until) {
    error_code result;
    bool done = false;
    start([&](error_code error, auto&&...) {
      result = error;
      done = true;
    });
    context_.restart();
    while (!done && context_.run_one_until(until) > 0) continue;
    if (done) return result;
    error_code ignored;
    socket_.close(ignored);
    context_.restart();
    while (!done && context_.run_one() > 0) continue;
    return net::error::timed_out;
  }
  template <class Start>
  error_code wait(const Start& start) {
    return wait(start, exchange_.deadline);
  }

  error_code try_endpoint(const net::generic::stream_protocol::endpoint& endpoint, Clock::time_point until) {
    error_code error;
    socket_.close(error);
    return wait([&](auto then) { socket_.async_connect(endpoint, std::move(then)); }, until);
  }

  Done connect() {
    const Route& route = exchange_.route;
    if (!route.unix_socket.empty()) return connect_unix(route.unix_socket);
    const auto addresses = resolve_host(route.host, exchange_.deadline);
    if (!addresses) {
      if (addresses.error().starts_with("context")) return failed(kTimeoutBefore);
      return failed("dial tcp: " + addresses.error());
    }
    std::string first;
    for (std::size_t i = 0; i < addresses->size(); ++i) {
      const Address& address = (*addresses)[i];
      // An address that swallows everything must leave time for the next one.
      const auto now = Clock::now();
      const auto share = (exchange_.deadline - now) / static_cast<std::int64_t>(addresses->size() - i);
      const error_code error = try_endpoint(endpoint_of(address, route.port), now + share);
      if (!error) return {};
      if (Clock::now() >= exchange_.deadline) return failed(kTimeoutBefore);
      if (first.empty())
        first = fmt::format(fmt::runtime(address.v6 ? "dial tcp [{}]:{}: {}" : "dial tcp {}:{}: {}"), to_text(address),
                            route.port, error == net::error::timed_out ? "i/o timeout" : "connect: " + words(error));
    }
    return failed(first);
  }

  static net::ip::tcp::endpoint endpoint_of(const Address& address, std::uint16_t port) {
    if (address.v6) return {net::ip::address_v6(address.bytes), port};
    return {net::ip::address_v4({address.bytes[0], address.bytes[1], address.bytes[2], address.bytes[3]}), port};
  }

  Done connect_unix(const std::string& path) {
    constexpr std::size_t kMostPath = 107;  // sun_path with its end
    if (path.size() > kMostPath) return failed(fmt::format("dial unix {}: connect: invalid argument", path));
    const error_code error = try_endpoint(net::local::stream_protocol::endpoint(path), exchange_.deadline);
    if (error == net::error::timed_out) return failed(kTimeoutBefore);
    if (error) return failed(fmt::format("dial unix {}: connect: {}", path, words(error)));
    return {};
  }

  Done open_tunnel() {
    beast::request<beast::empty_body> ask(beast::verb::connect, exchange_.route.tunnel, 11);
    ask.set(beast::field::host, exchange_.route.tunnel);
    if (!exchange_.route.proxy_authorization.empty())
      ask.set(beast::field::proxy_authorization, exchange_.route.proxy_authorization);
    Buffered buffer;
    beast::response_parser<beast::empty_body> answer;
    answer.skip(true);
    answer.header_limit(kMostHeaderBytes);
    error_code error = wait([&](auto then) { beast::async_write(socket_, ask, std::move(then)); });
    if (!error) error = wait([&](auto then) { beast::async_read_header(socket_, buffer, answer, std::move(then)); });
    if (error == net::error::timed_out) return failed(kTimeoutBefore);
    if (error) return failed("proxyconnect tcp: " + words(error));
    if (answer.get().result_int() == 200) return {};
    const auto reason = answer.get().reason();
    return failed(reason.empty() ? fmt::format("proxyconnect tcp: status {}", answer.get().result_int())
                                 : std::string(reason));
  }

  Done shake(ssl::stream<Socket&>& stream) {
    SSL* handle = stream.native_handle();
    const std::string& name = exchange_.route.server_name;
    X509_VERIFY_PARAM* expected = SSL_get0_param(handle);
    X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    if (X509_VERIFY_PARAM_set1_ip_asc(expected, name.c_str()) != 1) {
      X509_VERIFY_PARAM_set1_host(expected, name.c_str(), name.size());
      // SSL_set_tlsext_host_name, without its cast of the constness.
      std::string mutable_name = name;
      SSL_ctrl(handle, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, mutable_name.data());
    }
    const error_code error =
        wait([&](auto then) { stream.async_handshake(ssl::stream_base::client, std::move(then)); });
    if (!error) return {};
    if (error == net::error::timed_out) return failed(kTimeoutBefore);
    if (error == net::error::eof || error == ssl::error::stream_truncated) return failed("EOF");
    if (const long verdict = SSL_get_verify_result(handle); verdict != X509_V_OK) return failed(untrusted(verdict));
    if (error.category() != net::error::get_ssl_category())
      return failed(fmt::format("read tcp {}:{}: {}", exchange_.route.host, exchange_.route.port, words(error)));
    const int reason = ERR_GET_REASON(static_cast<unsigned long>(error.value()));
    if (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST)
      return failed("http: server gave HTTP response to HTTPS client");
    const char* text = ERR_reason_error_string(static_cast<unsigned long>(error.value()));
    return failed(fmt::format("remote error: tls: {}", text == nullptr ? "handshake failure" : text));
  }

  static std::string untrusted(long verdict) {
    switch (verdict) {
      case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
      case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
      case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
      case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        return "tls: failed to verify certificate: x509: certificate signed by unknown authority";
      default:
        return fmt::format("tls: failed to verify certificate: x509: {}", X509_verify_cert_error_string(verdict));
    }
  }

  [[nodiscard]] beast::request<beast::string_body> request() const {
    beast::request<beast::string_body> out;
    out.version(11);
    out.method_string(exchange_.method);
    out.target(exchange_.route.target);
    out.set(beast::field::host, exchange_.route.host_header);
    if (!exchange_.route.proxy_authorization.empty() && exchange_.route.tunnel.empty())
      out.set(beast::field::proxy_authorization, exchange_.route.proxy_authorization);
    for (const auto& [name, value] : exchange_.headers) out.set(name, value);
    out.body() = exchange_.body;
    out.prepare_payload();
    return out;
  }

  template <class Stream>
  std::expected<HttpResponse, HttpFailure> converse(Stream& stream) {
    const auto ask = request();
    Buffered buffer;
    error_code error = wait([&](auto then) { beast::async_write(stream, ask, std::move(then)); });
    // A server that answers without reading everything hangs up: its answer counts.
    if (error && error != net::error::broken_pipe && error != net::error::connection_reset)
      return failed(before_head(error));
    constexpr int kMostInterim = 8;
    for (int interim = 0; interim < kMostInterim; ++interim) {
      beast::response_parser<beast::buffer_body> parser;
      parser.header_limit(kMostHeaderBytes);
      parser.body_limit(boost::none);
      error = wait([&](auto then) { beast::async_read_header(stream, buffer, parser, std::move(then)); });
      if (error) return failed(before_head(error));
      if (parser.get().result_int() / 100 == 1) continue;
      return take_body(stream, buffer, parser);
    }
    return failed("net/http: too many 1xx informational responses");
  }

  [[nodiscard]] std::string before_head(const error_code& error) const {
    if (error == net::error::timed_out) return std::string(kTimeoutBefore);
    if (error == beast::error::end_of_stream || error == net::error::eof || error == ssl::error::stream_truncated)
      return "EOF";
    if (error == beast::error::partial_message) return "unexpected EOF";
    if (error.category() == beast::make_error_code(beast::error::bad_version).category())
      return fmt::format("net/http: HTTP/1.x transport connection broken: malformed HTTP response: {}", words(error));
    return fmt::format("read: {}", words(error));
  }

  template <class Stream>
  std::expected<HttpResponse, HttpFailure> take_body(Stream& stream, Buffered& buffer,
                                                     beast::response_parser<beast::buffer_body>& parser) {
    HttpResponse response;
    response.status = parser.get().result_int();
    response.reason = std::string(parser.get().reason());
    for (const auto& field : parser.get())
      response.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
    if (const auto length = parser.content_length(); length && *length > exchange_.max_bytes)
      return failed(fmt::format("the server announces {} bytes, and the limit is {}", *length, exchange_.max_bytes),
                    true);
    Buffer body(exchange_.max_bytes);
    while (!parser.is_done()) {
      if (const auto room = body.prepare(kPieceBytes); !room) return failed(message(room.error()), true);
      auto& piece = parser.get().body();
      piece.data = body.end();
      const std::size_t asked = std::min(body.room(), kMostAtOnce);
      piece.size = asked;
      error_code error = wait([&](auto then) { beast::async_read(stream, buffer, parser, std::move(then)); });
      body.commit(asked - piece.size);
      if (error == beast::error::need_buffer) error = {};
      if (error) return failed(in_body(error), true);
      if (exchange_.progress) exchange_.progress(body.size());
    }
    auto bytes = body.take();
    if (!bytes) return failed(message(bytes.error()), true);
    response.body = *std::move(bytes);
    return response;
  }

  static std::string in_body(const error_code& error) {
    if (error == net::error::timed_out) return std::string(kTimeoutInBody);
    if (error == beast::error::partial_message || error == net::error::eof || error == ssl::error::stream_truncated)
      return "unexpected EOF";
    if (error == beast::error::bad_chunk) return "malformed chunked encoding";
    return words(error);
  }

  const Exchange& exchange_;
  net::io_context context_;
  Socket socket_;
};

}  // namespace

std::expected<HttpResponse, HttpFailure> exchange(const Exchange& exchange) {
  // Asio and Beast throw where they cannot allocate or open anything.
  try {
    return Connection(exchange).run();
  } catch (const std::exception& thrown) {
    return failed(thrown.what());
  }
}

}  // namespace gopsy::io
