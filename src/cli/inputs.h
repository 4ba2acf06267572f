#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/stats.h"
#include "cli/command.h"
#include "model/evidence.h"

namespace gopsy::cli {

// Flags of every command that reads evidence; spread them into the command's own table.
#define GOPSY_INPUT_FLAGS                                                                                             \
  Flag{"--format", "NAME", "take every input for this format (see `gopsy formats`) instead of looking"},              \
      Flag{"--pid", "N", "read a process that runs, without stopping it; a number that is no file means the same"},   \
      Flag{"--exe", "FILE", "the executable of a core or process (default: it is looked for)"},                       \
      Flag{"--max-bytes", "N", "stop inflating after so many bytes in all (default 8 GiB; 512M, 2G are understood)"}, \
      Flag{"--stats", "", "print to stderr where time and memory went"}

// Of commands that look at a living process for a while.
#define GOPSY_SAMPLING_FLAGS                                                                                  \
  Flag{"--seconds", "S",                                                                                      \
       "with --pid: look at its goroutines for so long, and draw where they spend time, running or waiting"}, \
      Flag{"--hertz", "N", "how often to look (default 10), as long as it takes no more than a quarter of a CPU"}

// Of commands that show stacks.
#define GOPSY_GROUP_FLAG \
  Flag{"--by", "KEYS", "group by labels: a frame \"key=value\" at the root for each of the keys (tenant,path)"}

// Of commands that judge execution traces.
#define GOPSY_THRESHOLD_FLAG \
  Flag{"--threshold", "D", "of execution traces: from how long on a wait or a stop is worth a word (default 10ms)"}

/// What --threshold says; yields a message if that is no duration.
std::string threshold_of(const Invocation& invocation, std::int64_t& threshold_ns);

/// Loads the operands as the input flags say. False, with a message on stderr, for a flag that makes no sense.
bool load_inputs(const Invocation& invocation, model::Incident& incident, Stats& stats);

/// The same with all that rules look at: of execution traces every analysis is made, which takes twice the time.
bool load_for_findings(const Invocation& invocation, model::Incident& incident, Stats& stats);

/// The same for other operands than all of them, with LoadOptions::take.
bool load_inputs(const Invocation& invocation, const std::vector<std::string>& operands,
                 const std::function<bool(model::Evidence&)>& take, model::Incident& incident, Stats& stats);

/// Prints the table of `--stats` if it was asked for.
void print_stats(const Invocation& invocation, const Stats& stats);

/// 0, or 2 if something the user named could not be read, or 3 if nothing at all was left to read.
int exit_for_inputs(const model::Incident& incident);

}  // namespace gopsy::cli
