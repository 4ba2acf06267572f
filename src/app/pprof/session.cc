#include "app/pprof/session.h"

#include <algorithm>
#include <set>

#include "analyze/pprof/filters.h"
#include "app/pprof/files.h"
#include "app/pprof/gather.h"
#include "app/pprof/reporting.h"

namespace gopsy::pprof {
std::expected<Session, std::string> Session::open(const Source& source, const Notice& notice) {
  Session session;
  auto gathered = gather(source, session.symbols_, notice);
  if (!gathered) return std::unexpected(gathered.error());
  session.profile_ = std::move(gathered->profile);
  if (source.all_frames) session.profile_.drop_frames = session.profile_.keep_frames = {};
  if (auto done = symbolize_remotely(session.profile_, session.symbols_, gathered->sources, source); !done)
    return std::unexpected(done.error());
  remove_uninteresting(session.profile_, session.symbols_);
  forget_sources(session.profile_, session.symbols_);
  if (!source.comment.empty()) session.profile_.comments.push_back(session.symbols_.intern(source.comment));
  if (gathered->fetched) save_fetched(session.profile_, session.symbols_, notice);
  return session;
}

std::expected<std::string, std::string> Session::report(const std::vector<std::string>& command, const Config& config,
                                                        const Notice& notice) {
  return make_report(profile_, symbols_, command, config, notice);
}

std::expected<std::string, std::string> Session::last_report(const std::vector<std::string>& command,
                                                             const Config& config, const Notice& notice,
                                                             const Notice& drain) {
  return make_report(std::move(profile_), symbols_, command, config, notice, drain);
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

std::expected<std::string, std::string> Session::sample_type(const std::string& index) const {
  const auto column = column_of(profile_, index, symbols_);
  if (!column) return std::unexpected(column.error());
  return std::string(symbols_.text(profile_.types[*column].type));
}

std::vector<std::string> Session::labels(const Config& config) { return heading(profile_, symbols_, config); }

std::vector<std::string> Session::functions_with(std::string_view part) const {
  std::set<std::string> names;
  for (const auto& function : profile_.functions) {
    const std::string_view name = symbols_.text(function.name);
    if (name.contains(part)) names.emplace(name);
  }
  return {names.begin(), names.end()};
}

}  // namespace gopsy::pprof
