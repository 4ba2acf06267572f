#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/profile.h"
#include "model/symbols.h"
#include "model/trace.h"
#include "model/traceback.h"

namespace gopsy::model {

/// How many things a decoder met and what became of them: read = kept + the sum of skipped.
struct Counts {
  struct Skipped {
    std::string reason;
    std::uint64_t count = 0;
  };

  std::string what;  ///< in the plural: "samples", "goroutines", "stacks"
  std::uint64_t read = 0;
  std::uint64_t kept = 0;
  std::vector<Skipped> skipped;

  void skip(std::string_view reason, std::uint64_t count = 1);
};

/// The Go minor versions that can have written a piece of evidence, and the marks that set the bounds.
struct GoVersion {
  unsigned oldest = 0;  ///< 0 = no lower bound; 23 = Go 1.23
  unsigned newest = 0;  ///< 0 = no upper bound
  std::string exact;    ///< "go1.23.5" where the evidence spells it out
  std::string oldest_mark;
  std::string newest_mark;
  std::string exact_mark;

  /// Each mark narrows the range; one that contradicts the range so far, or adds nothing, is ignored.
  void at_least(unsigned minor, std::string_view mark);
  void at_most(unsigned minor, std::string_view mark);
  void is_exactly(std::string_view version, std::string_view mark);

  /// The marks behind the answer: one for an exact version, else one for each bound.
  [[nodiscard]] std::vector<std::string> because() const;

  /// "1.23", "1.21 to 1.22", "1.27 or later", empty if nothing is known.
  [[nodiscard]] std::string text() const;
};

/// One decoded input.
struct Evidence {
  std::string path;         ///< as the user named it; "a.tar:b/cpu.pb.gz" inside an archive
  std::string_view format;  ///< the name in the registry of decoders
  std::uint64_t bytes = 0;  ///< after inflation
  std::vector<Counts> counts;
  GoVersion go_version;
  std::string process;  ///< program, where it says so
  std::string kind;     ///< "CPU profile", "crash: stack overflow", …: what it is in three words
  std::int64_t time_ns = 0;
  std::string cut;                 ///< where and how the input ends too early; empty if it is whole
  std::vector<std::string> notes;  ///< how it was read, where that is no matter of course; sentences without a stop
  std::optional<Profile> profile;
  std::optional<Log> log;
  std::optional<TraceReport> trace;
};

/// An input that could not be read, with the sentence for the user (place and remedy included).
struct Unreadable {
  std::string path;
  std::string message;
  bool empty = false;  ///< it was there and held nothing
};

/// Everything of one run.
struct Incident {
  Symbols symbols;
  std::vector<Evidence> evidence;
  std::vector<Unreadable> unreadable;
  std::vector<std::string> passed_over;  ///< members of folders and archives that hold no evidence: readmes, sources
};

}  // namespace gopsy::model
