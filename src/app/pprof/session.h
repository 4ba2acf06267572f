#pragma once

#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "analyze/pprof/config.h"
#include "model/evidence.h"

namespace gopsy::pprof {

/// Where the profiles of one run come from: the flags of pprof that are not settings of a report.
struct Source {
  std::vector<std::string> sources;
  std::string executable;  ///< the first of several operands, if it is an ELF file
  std::string build_id;    ///< -buildid
  std::vector<std::string> base;
  bool diff_base = false;
  bool normalize = false;
  int seconds = -1;
  int timeout = -1;
  std::string symbolize;
  std::string tools;
  std::string comment;
  std::string tls_cert;
  std::string tls_key;
  std::string tls_ca;
  bool all_frames = false;
};

/// What goes to standard error while a command runs: progress, warnings. Without a line's end.
using Notice = std::function<void(std::string_view)>;

/// The profile of a run: fetched, merged, symbolized, and kept as it is while reports are made of copies.
class Session {
 public:
  /// Fetches and merges all sources. Errors  a text as pprof words it, without its "pprof: " prefix.
  static std::expected<Session, std::string> open(const Source& source, const Notice& notice);

  /// Makes one report. `command` is the name ("top", "list", ...) and, for some, its regular expression. Yields the
  /// bytes to write: the caller knows where to (config.output, a viewer, standard output). A drawing is Graphviz text.
  std::expected<std::string, std::string> report(const std::vector<std::string>& command, const Config& config,
                                                 const Notice& notice);

  /// The same for a run that makes one report: takes the profile itself, so that it is in memory once. With `drain`,
  /// reports that list every sample are handed over piece by piece, and only their end is returned.
  std::expected<std::string, std::string> last_report(const std::vector<std::string>& command, const Config& config,
                                                      const Notice& notice, const Notice& drain = {});

  /// Names of the profile's sample types, in order; for the shell's shortcuts.
  [[nodiscard]] std::vector<std::string> sample_types() const;
  /// The column shown if the settings name none.
  [[nodiscard]] std::string default_sample_type() const;
  /// The name of the column that a setting's text means.
  [[nodiscard]] std::expected<std::string, std::string> sample_type(const std::string& index) const;
  /// The heading of reports with these settings: file, type, time, duration.
  std::vector<std::string> labels(const Config& config);
  /// Function names with `part` in them, sorted; for completion.
  [[nodiscard]] std::vector<std::string> functions_with(std::string_view part) const;
  [[nodiscard]] const model::Profile& profile() const { return profile_; }
  [[nodiscard]] const model::Symbols& symbols() const { return symbols_; }

 private:
  Session() = default;
  model::Symbols symbols_;
  model::Profile profile_;
};

}  // namespace gopsy::pprof
