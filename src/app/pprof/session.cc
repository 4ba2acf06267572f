#include "app/pprof/session.h"

#include <algorithm>
#include <set>

#include "analyze/pprof/filters.h"
#include "app/pprof/reporting.h"
#include "app/session.h"
#include "base/format.h"

namespace gopsy::pprof {
namespace {

using Failed = std::unexpected<std::string>;

// What the command line says of the main binary. A profile without mappings gets one, so that there is something to say
// it of.
void override_main_mapping(model::Profile& profile, const Source& source, model::Symbols& symbols) {
  if (profile.mappings.empty()) {
    profile.mappings.push_back({.id = 1});
    for (auto& location : profile.locations) location.mapping = 0;
  }
  auto& main = profile.mappings[0];
  if (!source.executable.empty()) main.file = symbols.intern(source.executable);
  if (!source.build_id.empty() && !main.build_id) main.build_id = symbols.intern(source.build_id);
}

}  // namespace

std::expected<Session, std::string> Session::open(const Source& source, const Notice& notice) {
  Session session;
  model::Incident incident;
  Stats stats;
  for (const std::string& name : source.sources) {
    app::load({name}, {}, incident, stats);
  }
  for (const auto& refused : incident.unreadable) notice(refused.path + ": " + refused.message);
  const auto found = std::ranges::find_if(incident.evidence, [](const auto& e) { return e.profile.has_value(); });
  if (found == incident.evidence.end()) return Failed("failed to fetch any source profiles");
  session.profile_ = std::move(*found->profile);
  session.symbols_ = std::move(incident.symbols);
  override_main_mapping(session.profile_, source, session.symbols_);
  if (source.all_frames) session.profile_.drop_frames = session.profile_.keep_frames = {};
  remove_uninteresting(session.profile_, session.symbols_);
  if (!source.comment.empty()) session.profile_.comments.push_back(session.symbols_.intern(source.comment));
  return session;
}

std::expected<std::string, std::string> Session::report(const std::vector<std::string>& command, const Config& config,
                                                        const Notice& notice) {
  return make_report(profile_, symbols_, command, config, notice);
}

std::expected<std::string, std::string> Session::last_report(const std::vector<std::string>& command,
                                                             const Config& config, const Notice& notice) {
  return make_report(std::move(profile_), symbols_, command, config, notice);
}

std::vector<std::string> Session::sample_types() const {
  std::vector<std::string> types;
  for (const auto& type : profile_.types) types.emplace_back(symbols_.text(type.type));
  return types;
}

std::string Session::default_sample_type() const {
  return profile_.types.empty() ? std::string()
                                : std::string(symbols_.text(profile_.types[profile_.default_column()].type));
}

std::vector<std::string> Session::functions_with(std::string_view part) const {
  std::set<std::string> names;
  for (const auto& function : profile_.functions) {
    const std::string_view name = symbols_.text(function.name);
    if (name.contains(part)) names.emplace(name);
  }
  return {names.begin(), names.end()};
}

}  // namespace gopsy::pprof
