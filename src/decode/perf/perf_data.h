#pragma once

#include "decode/decoder.h"

namespace gopsy::decode {

/// A recording of `perf record`: perf.data, or what `perf record -o -` pipes.
///
/// Shape   data_file.h: either layout, either byte order, compressed records (`perf record -z`) included.
/// Yields  model::Profile with the columns of columns.h, labels thread_comm, pid and tid, addresses without names in
///         mappings with the build ids of the recording; return addresses are moved into the call, but not
///         the places where kernel and program were left. The mapping of the program that was sampled goes first.
///         Counts of "samples", in which those are that perf lost.
/// Errors  those of read_perf_file; Malformed: there are samples and none can be read.
/// Cost    one pass and a sort by time; a look-up in the mappings a frame.
/// Source  Linux include/uapi/linux/perf_event.h, tools/perf/util/session.c and machine.c.
extern const Decoder kPerfData;

}  // namespace gopsy::decode
