#include "render/html/html.h"

#include "base/format.h"
#include "render/svg/svg.h"
#include "render/svg/xml.h"

namespace gopsy::render {
namespace {

void flame(const FlamePicture& picture, const Style& style, std::string& out) {
  out += fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width\">\n<title>{}</title>\n"
      "<style>html{{color-scheme:light dark}}body{{margin:0}}svg{{display:block}}</style>\n",
      xml_text(picture.title.empty() ? "Flame graph" : picture.title));
  kSvg.flame(picture, style, out);
  out += "</html>\n";
}

}  // namespace

constinit const Renderer kHtml{
    .name = "html",
    .extension = ".html",
    .mime = "text/html",
    .summary = "the same flame graph as a page",
    .most_nodes = kMostDrawnNodes,
    .flame = flame,
};

}  // namespace gopsy::render
