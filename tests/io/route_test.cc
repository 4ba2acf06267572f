#include "io/route.h"

#include <gtest/gtest.h>

namespace gopsy::io {
namespace {

Route routed(const char* url, const ProxySettings& proxies = {}) {
  auto route = route_of(*parse_url(url), proxies);
  EXPECT_TRUE(route) << (route ? "" : route.error());
  return route ? *std::move(route) : Route{};
}

std::string refused(const char* url, const ProxySettings& proxies = {}) {
  const auto route = route_of(*parse_url(url), proxies);
  return route ? "" : route.error();
}

TEST(Route, GoesToTheServerOfTheUrl) {
  const Route plain = routed("http://host/a?b");
  EXPECT_EQ(plain.host, "host");
  EXPECT_EQ(plain.port, 80);
  EXPECT_EQ(plain.target, "/a?b");
  EXPECT_EQ(plain.host_header, "host");
  EXPECT_FALSE(plain.tls);
  const Route secure = routed("https+insecure://[::1]:8443");
  EXPECT_EQ(secure.host, "::1");
  EXPECT_EQ(secure.port, 8443);
  EXPECT_EQ(secure.host_header, "[::1]:8443");
  EXPECT_EQ(secure.target, "/");
  EXPECT_TRUE(secure.tls);
  EXPECT_TRUE(secure.insecure);
  EXPECT_FALSE(routed("https://h/").insecure);
}

TEST(Route, OfAnEscapedHostIsAUnixSocket) {
  const Route route = routed("http+unix://%2Frun%2Fapp.sock/debug?x", {.http = "http://proxy:1"});
  EXPECT_EQ(route.unix_socket, "/run/app.sock");
  EXPECT_EQ(route.target, "/debug?x");
}

TEST(Route, OfAPlainSocketPathWithoutASocketTakesAllOfIt) {
  const Url url = with_plain_socket(*parse_url("unix:///no/such/place/at/all"));
  EXPECT_EQ(url.scheme, "http+unix");
  EXPECT_EQ(url.host, "%2Fno%2Fsuch%2Fplace%2Fat%2Fall");
  EXPECT_EQ(url.path, "");
}

TEST(Route, RefusesWhatIsNotSpoken) {
  EXPECT_EQ(refused("ftp://host/x"), "unsupported protocol scheme \"ftp\"");
  EXPECT_EQ(refused("http:///x"), "http: no Host in request URL");
  EXPECT_EQ(refused("http://h:65536/"), "dial tcp: address 65536: invalid port");
  EXPECT_NE(refused("http://h/", {.http = "socks5://p:1"}).find("socks5"), std::string::npos);
}

TEST(Route, AsksAProxyWithTheWholeUrl) {
  const Route route = routed("http://host:81/a", {.http = "user:pass@proxy:3128"});
  EXPECT_EQ(route.host, "proxy");
  EXPECT_EQ(route.port, 3128);
  EXPECT_EQ(route.target, "http://host:81/a");
  EXPECT_EQ(route.host_header, "host:81");
  EXPECT_EQ(route.proxy_authorization, "Basic dXNlcjpwYXNz");
  EXPECT_EQ(route.tunnel, "");
}

TEST(Route, TunnelsSecureRequestsThroughAProxy) {
  const Route route = routed("https://[2001:db8::1]/a", {.https = "http://proxy"});
  EXPECT_EQ(route.host, "proxy");
  EXPECT_EQ(route.port, 80);
  EXPECT_EQ(route.tunnel, "[2001:db8::1]:443");
  EXPECT_EQ(route.server_name, "2001:db8::1");
  EXPECT_EQ(route.target, "/a");
}

TEST(Route, PassesTheProxyByForLoopbackAndExemptHosts) {
  const ProxySettings proxies{
      .http = "http://proxy:1",
      .none = " .inner.test, plain.test:8080,10.0.0.0/8 ,2001:db8::/32,192.0.2.7,*.star.test,::2"};
  for (const char* url : {"http://localhost/", "http://127.0.0.2/", "http://[::1]:6060/", "http://a.inner.test/",
                          "http://plain.test:8080/", "http://sub.plain.test:8080/", "http://10.1.2.3/",
                          "http://[2001:db8:1::1]/", "http://192.0.2.7:99/", "http://x.star.test/", "http://[::2]/"})
    EXPECT_NE(routed(url, proxies).host, "proxy") << url;
  for (const char* url : {"http://inner.test/", "http://plain.test/", "http://11.0.0.1/", "http://notplain.test:8080/",
                          "http://[2001:db9::1]/", "http://192.0.2.8/", "http://128.0.0.1/"})
    EXPECT_EQ(routed(url, proxies).host, "proxy") << url;
  EXPECT_EQ(routed("http://any.test/", {.http = "http://proxy:1", .none = "*"}).host, "any.test");
}

TEST(Route, SurvivesNonsenseInNoProxy) {
  for (const char* none : {"/", "1.2.3.4/999999999999999999999", "::/129", ",,,", "[", "[::1", "]:", ":", "*.", "."})
    EXPECT_EQ(routed("http://1.2.3.4/", {.http = "http://proxy:1", .none = none}).host, "proxy") << none;
}

}  // namespace
}  // namespace gopsy::io
