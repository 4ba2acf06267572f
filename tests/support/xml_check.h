#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"

namespace gopsy::test {

namespace xml_check_detail {

inline bool known_entity(std::string_view text) {
  for (const std::string_view entity : {"&amp;", "&lt;", "&gt;", "&quot;"})
    if (text.starts_with(entity)) return true;
  return false;
}

inline std::string problem_in_text(std::string_view text) {
  for (std::size_t at = text.find('&'); at != std::string_view::npos; at = text.find('&', at + 1))
    if (!known_entity(text.substr(at))) return "bare & in " + std::string(text.substr(at, 20));
  return text.contains("]]>") ? "]]> in text" : "";
}

inline std::string problem_in_attributes(std::string_view tag) {
  while (true) {
    const auto quote = tag.find('"');
    if (quote == std::string_view::npos) return "";
    const auto end = tag.find('"', quote + 1);
    if (end == std::string_view::npos) return "open attribute in " + std::string(tag);
    const auto value = tag.substr(quote + 1, end - quote - 1);
    if (value.contains('<')) return "< in an attribute";
    if (auto problem = problem_in_text(value); !problem.empty()) return problem;
    tag.remove_prefix(end + 1);
  }
}

}  // namespace xml_check_detail

/// Why `text` is not well-formed XML of the kind we write (elements, text, four entities, CDATA), or "".
inline std::string xml_problem(std::string_view text) {
  using namespace xml_check_detail;
  if (printable(text) != text) return "bytes that XML cannot hold";
  std::vector<std::string_view> open;
  while (!text.empty()) {
    const auto tag = text.find('<');
    if (auto problem = problem_in_text(text.substr(0, tag)); !problem.empty()) return problem;
    if (tag == std::string_view::npos) break;
    text.remove_prefix(tag);
    if (consume(text, "<![CDATA[")) {
      if (!consume_until(text, "]]>")) return "open CDATA";
      continue;
    }
    const auto end = text.find('>');
    if (end == std::string_view::npos) return "open tag";
    const auto inside = text.substr(1, end - 1);
    const auto name = inside.substr(0, inside.find_first_of(" /\n", 1));
    if (auto problem = problem_in_attributes(inside); !problem.empty()) return problem;
    if (name.starts_with('/')) {
      if (open.empty() || open.back() != name.substr(1)) return "unexpected <" + std::string(name) + ">";
      open.pop_back();
    } else if (!inside.ends_with('/')) {
      open.push_back(name);
    }
    text.remove_prefix(end + 1);
  }
  return open.empty() ? "" : "unclosed " + std::string(open.back());
}

}  // namespace gopsy::test
