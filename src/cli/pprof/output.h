#pragma once

#include <expected>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

#include "analyze/pprof/config.h"
#include "app/pprof/session.h"
#include "app/pprof/settings.h"
#include "io/gzip_stream.h"

namespace gopsy::pprof {

/// Brings a report to where it belongs: through Graphviz if it is a picture, compressed if it is a profile, into the
/// file of -output, a viewer, or standard output; into a file of its own where the bytes would spoil a terminal.
/// Errors  Graphviz, a viewer or the file cannot be had.
std::expected<void, std::string> deliver(const ReportName& report, std::string bytes, const Config& config,
                                         const Notice& notice);

/// The same for a report that comes in pieces, so that it need not be in memory as a whole: profiles compressed, to a
/// file or standard output; text to standard output.
class ReportStream {
 public:
  /// REQUIRES: `config` outlives the stream.
  ReportStream(const ReportName& report, const Config& config, Notice notice);

  /// Whether such a report can be written in pieces: it is not for a viewer, a terminal or Graphviz.
  static bool takes(const ReportName& report, const Config& config);

  [[nodiscard]] bool started() const { return started_; }
  void write(std::string_view piece);
  /// Writes the last piece. Errors  the file cannot be had. REQUIRES: the last call.
  std::expected<void, std::string> finish(std::string_view piece);

 private:
  void send(std::string_view bytes);

  const Config& config_;
  Notice notice_;
  bool started_ = false;
  std::ofstream file_;
  std::optional<io::GzipStream> gzip_;
};

}  // namespace gopsy::pprof
