#include "analyze/pprof/paths.h"

#include <vector>

#include "base/text.h"

namespace gopsy::pprof {

std::string clean_path(std::string_view path) {
  const bool rooted = path.starts_with('/');
  std::vector<std::string_view> elements;
  for (const std::string_view element : split(path, '/')) {
    if (element.empty() || element == ".") continue;
    if (element != "..") {
      elements.push_back(element);
    } else if (!elements.empty() && elements.back() != "..") {
      elements.pop_back();
    } else if (!rooted) {
      elements.push_back(element);
    }
  }
  std::string clean = rooted ? "/" : "";
  for (const std::string_view element : elements) {
    if (!clean.empty() && clean != "/") clean += '/';
    clean += element;
  }
  return clean.empty() ? "." : clean;
}

std::string_view base_name(std::string_view path) {
  if (path.empty()) return ".";
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  if (path == "/") return path;
  return path.substr(path.rfind('/') + 1);
}

}  // namespace gopsy::pprof
