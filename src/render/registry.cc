#include <algorithm>
#include <array>

#include "render/folded/folded.h"
#include "render/html/html.h"
#include "render/json/json.h"
#include "render/markdown/markdown.h"
#include "render/renderer.h"
#include "render/svg/svg.h"
#include "render/text/text.h"

namespace gopsy::render {
namespace {

// A row is all it takes; the registry test then asks for docs/renderers.md and a golden.
constexpr std::array kRenderers{&kText, &kJson, &kMarkdown, &kSvg, &kHtml, &kFoldedText};

}  // namespace

std::span<const Renderer* const> renderers() { return kRenderers; }

const Renderer* find_renderer(std::string_view name) {
  const auto found = std::ranges::find(kRenderers, name, [](const Renderer* r) { return r->name; });
  return found == kRenderers.end() ? nullptr : *found;
}

const Renderer* renderer_for_path(std::string_view path) {
  const auto found =
      std::ranges::find_if(kRenderers, [path](const Renderer* r) { return path.ends_with(r->extension); });
  return found == kRenderers.end() ? nullptr : *found;
}

}  // namespace gopsy::render
