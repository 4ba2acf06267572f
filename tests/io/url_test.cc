#include "io/url.h"

#include <gtest/gtest.h>

namespace gopsy::io {
namespace {

struct Case {
  const char* text;
  const char* scheme;
  const char* user;
  const char* host;
  const char* path;
  const char* query;
};

TEST(Url, IsTakenApartAsGoDoesIt) {
  const Case cases[] = {
      {"http://localhost:6060/debug/pprof/heap?gc=1", "http", "", "localhost:6060", "/debug/pprof/heap", "gc=1"},
      {"HTTPS+insecure://a:b@[::1]:443", "https+insecure", "a:b", "[::1]:443", "", ""},
      {"//host/path", "", "", "host", "/path", ""},
      {"///path", "", "", "", "///path", ""},
      {"dir/with:colon", "", "", "", "dir/with:colon", ""},
      {"file:///tmp/x", "file", "", "", "/tmp/x", ""},
      {"http://host?q=1", "http", "", "host", "", "q=1"},
      {"http+unix://%2Frun%2Fa.sock/debug", "http+unix", "", "%2Frun%2Fa.sock", "/debug", ""},
      {"unix:///run/a.sock/debug", "unix", "", "", "/run/a.sock/debug", ""},
  };
  for (const auto& want : cases) {
    const auto url = parse_url(want.text);
    ASSERT_TRUE(url) << want.text;
    EXPECT_EQ(url->scheme, want.scheme) << want.text;
    EXPECT_EQ(url->user, want.user) << want.text;
    EXPECT_EQ(url->host, want.host) << want.text;
    EXPECT_EQ(url->path, want.path) << want.text;
    EXPECT_EQ(url->query, want.query) << want.text;
  }
}

TEST(Url, OfHostAndPortAloneHasAnOpaquePart) {
  const auto url = parse_url("localhost:6060");
  ASSERT_TRUE(url);
  EXPECT_TRUE(url->opaque);
  EXPECT_EQ(url->scheme, "localhost");
  EXPECT_EQ(url->host, "");
}

TEST(Url, IsRefusedWhereGoRefusesIt) {
  for (const char* text : {"127.0.0.1:6060/x", ":x", "http://host:port/", "http://a b/", "http://[::1/", "http://h/%zz",
                           "http://h/\n", "mem_2023-11-02_03:55:24", "http://%2Frun/x", "http+unix://%2/x"})
    EXPECT_FALSE(parse_url(text)) << text;
}

TEST(Url, OfAnyBytesIsReadWithoutHarm) {
  const std::string alphabet = "ab:/?#[]@%2F+.-\x80 ";
  std::uint32_t state = 1;
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (int i = 0; i < 14; ++i) {
      state = state * 1664525U + 1013904223U;
      text += alphabet[(state >> 16) % alphabet.size()];
    }
    const auto url = parse_url(text);
    if (!url) continue;
    host_name(*url);
    port(*url);
    // What was read once is read the same way again, whatever was encoded anew in between.
    const auto again = parse_url(to_text(*url));
    if (!url->scheme.empty() && !url->host.empty()) {
      ASSERT_TRUE(again) << text;
      EXPECT_EQ(again->host, url->host) << text;
    }
  }
}

TEST(Url, EncodesAPathWhoseBytesMayNotStandThere) {
  EXPECT_EQ(to_text(*parse_url("http://h/a b/c")), "http://h/a%20b/c");
  EXPECT_EQ(to_text(*parse_url("http://h/a%2Fb")), "http://h/a%2Fb");
  EXPECT_EQ(request_target(*parse_url("http://h?x=1#y")), "/?x=1");
}

TEST(Url, TellsHostAndPort) {
  const auto parts = [](const char* text) {
    const auto url = parse_url(text);
    return host_name(*url) + "|" + port(*url);
  };
  EXPECT_EQ(parts("http://h:80/"), "h|80");
  EXPECT_EQ(parts("http://h/"), "h|");
  EXPECT_EQ(parts("http://[::1]:80/"), "::1|80");
  EXPECT_EQ(parts("http://[::1]/"), "::1|");
}

TEST(Url, ResolvesReferencesAsTheStandardSays) {
  const auto base = parse_url("http://a/b/c/d?q");
  const std::pair<const char*, const char*> cases[] = {
      {"g", "http://a/b/c/g"},      {"./g", "http://a/b/c/g"},      {"/g", "http://a/g"},
      {"//g", "http://g"},          {"?y", "http://a/b/c/d?y"},     {"..", "http://a/b/"},
      {"../../g", "http://a/g"},    {"../../../g", "http://a/g"},   {"", "http://a/b/c/d?q"},
      {"g/../h", "http://a/b/c/h"}, {"https://x/y", "https://x/y"}, {"g?y#s", "http://a/b/c/g?y#s"},
  };
  for (const auto& [reference, want] : cases) {
    const auto url = resolve(*base, reference);
    ASSERT_TRUE(url) << reference;
    EXPECT_EQ(to_text(*url), want) << reference;
  }
  EXPECT_FALSE(resolve(*base, "mailto:x"));
}

TEST(Url, QueriesAreSortedAndEncodedAnew) {
  EXPECT_EQ(encoded_query("z=1&a=x y&seconds=3", QueryPair{"seconds", "30"}), "a=x+y&seconds=30&z=1");
  EXPECT_EQ(encoded_query("gc", {}), "gc=");
  EXPECT_EQ(encoded_query("", {}), "");
  EXPECT_EQ(encoded_query("a;b=1&c=%zz&d=%41", {}), "d=A");
  EXPECT_EQ(query_value("a=1&seconds=5&seconds=6", "seconds"), "5");
  EXPECT_EQ(query_value("a=1", "seconds"), "");
}

}  // namespace
}  // namespace gopsy::io
