#pragma once

#include <string>

namespace gopsy::pprof {

/// The settings of pprof's reports, by the names of its flags: what a command line or a shell's assignments make.
/// Source  github.com/google/pprof internal/driver/config.go; reference/pprof.md section 1.2.
struct Config {
  std::string output;

  bool call_tree = false;
  bool relative_percentages = false;
  std::string unit = "minimum";
  bool compact_labels = false;
  std::string source_path;
  std::string trim_path;
  bool intel_syntax = false;
  bool mean = false;
  std::string sample_index;
  double divide_by = 1;
  bool normalize = false;
  std::string sort = "flat";  ///< "flat" or "cum"

  std::string tagroot;
  std::string tagleaf;

  bool drop_negative = false;
  int nodecount = -1;
  double nodefraction = 0.005;
  double edgefraction = 0.001;
  bool trim = true;
  std::string focus;
  std::string ignore;
  std::string prune_from;
  std::string hide;
  std::string show;
  std::string show_from;
  std::string tagfocus;
  std::string tagignore;
  std::string tagshow;
  std::string taghide;
  bool noinlines = false;
  bool showcolumns = false;

  /// "functions", "filefunctions", "files", "lines" or "addresses"; empty = what the report takes by itself.
  std::string granularity;
};

}  // namespace gopsy::pprof
