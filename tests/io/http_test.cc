#include "io/http.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/deflate.h"
#include "io/resolver.h"
#include "support/tiny_server.h"

namespace gopsy::io {
namespace {

using test::TinyServer;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kHead = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";

HttpRequest get(const std::string& url) {
  HttpRequest request;
  request.url = url;
  request.timeout = std::chrono::seconds(10);
  return request;
}

// The body, or what was said instead.
std::string outcome(const HttpRequest& request) {
  const auto response = http(request);
  if (!response) return (response.error().in_body ? "body: " : "head: ") + response.error().text;
  return std::to_string(response->status) + " " + response->reason + ": " + std::string(response->body.view());
}

std::string answered(std::string answer) {
  TinyServer server({std::move(answer)});
  return outcome(get(server.url()));
}

TEST(Http, ReadsABodyHoweverItEnds) {
  EXPECT_EQ(answered(std::string(kHead) + "hello"), "200 OK: hello");
  EXPECT_EQ(answered("HTTP/1.0 200 OK\r\n\r\nto the end"), "200 OK: to the end");
  EXPECT_EQ(
      answered("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: 1\r\n\r\n"),
      "200 OK: abcde");
  EXPECT_EQ(answered("HTTP/1.1 204 No Content\r\n\r\n"), "204 No Content: ");
  EXPECT_EQ(answered("HTTP/1.1 100 Continue\r\n\r\n" + std::string(kHead) + "hello"), "200 OK: hello");
}

TEST(Http, HandsOnAnyStatusWithItsReason) {
  EXPECT_EQ(answered("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno"), "404 Not Found: no");
}

TEST(Http, UndoesGzipAsContentEncoding) {
  const std::string packed = *gzip("plain text");
  const std::string head = "HTTP/1.1 200 OK\r\ncontent-encoding: GZIP\r\n\r\n";
  EXPECT_EQ(answered(head + packed), "200 OK: plain text");
  EXPECT_EQ(answered(head + packed.substr(0, packed.size() - 9)), "body: unexpected EOF");
}

TEST(Http, TellsWhatIsCut) {
  EXPECT_EQ(answered(std::string(kHead) + "hell"), "body: unexpected EOF");
  EXPECT_EQ(answered("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc"), "body: unexpected EOF");
  EXPECT_THAT(answered("HTTP/1.1 200 OK\r\nContent-Le"), testing::EndsWith("\": unexpected EOF"));
  EXPECT_THAT(answered(""), testing::MatchesRegex("head: Get \"http://127.0.0.1:[0-9]+/\": (EOF|read: .*)"));
}

TEST(Http, RefusesWhatIsNotHttp) {
  EXPECT_THAT(answered("SSH-2.0-OpenSSH_9.2\r\n\r\n"), HasSubstr("malformed HTTP response"));
  EXPECT_THAT(answered("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"), HasSubstr("malformed HTTP response"));
  EXPECT_THAT(answered("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"), HasSubstr("body: malformed"));
  EXPECT_THAT(answered("HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'a') + "\r\n\r\n"), HasSubstr("head: "));
}

TEST(Http, StopsAtTheLimitOfBytes) {
  const auto limited = [](std::string answer, std::uint64_t limit) {
    TinyServer server({std::move(answer)});
    HttpRequest request = get(server.url());
    request.max_bytes = limit;
    return outcome(request);
  };
  EXPECT_EQ(limited(std::string(kHead) + "hello", 5), "200 OK: hello");
  EXPECT_EQ(limited(std::string(kHead) + "hello", 4), "body: the server announces 5 bytes, and the limit is 4");
  EXPECT_EQ(limited("HTTP/1.1 200 OK\r\n\r\nhello", 5), "200 OK: hello");
  EXPECT_THAT(limited("HTTP/1.1 200 OK\r\n\r\nhello", 4), HasSubstr("body: the content exceeds the limit of 4 bytes"));
  // A bomb is stopped by what comes out of it.
  const std::string bomb = *gzip(std::string(1 << 20, 'a'));
  EXPECT_THAT(limited("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + bomb, 100'000), HasSubstr("limit"));
}

TEST(Http, FollowsRedirectsAndTurnsPostsIntoGets) {
  const auto redirect = [](const char* status) {
    return std::string("HTTP/1.1 ") + status + " x\r\nLocation: /b?c\r\nContent-Length: 0\r\n\r\n";
  };
  for (const auto& [status, method] : {std::pair{"302", "GET"}, {"307", "POST"}}) {
    TinyServer server({redirect(status), std::string(kHead) + "hello"});
    HttpRequest request = get(server.url("/a"));
    request.method = "POST";
    request.body = "0x1+0x2";
    EXPECT_EQ(outcome(request), "200 OK: hello");
    const auto asked = server.asked();
    ASSERT_EQ(asked.size(), 2U);
    EXPECT_THAT(asked[0], testing::StartsWith("POST /a HTTP/1.1\r\n"));
    EXPECT_THAT(asked[0], testing::EndsWith("\r\n\r\n0x1+0x2"));
    EXPECT_THAT(asked[1], testing::StartsWith(std::string(method) + " /b?c HTTP/1.1\r\n"));
  }
}

TEST(Http, StopsAfterTenRedirects) {
  const std::string again = "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n";
  TinyServer server(std::vector<std::string>(12, again));
  EXPECT_THAT(outcome(get(server.url())), testing::EndsWith(": stopped after 10 redirects"));
  EXPECT_EQ(server.asked().size(), 10U);
}

TEST(Http, FollowsNoRedirectToASocketOrAFile) {
  for (const char* to : {"http+unix://%2Frun%2Fdocker.sock/x", "unix:///run/docker.sock/x", "file:///etc/passwd"})
    EXPECT_THAT(answered("HTTP/1.1 302 Found\r\nLocation: " + std::string(to) + "\r\nContent-Length: 0\r\n\r\n"),
                testing::AllOf(HasSubstr("head: Get "), Not(HasSubstr("dial"))))
        << to;
}

TEST(Http, TellsTheFirstHostOnlyWhatIsForIt) {
  TinyServer other({std::string(kHead) + "hello"});
  TinyServer first({"HTTP/1.1 302 Found\r\nLocation: " + other.url() + "\r\nContent-Length: 0\r\n\r\n"});
  HttpRequest request = get("http://me:secret@" + first.url().substr(7));
  request.headers = {{"X-Token", "t"}};
  EXPECT_EQ(outcome(request), "200 OK: hello");
  EXPECT_THAT(first.asked()[0], HasSubstr("Authorization: Basic bWU6c2VjcmV0\r\n"));
  EXPECT_THAT(first.asked()[0], HasSubstr("X-Token: t\r\n"));
  EXPECT_THAT(other.asked()[0], Not(HasSubstr("Authorization")));
  EXPECT_THAT(other.asked()[0], Not(HasSubstr("X-Token")));
}

TEST(Http, HidesAPasswordInErrors) {
  EXPECT_EQ(outcome(get("http://me:secret@127.0.0.1:1/")),
            "head: Get \"http://me:***@127.0.0.1:1/\": dial tcp 127.0.0.1:1: connect: connection refused");
}

TEST(Http, GivesUpWhenItsTimeIsOver) {
  const auto patience = [](std::string answer) {
    TinyServer server({std::move(answer)}, true);
    HttpRequest request = get(server.url());
    request.timeout = std::chrono::milliseconds(150);
    const auto start = std::chrono::steady_clock::now();
    std::string told = outcome(request);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
    return told;
  };
  EXPECT_THAT(patience(""), HasSubstr("context deadline exceeded (Client.Timeout exceeded while awaiting headers)"));
  EXPECT_EQ(patience(std::string(kHead) + "he"),
            "body: context deadline exceeded (Client.Timeout or context cancellation while reading body)");
}

TEST(Http, TellsHowFarItIs) {
  TinyServer server({std::string(kHead) + "hello"});
  HttpRequest request = get(server.url());
  std::uint64_t received = 0;
  request.progress = [&](std::uint64_t bytes) { received = bytes; };
  EXPECT_EQ(outcome(request), "200 OK: hello");
  EXPECT_EQ(received, 5U);
}

TEST(Http, NamesWhatItCannotReach) {
  EXPECT_EQ(outcome(get("http+unix://%2Fno%2Fsocket/x")),
            "head: Get \"http+unix://%2Fno%2Fsocket/x\": dial unix /no/socket: connect: no such file or directory");
  EXPECT_THAT(outcome(get("http+unix://" + std::string(200, 'a') + "/x")), HasSubstr("connect: invalid argument"));
  EXPECT_EQ(outcome(get("ftp://h/x")), "head: Get \"ftp://h/x\": unsupported protocol scheme \"ftp\"");
}

TEST(Resolver, KnowsAddressesAndLocalhostWithoutAskingAnyone) {
  const auto soon = std::chrono::steady_clock::now();
  EXPECT_EQ(to_text(resolve_host("127.0.0.9", soon)->at(0)), "127.0.0.9");
  EXPECT_EQ(to_text(resolve_host("2001:db8::1", soon)->at(0)), "2001:db8::1");
  EXPECT_EQ(to_text(resolve_host("LocalHost", soon)->at(0)), "127.0.0.1");
  EXPECT_EQ(to_text(resolve_host("a.localhost.", soon)->at(1)), "::1");
}

}  // namespace
}  // namespace gopsy::io
