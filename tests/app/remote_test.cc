#include "app/remote.h"

#include <gtest/gtest.h>

#include "app/pprof/fetch.h"
#include "support/tiny_server.h"

namespace gopsy::app {
namespace {

std::string address(const char* name, std::int64_t seconds = 0, std::int64_t timeout = 0) {
  const auto remote = remote_of(name, seconds, timeout);
  return remote ? remote->url + " " + std::to_string(remote->timeout.count()) : "none";
}

TEST(Remote, NamesWithAPortOrASchemeAreUrls) {
  EXPECT_EQ(address("localhost:6060"), "http://localhost:6060/debug/pprof/profile 60000");
  EXPECT_EQ(address("127.0.0.1:6060/debug/pprof/heap"), "http://127.0.0.1:6060/debug/pprof/heap 60000");
  EXPECT_EQ(address("http://h"), "http://h/debug/pprof/profile 60000");
  EXPECT_EQ(address("https+insecure://h/"), "https+insecure://h/debug/pprof/profile 60000");
  EXPECT_EQ(address("mem_2023-11-02_03:55"), "http://mem_2023-11-02_03:55/debug/pprof/profile 60000");
  EXPECT_EQ(address("unix:///no/socket"), "http+unix://%2Fno%2Fsocket/debug/pprof/profile 60000");
  EXPECT_EQ(address("http+unix://%2Frun%2Fa.sock/debug/pprof/heap"),
            "http+unix://%2Frun%2Fa.sock/debug/pprof/heap 60000");
}

TEST(Remote, OtherNamesAreFiles) {
  for (const char* name :
       {"cpu.pb.gz", "dir/file", "dir/a:b", "/abs/a:b", "file:///x", "host/debug/pprof/heap", "", "-"})
    EXPECT_EQ(address(name), "none") << name;
}

TEST(Remote, SecondsGoIntoTheQueryAndSetTheTimeToWait) {
  EXPECT_EQ(address("h:1/p", 30), "http://h:1/p?seconds=30 45000");
  EXPECT_EQ(address("h:1/p?seconds=5&gc=1", 1), "http://h:1/p?gc=1&seconds=1 1500");
  EXPECT_EQ(address("h:1/p?seconds=5"), "http://h:1/p?seconds=5 7500");
  EXPECT_EQ(address("h:1/p?seconds=5", 0, 9), "http://h:1/p?seconds=5 9000");
  for (const char* odd : {"h:1/p?seconds=x", "h:1/p?seconds=-5", "h:1/p?seconds=99999999999"})
    EXPECT_TRUE(address(odd).ends_with(" 60000")) << odd;
}

TEST(Remote, DurationsReadAsGoPrintsThem) {
  EXPECT_EQ(pprof::go_duration(30), "30s");
  EXPECT_EQ(pprof::go_duration(90), "1m30s");
  EXPECT_EQ(pprof::go_duration(3600), "1h0m0s");
}

TEST(Remote, ShowsWhatAHandlerOfGoSaysOfARefusal) {
  const auto refusal = [](const std::string& headers, const std::string& body) {
    test::TinyServer server({"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n" + headers +
                             "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body});
    return fetch({.url = server.url(), .timeout = std::chrono::seconds(5)}, {}).error();
  };
  EXPECT_EQ(refusal("X-Go-Pprof: 1\r\n", "profile duration exceeds\n"),
            "server response: 400 Bad Request - profile duration exceeds");
  EXPECT_EQ(refusal("", "<html>"), "server response: 400 Bad Request");
  EXPECT_LT(refusal("X-Go-Pprof: 1\r\n", std::string(100'000, 'x')).size(), 5000U);
}

TEST(Remote, WantsCertificateAndKeyTogether) {
  FetchOptions options;
  options.tls.key = "k";
  EXPECT_EQ(fetch({.url = "http://127.0.0.1:1/"}, options).error(),
            "http fetch: Get \"http://127.0.0.1:1/\": -tls_key is specified, so -tls_cert must also be specified");
}

TEST(Remote, OtherCommandsFetchOnlyWhatHasAScheme) {
  const auto fetch = fetcher(1000);
  EXPECT_FALSE(fetch("localhost:1"));
  EXPECT_FALSE(fetch("file.txt"));
  const auto refused = fetch("http://127.0.0.1:1/x");
  ASSERT_TRUE(refused);
  EXPECT_FALSE(*refused);
}

}  // namespace
}  // namespace gopsy::app
