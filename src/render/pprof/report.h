#pragma once

#include <re2/re2.h>

#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analyze/pprof/config.h"
#include "analyze/pprof/labels.h"
#include "analyze/pprof/trim.h"
#include "model/profile.h"
#include "model/symbols.h"

namespace gopsy::pprof {

/// Finds the lines of a source file by the name that a profile has for it; empty path if there is none.
struct SourceText {
  std::string path;
  std::vector<std::string> lines;
  std::string error;  ///< why not, as pprof says it
};
using SourceFinder = std::function<SourceText(std::string_view file)>;

/// One instruction, with the place in the source that it was made from.
struct Instruction {
  std::uint64_t address = 0;
  std::string text;
  std::string function;
  std::string file;
  std::int64_t line = 0;
};

/// A piece of code with the names that a symbol table has for its start.
struct Routine {
  std::vector<std::string> names;
  std::uint64_t begin = 0;  ///< in the addresses of the file
  std::uint64_t end = 0;
  std::uint64_t shift = 0;  ///< what to take from an address of the profile for one of the file
  std::size_t mapping = 0;  ///< index into Profile::mappings
};

/// What knows the code of a profile's binaries.
class Disassembler {
 public:
  Disassembler() = default;
  Disassembler(const Disassembler&) = delete;
  Disassembler& operator=(const Disassembler&) = delete;
  virtual ~Disassembler() = default;

  /// The routines of a mapping's binary whose name matches, or that hold the address; none if there is no binary.
  virtual std::vector<Routine> routines(std::size_t mapping, const RE2& name, std::optional<std::uint64_t> address) = 0;
  virtual std::expected<std::vector<Instruction>, std::string> instructions(const Routine& routine, bool intel) = 0;
};

struct Format;

/// Everything one report is made of: a profile that is its own to change, and settings resolved for it.
/// Source  internal/report/report.go Options; reference/pprof.md section 3.
struct Report {
  model::Profile& profile;
  model::Symbols& symbols;
  const Format& format;

  bool by_cum = false;
  bool call_tree = false;
  bool drop_negative = false;
  bool compact_labels = false;
  bool intel_syntax = false;
  double ratio = 1;
  std::string title;
  std::vector<std::string> filters;
  LabelUnits label_units;
  std::size_t node_count = 0;
  double node_fraction = 0;
  double edge_fraction = 0;
  std::size_t column = 0;
  bool mean = false;
  std::string sample_type;
  std::string sample_unit;
  std::string unit;  ///< what values are shown in; "minimum" until a graph decided
  std::shared_ptr<RE2> symbol;
  std::string symbol_text;
  std::string source_path;
  std::string trim_path;
  std::int64_t total = 0;
  SourceFinder source;
  Disassembler* disassembler = nullptr;
  /// Takes what a long report has so far, where it can be written at once; empty: the report is kept whole.
  std::function<void(std::string_view)> drain;

  void drain_if_large(std::string& out) const {
    constexpr std::size_t kLarge = std::size_t{1} << 20;
    if (!drain || out.size() < kLarge) return;
    drain(out);
    out.clear();
  }
  [[nodiscard]] std::string value(std::int64_t v) const;
  [[nodiscard]] std::string percent(std::int64_t v) const;
  [[nodiscard]] std::int64_t sample_value(std::size_t sample) const { return profile.value(sample, column); }
};

/// The sum of all samples, as percentages have it: of the base alone where a base is marked.
std::int64_t total_of(const model::Profile& profile, std::size_t column, bool mean, const model::Symbols& symbols);

/// The path as reports show it: without the prefixes of -trim_path, or up to the name of a -source_path.
std::string trimmed_path(std::string_view path, std::string_view trim_path, std::string_view source_path);

/// The report's graph, trimmed; sets the unit of the report. Changes the profile: files lose their prefixes.
Trimmed graph_of(Report& report, Detail detail);

/// The same for reports that show each value in the unit that fits it.
Trimmed unscaled_graph_of(Report& report, Detail detail);

/// The lines above a report: file, type, time, ...
std::vector<std::string> profile_labels(const Report& report);

/// The same and what was left out.
std::vector<std::string> report_labels(const Report& report, const Trimmed& trimmed, bool full);

/// How one report is written: a row of the table. Errors  the text of what is wrong.
struct Format {
  std::string_view name;
  bool object_names = false;  ///< functions of different binaries stay apart
  bool drawn = false;
  bool exact = false;   ///< every place by its address, nothing trimmed
  bool binary = false;  ///< a profile, which goes into a file compressed
  std::expected<std::string, std::string> (*write)(Report& report) = nullptr;
};

std::span<const Format* const> formats();
const Format* find_format(std::string_view name);

#define GOPSY_PPROF_FORMATS(ROW) \
  ROW(kComments)                 \
  ROW(kTop)                      \
  ROW(kTree)                     \
  ROW(kPeek)                     \
  ROW(kTraces)                   \
  ROW(kTags)                     \
  ROW(kRaw)                      \
  ROW(kDot)                      \
  ROW(kCallgrind)                \
  ROW(kFlamegraph)               \
  ROW(kList)                     \
  ROW(kDisasm)                   \
  ROW(kWebList)                  \
  ROW(kProto)                    \
  ROW(kTopProto)

#define GOPSY_DECLARE_FORMAT(name) extern const Format name;
GOPSY_PPROF_FORMATS(GOPSY_DECLARE_FORMAT)
#undef GOPSY_DECLARE_FORMAT

}  // namespace gopsy::pprof
