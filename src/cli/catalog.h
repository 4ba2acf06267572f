#pragma once

#include "cli/command.h"

// Every command, once, in the order of the help. Adding one: a file under commands/ that defines the
// constant, and its name here; help, completion and the docs follow.
#define GOPSY_COMMANDS(ROW) \
  ROW(kDiagnose)            \
  ROW(kGoroutines)          \
  ROW(kFlame)               \
  ROW(kPprof)               \
  ROW(kMerge)               \
  ROW(kConvert)             \
  ROW(kDiff)                \
  ROW(kRuntime)             \
  ROW(kRace)                \
  ROW(kTrace)               \
  ROW(kHeap)                \
  ROW(kSnapshot)            \
  ROW(kFormats)             \
  ROW(kRules)               \
  ROW(kCompletion)          \
  ROW(kHelp)

namespace gopsy::cli {

#define GOPSY_DECLARE_COMMAND(name) extern const Command name;
GOPSY_COMMANDS(GOPSY_DECLARE_COMMAND)
#undef GOPSY_DECLARE_COMMAND

}  // namespace gopsy::cli
