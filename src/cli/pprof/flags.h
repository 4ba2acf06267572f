#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analyze/pprof/config.h"
#include "app/pprof/session.h"

namespace gopsy::pprof {

/// What a command line asks for. `command` is empty for the shell.
struct CommandLine {
  Source source;
  Config config;
  std::vector<std::string> command;
  std::string http;  ///< the address to serve pages on; empty: none
  bool opens_browser = true;
  std::vector<std::string> notices;  ///< said before the work starts
};

/// Reads the arguments of `gopsy pprof` by the rules of Go's flag package: -name, --name, -name=value, -name value;
/// the first word that is no flag ends them. Errors  as pprof words them.
/// Source  internal/driver/cli.go; reference/pprof.md section 1.2.
std::expected<CommandLine, std::string> parse_flags(const std::vector<std::string>& words);

/// A flag that is no setting and no report, for help and completion.
struct OtherFlag {
  std::string_view name;
  bool takes_value = false;
  std::string_view help;
};
std::span<const OtherFlag> other_flags();

}  // namespace gopsy::pprof
