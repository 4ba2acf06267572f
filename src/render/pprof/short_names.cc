#include "render/pprof/short_names.h"

#include <re2/re2.h>

namespace gopsy::pprof {
namespace {

// What to keep of a name stands in the first group.
const RE2& go_path() {
  static const RE2 expression(R"(^(?:[\w\-\.]+/)+([^.]+\..+))");
  return expression;
}
const RE2& java_class() {
  static const RE2 expression(R"(^(?:[a-z]\w*\.)*([A-Z][\w\$]*\.(?:<init>|[a-z][\w\$]*(?:\$\d+)?))(?:(?:\()|$))");
  return expression;
}
const RE2& cpp_class() {
  static const RE2 expression(R"(^(?:[_a-zA-Z]\w*::)+(_*[A-Z]\w*::~?[_a-zA-Z]\w*(?:<.*>)?))");
  return expression;
}
const RE2& module_version() {
  static const RE2 expression(R"(^(.*?)/v(?:[2-9]|[1-9][0-9]+)([./].*)$)");
  return expression;
}

}  // namespace

std::string shortened_name(std::string_view function) {
  constexpr std::string_view kAnonymous = "(anonymous namespace)::";
  if (function.starts_with(kAnonymous)) function.remove_prefix(kAnonymous.size());
  std::string name(function);
  std::string before;
  std::string after;
  if (name.find("/v") != std::string::npos && RE2::FullMatch(name, module_version(), &before, &after))
    name = before + after;
  std::string kept;
  for (const RE2* expression : {&go_path(), &java_class(), &cpp_class()})
    if (RE2::PartialMatch(name, *expression, &kept)) return kept;
  return name;
}

}  // namespace gopsy::pprof
