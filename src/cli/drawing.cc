#include "cli/drawing.h"

#include "base/format.h"
#include "cli/terminal.h"

namespace gopsy::cli {

bool draw_flame(const render::Renderer& renderer, app::FlameRequest request, const std::string& path,
                model::Incident& incident, Stats& stats, bool name_left_out) {
  request.most_nodes = renderer.most_nodes;
  // What is read by other tools must hold every frame; a picture is for people.
  if (renderer.most_nodes == 0) request.options.fold_cycles = false;
  const auto flame = app::flame_of(incident, request, stats);
  if (!flame) {
    print_error(message(flame.error()));
    return false;
  }
  for (const auto& row : name_left_out ? flame->left_out : std::vector<std::string>())
    print_error(fmt::format("not drawn: {}", row));
  std::string out;
  {
    Stats::Timer timer(stats, "render");
    renderer.flame(
        {.graph = flame->graph, .symbols = incident.symbols, .title = flame->title, .subtitle = flame->subtitle}, {},
        out);
  }
  return write_output(path, out);
}

}  // namespace gopsy::cli
