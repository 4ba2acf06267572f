#include "io/url.h"

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace gopsy::io {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_unreserved(char c) { return is_letter(c) || is_digit(c) || std::string_view("-_.~").contains(c); }

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The byte that text[at..at+3) stands for, or -1 if it is no escape.
int escape_at(std::string_view text, std::size_t at) {
  if (at + 2 >= text.size() || text[at] != '%') return -1;
  const int high = hex_digit(text[at + 1]);
  const int low = hex_digit(text[at + 2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

bool escapes_hold(std::string_view text) {
  for (std::size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 1))
    if (escape_at(text, at) < 0) return false;
  return true;
}

void escape(char c, std::string& out) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  out += '%';
  out += kDigits[byte >> 4];
  out += kDigits[byte & 15];
}

// Takes "scheme:" off the front. False: there is a colon with nothing before it.
bool take_scheme(std::string_view& text, std::string& scheme) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (is_letter(c)) continue;
    if (at > 0 && (is_digit(c) || c == '+' || c == '-' || c == '.')) continue;
    if (c != ':') return true;
    if (at == 0) return false;
    for (const char letter : text.substr(0, at))
      scheme += is_letter(letter) ? static_cast<char>(letter | 0x20) : letter;
    text.remove_prefix(at + 1);
    return true;
  }
  return true;
}

bool is_host(std::string_view host, bool is_socket) {
  if (is_socket) return !host.empty() && escapes_hold(host);
  std::string_view port;
  if (host.starts_with('[')) {
    const auto close = host.rfind(']');
    if (close == std::string_view::npos) return false;
    port = host.substr(close + 1);
  } else if (const auto colon = host.rfind(':'); colon != std::string_view::npos) {
    port = host.substr(colon);
  }
  if (!port.empty() && (port[0] != ':' || !std::ranges::all_of(port.substr(1), is_digit))) return false;
  return std::ranges::all_of(host, [](char c) {
    return is_unreserved(c) || (static_cast<unsigned char>(c) & 0x80) != 0 ||
           std::string_view("!$&'()*+,;=:[]<>\"").contains(c);
  });
}

bool take_authority(std::string_view authority, Url& url) {
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    url.user = authority.substr(0, at);
    authority.remove_prefix(at + 1);
    const bool clean = std::ranges::all_of(
        url.user, [](char c) { return is_unreserved(c) || std::string_view(":!$&'()*+,;=%@").contains(c); });
    if (!clean || !escapes_hold(url.user)) return false;
  }
  url.host = authority;
  return is_host(authority, url.scheme == "http+unix");
}

// Keeps what is encoded well; encodes everything anew where it is not.
std::string encoded_path(std::string_view path) {
  const auto may_stand = [](char c) { return is_unreserved(c) || std::string_view("!$&'()*+,;=:@[]/%").contains(c); };
  if (std::ranges::all_of(path, may_stand)) return std::string(path);
  std::string out;
  for (const char c : percent_decoded(path)) {
    if (is_unreserved(c) || std::string_view("$&+,/:;=@").contains(c)) {
      out += c;
    } else {
      escape(c, out);
    }
  }
  return out;
}

std::string encoded_word(std::string_view word) {
  std::string out;
  for (const char c : word) {
    if (is_unreserved(c)) {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      escape(c, out);
    }
  }
  return out;
}

std::vector<QueryPair> pairs_of(std::string_view query) {
  std::vector<QueryPair> pairs;
  for (const std::string_view part : split(query, '&')) {
    // Go drops what it cannot read, and so the URL it shows has none of it either.
    if (part.empty() || part.contains(';') || !escapes_hold(part)) continue;
    const auto equals = std::min(part.find('='), part.size());
    const std::string_view value = equals < part.size() ? part.substr(equals + 1) : std::string_view();
    pairs.push_back({percent_decoded(part.substr(0, equals), true), percent_decoded(value, true)});
  }
  return pairs;
}

}  // namespace

