#include "app/pprof/session.h"

#include <algorithm>
#include <set>

#include "analyze/pprof/filters.h"
#include "app/pprof/files.h"
#include "app/pprof/gather.h"
#include "app/pprof/reporting.h"
#include "app/pprof/symbolize.h"
#include "base/format.h"

namespace gopsy::pprof {
namespace {

// Reports add and subtract in 64 bits and wrap round, as those of pprof do.
void warn_of_overflow(const model::Profile& profile, const model::Symbols& symbols, const Notice& notice) {
  for (std::size_t column = 0; column < profile.types.size(); ++column) {
    std::uint64_t sum = 0;
    bool overflow = false;
    for (std::size_t i = 0; i < profile.sample_count() && !overflow; ++i) {
      const std::int64_t value = profile.value(i, column);
      const std::uint64_t size = value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
      overflow = __builtin_add_overflow(sum, size, &sum) || sum > INT64_MAX;
    }
    if (overflow)
      notice(
          fmt::format("the values of {} do not fit into 64 bits together: sums wrap round, as those of pprof do; "
                      "`gopsy flame` and `gopsy diff` stop at the limit",
                      symbols.text(profile.types[column].type)));
  }
}

}  // namespace

std::expected<Session, std::string> Session::open(const Source& source, const Notice& notice) {
  Session session;
  auto gathered = gather(source, session.symbols_, notice);
  if (!gathered) return std::unexpected(gathered.error());
  session.profile_ = std::move(gathered->profile);
  if (source.all_frames) session.profile_.drop_frames = session.profile_.keep_frames = {};
  warn_of_overflow(session.profile_, session.symbols_, notice);
  if (auto done = symbolize(session.profile_, session.symbols_, gathered->sources, source, notice); !done)
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
