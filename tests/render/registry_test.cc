#include <gtest/gtest.h>

#include <set>
#include <string>

#include "render/renderer.h"
#include "support/golden.h"

namespace gopsy::render {
namespace {

TEST(RendererRegistry, EveryRowCanWriteSomethingAndHasItsLineInTheDocs) {
  const std::string page = test::read_file(test::source_path("docs/renderers.md"));
  std::set<std::string_view> names;
  std::set<std::string_view> extensions;
  for (const Renderer* renderer : renderers()) {
    EXPECT_TRUE(names.insert(renderer->name).second) << renderer->name;
    EXPECT_TRUE(extensions.insert(renderer->extension).second) << renderer->extension;
    EXPECT_TRUE(renderer->report != nullptr || renderer->flame != nullptr) << renderer->name;
    EXPECT_FALSE(renderer->mime.empty() || renderer->summary.empty()) << renderer->name;
    EXPECT_NE(page.find("| `" + std::string(renderer->name) + "` |"), std::string::npos) << renderer->name;
    EXPECT_EQ(find_renderer(renderer->name), renderer);
    EXPECT_EQ(renderer_for_path("out" + std::string(renderer->extension)), renderer);
  }
}

TEST(RendererRegistry, AnEmptyIncidentIsAReportInEveryForm) {
  const model::Incident nothing;
  for (const Renderer* renderer : renderers()) {
    if (renderer->report == nullptr) continue;
    std::string out;
    renderer->report({.incident = nothing, .findings = {}}, {}, out);
    EXPECT_TRUE(out.ends_with("\n")) << renderer->name;
  }
}

}  // namespace
}  // namespace gopsy::render