std::optional<Url> parse_url(std::string_view text) {
  if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; })) return {};
  Url url;
  if (const auto hash = text.find('#'); hash != std::string_view::npos) {
    url.fragment = text.substr(hash + 1);
    text = text.substr(0, hash);
  }
  if (!take_scheme(text, url.scheme)) return {};
  if (const auto mark = text.find('?'); mark != std::string_view::npos) {
    url.query = text.substr(mark + 1);
    text = text.substr(0, mark);
  }
  if (!text.starts_with('/')) {
    if (!url.scheme.empty()) {
      url.opaque = true;
      url.path = text;
      return url;
    }
    if (text.substr(0, text.find('/')).contains(':')) return {};
  }
  if (text.starts_with("//") && (!url.scheme.empty() || !text.starts_with("///"))) {
    text.remove_prefix(2);
    const std::string_view authority = text.substr(0, text.find('/'));
    if (!take_authority(authority, url)) return {};
    text.remove_prefix(authority.size());
  }
  if (!escapes_hold(text)) return {};
  url.path = text;
  return url;
}

std::string to_text(const Url& url) {
  std::string out;
  if (!url.scheme.empty()) out += url.scheme + ':';
  if (url.opaque) {
    out += url.path;
  } else {
    if (!url.scheme.empty() || !url.host.empty()) out += "//";
    if (!url.user.empty()) out += url.user + '@';
    out += url.host;
    if (!url.path.empty() && !url.path.starts_with('/') && !url.host.empty()) out += '/';
    out += encoded_path(url.path);
  }
  if (!url.query.empty()) out += '?' + url.query;
  if (!url.fragment.empty()) out += '#' + url.fragment;
  return out;
}

std::string request_target(const Url& url) {
  std::string out = encoded_path(url.path);
  if (!out.starts_with('/')) out.insert(0, 1, '/');
  if (!url.query.empty()) out += '?' + url.query;
  return out;
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
    } else {
      escape(c, out);
    }
  }
  return out;
}

std::string host_name(const Url& url) {
  const std::string_view host = url.host;
  if (host.starts_with('[')) return std::string(host.substr(1, host.rfind(']') - 1));
  return std::string(host.substr(0, host.rfind(':')));
}

std::string port(const Url& url) {
  const auto colon = url.host.rfind(':');
  if (colon == std::string::npos || url.host.find(']', colon) != std::string::npos) return {};
  return url.host.substr(colon + 1);
}

std::string without_dots(std::string_view path) {
  std::vector<std::string_view> kept;
  const auto parts = split(path, '/');
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool last = i + 1 == parts.size();
    if (parts[i] == "." || parts[i] == "..") {
      if (parts[i] == ".." && kept.size() > 1) kept.pop_back();
      if (last) kept.emplace_back();
    } else {
      kept.push_back(parts[i]);
    }
  }
  std::string out;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (i > 0) out += '/';
    out += kept[i];
  }
  return out;
}

std::optional<Url> resolve(const Url& base, std::string_view reference) {
  auto url = parse_url(reference);
  if (!url || url->opaque) return std::nullopt;
  if (!url->scheme.empty()) return url;
  url->scheme = base.scheme;
  if (!url->host.empty()) return url;
  url->host = base.host;
  url->user = base.user;
  if (url->path.empty()) {
    url->path = base.path;
    if (url->query.empty()) url->query = base.query;
  } else if (url->path[0] != '/') {
    url->path = base.path.substr(0, base.path.rfind('/') + 1) + url->path;
    if (url->path[0] != '/') url->path.insert(0, 1, '/');
  }
  url->path = without_dots(url->path);
  return url;
}

std::string percent_decoded(std::string_view text, bool plus_is_blank) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (const int byte = escape_at(text, at); byte >= 0) {
      out += static_cast<char>(byte);
      at += 2;
    } else {
      out += plus_is_blank && text[at] == '+' ? ' ' : text[at];
    }
  }
  return out;
}

std::string query_value(std::string_view query, std::string_view key) {
  for (auto& pair : pairs_of(query))
    if (pair.key == key) return std::move(pair.value);
  return {};
}

std::string encoded_query(std::string_view query, const std::optional<QueryPair>& set) {
  auto pairs = pairs_of(query);
  if (set) {
    std::erase_if(pairs, [&](const QueryPair& pair) { return pair.key == set->key; });
    pairs.push_back(*set);
  }
  std::ranges::stable_sort(pairs, {}, &QueryPair::key);
  std::string out;
  for (const auto& pair : pairs) {
    if (!out.empty()) out += '&';
    out += encoded_word(pair.key) + '=' + encoded_word(pair.value);
  }
  return out;
}

}  // namespace gopsy::io
