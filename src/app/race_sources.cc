#include "app/race_sources.h"

#include <algorithm>
#include <filesystem>

#include "analyze/go_lines.h"
#include "app/pprof/sources.h"

namespace gopsy::app {
namespace {

// "Put" of "store.(*Cache).Put.func1".
std::string_view declared_name(std::string_view function) {
  const std::string_view outer = analyze::enclosing_function(function);
  return outer.substr(outer.rfind('.') + 1);
}

// Another file of the same name does not declare the same function.
bool declares_function(const std::vector<std::string>& lines, std::string_view function) {
  const std::string name(declared_name(model::canonical_function(function)));
  return std::ranges::any_of(lines, [&](const std::string& line) {
    if (!line.starts_with("func ")) return false;
    const auto at = analyze::find_word(line, name);
    return at && (line.substr(*at + name.size()).starts_with('(') || line.substr(*at + name.size()).starts_with('['));
  });
}

}  // namespace

RaceSourceFiles::RaceSourceFiles(std::string folder) : folder_(std::move(folder)) {
  std::error_code error;
  if (folder_.empty()) folder_ = std::filesystem::current_path(error).string();
  finder_ = pprof::source_finder(folder_, "");
}

pprof::SourceText RaceSourceFiles::search(std::string_view file, std::string_view function) {
  pprof::SourceText found = finder_(file);
  if (found.error.empty()) return found;
  for (auto at = file.find('/'); at != std::string_view::npos; at = file.find('/', at + 1)) {
    std::error_code error;
    const std::string path = folder_ + "/" + std::string(file.substr(at + 1));
    if (!std::filesystem::is_regular_file(path, error)) continue;
    pprof::SourceText below = finder_(path);
    if (below.error.empty() && declares_function(below.lines, function)) return below;
  }
  return found;
}

const pprof::SourceText* RaceSourceFiles::find(const model::RaceFrame& frame, const model::Symbols& symbols) {
  const std::string_view file = symbols.text(frame.file);
  if (frame.line == 0 || file.empty() || file.starts_with('<')) return nullptr;
  auto& slot = files_[std::string(file)];
  if (!slot) slot = std::make_unique<pprof::SourceText>(search(file, symbols.text(frame.function)));
  return slot->error.empty() && frame.line <= slot->lines.size() ? slot.get() : nullptr;
}

void read_sources(std::vector<analyze::Race>& races, RaceSourceFiles& files, const model::Symbols& symbols) {
  for (analyze::Race& race : races) {
    analyze::RaceSources sources{};
    for (std::size_t i = 0; i < sources.size(); ++i) {
      const auto* frame = race.front().sides[i].nearest();
      const auto* text = frame == nullptr ? nullptr : files.find(*frame, symbols);
      if (text != nullptr) sources[i] = &text->lines;
    }
    analyze::read_source(race, sources, symbols);
  }
}

}  // namespace gopsy::app
