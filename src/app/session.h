#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analyze/trace/question.h"
#include "app/wall_clock.h"
#include "base/stats.h"
#include "io/bytes.h"
#include "io/source.h"
#include "model/evidence.h"

namespace gopsy::app {

struct LoadOptions {
  std::string format;     ///< a decoder's name; empty: found out by content
  std::string otherwise;  ///< the decoder that says what is wrong with what no format fits; empty: none
  io::Limits limits;
  /// What execution traces are asked: nothing but profiles, unless somebody looks for findings.
  analyze::TraceQuestion trace{.profiles_only = true};
  std::string executable;                                 ///< of cores and processes; empty: it is looked for
  std::vector<std::uint32_t> pids;                        ///< processes to read, before all else
  std::optional<WallClockOptions> sampling;               ///< processes are looked at for a while, not once
  std::function<void(const std::string& path)> on_piece;  ///< called before each piece is read
  /// Called with each evidence; true: it was used up, and is not kept. For work whose memory is that of its result.
  std::function<bool(model::Evidence& evidence)> take;
  /// Brings what a name stands for that is no file. Nothing: it is a file after all. See app/remote.h.
  std::function<std::optional<std::expected<io::Bytes, std::string>>(const std::string& name)> fetch;
};

/// Opens everything in `what`, finds out what it is, and decodes it into `incident`.
///
/// Shape   a name of digits that is no file is the number of a process, and so is "pid:N".
/// Yields  evidence in the order of `what` (folders and archives in the order of names). What cannot be
///         read becomes a row of `unreadable` with path, place and remedy; texts without any mark of Go
///         inside folders and archives become `passed_over`.
/// Errors  none: an unknown `format` is the caller's to refuse (decode::find_decoder).
void load(const std::vector<std::string>& what, const LoadOptions& options, model::Incident& incident, Stats& stats);

/// The sentence for a failure: "byte 18,204 of the inflated profile: …; fetch it again".
std::string explain(const Error& error, std::string_view what_it_is);

}  // namespace gopsy::app
