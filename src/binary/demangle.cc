#include "binary/demangle.h"

#include <cxxabi.h>

#include <cstdlib>
#include <memory>

namespace gopsy::binary {
namespace {

struct Free {
  void operator()(char* text) const { std::free(text); }
};

// A mangled name is seldom longer, and the library's parser recurses.
constexpr std::size_t kLongest = 4096;

std::string from_abi(std::string_view name) {
  if (!name.starts_with("_Z") || name.size() > kLongest) return {};
  int status = 0;
  const std::unique_ptr<char, Free> text(abi::__cxa_demangle(std::string(name).c_str(), nullptr, nullptr, &status));
  return status == 0 && text != nullptr ? std::string(text.get()) : std::string();
}

bool opens_parameters(std::string_view text, std::size_t at) {
  return !text.substr(at).starts_with("(anonymous namespace)") && !text.substr(0, at).ends_with("operator");
}

// Without what stands between `open` and `close`, at any depth; the text as it is if they do not match.
std::string without(std::string_view text, char open, char close) {
  std::string out;
  std::size_t depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_name = open == '(' && depth == 0 && text[i] == open && !opens_parameters(text, i);
    const bool is_operator = open == '<' && depth == 0 && std::string_view(out).ends_with("operator");
    if (is_name || is_operator) {
      // "(anonymous namespace)", "operator()", "operator<", "operator<<": part of the name.
      const std::size_t end = is_name ? text.find(')', i) : text.find_first_not_of("<=>", i);
      if (end == std::string_view::npos) return std::string(text);
      const std::size_t stop = is_name ? end + 1 : end;
      out += text.substr(i, stop - i);
      i = stop - 1;
    } else if (text[i] == open) {
      ++depth;
    } else if (text[i] == close) {
      if (depth == 0) return std::string(text);
      --depth;
    } else if (depth == 0) {
      out += text[i];
    }
  }
  return depth == 0 ? out : std::string(text);
}

// "void f" of a template function: the type ends at the last blank outside of brackets.
std::string_view without_return_type(std::string_view text) {
  std::size_t depth = 0;
  for (std::size_t i = text.size(); i-- > 0;) {
    const char c = text[i];
    if (c == ')' || c == '>' || c == ']' || c == '}') ++depth;
    if ((c == '(' || c == '<' || c == '[' || c == '{') && depth > 0) --depth;
    if (c != ' ' || depth != 0) continue;
    const std::string_view before = text.substr(0, i);
    if (before.ends_with("operator") || before.ends_with("new") || before.ends_with("delete")) continue;
    return text.substr(i + 1);
  }
  return text;
}

bool looks_like_cplusplus(std::string_view name) {
  if (name.contains(".<") || name.contains("]).")) return false;
  return name.find_first_of("<>[]") != std::string_view::npos || name.contains("::");
}

}  // namespace

std::string demangled(std::string_view name, Demangle mode) {
  if (mode == Demangle::None) return std::string(name);
  std::string text = from_abi(name);
  if (text.empty() && name.starts_with("__Z")) text = from_abi(name.substr(1));
  const bool was_mangled = !text.empty();
  if (!was_mangled) text = name;
  if (mode == Demangle::Full || (!was_mangled && !looks_like_cplusplus(name))) return text;
  const bool is_function = text.contains('(');
  for (const std::string_view suffix : {" const", " volatile", "&"})
    if (was_mangled && is_function && text.ends_with(suffix)) text.resize(text.size() - suffix.size());
  text = without(text, '(', ')');
  if (was_mangled && is_function) text = without_return_type(text);
  return mode == Demangle::Templates ? text : without(text, '<', '>');
}

}  // namespace gopsy::binary
