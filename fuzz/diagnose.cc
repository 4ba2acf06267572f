// The whole way of a text: decoder, every rule, every report, the flame graph. Seeds: the goldens of crash logs.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "app/flame.h"
#include "base/check.h"
#include "decode/decoder.h"
#include "render/renderer.h"
#include "rules/rule.h"

using namespace gopsy;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(bytes), size);
  const auto* decoder = decode::sniff(input);
  if (decoder == nullptr) return 0;
  model::Incident incident;
  auto evidence = decoder->decode(input, incident.symbols);
  if (!evidence) return 0;
  evidence->path = "input";
  evidence->format = decoder->name;
  incident.evidence.push_back(*std::move(evidence));

  const render::Report report{.incident = incident, .findings = rules::diagnose(incident)};
  for (const auto& finding : report.findings) {
    GOPSY_CHECK(!finding.id.empty() && !finding.title.empty() && !finding.why.empty() && !finding.fix.empty());
    GOPSY_CHECK(!finding.evidence.empty() && !finding.confirm.empty() && !finding.next.empty());
    GOPSY_CHECK(finding.confidence > 0 && finding.confidence <= 1);
  }
  Stats stats;
  const auto flame = app::flame_of(incident, {}, stats);
  for (const auto* renderer : render::renderers()) {
    std::string out;
    if (renderer->report != nullptr) renderer->report(report, {.color = true}, out);
    if (renderer->flame != nullptr && flame)
      renderer->flame(
          {.graph = flame->graph, .symbols = incident.symbols, .title = flame->title, .subtitle = flame->subtitle}, {},
          out);
  }
  return 0;
}
