#pragma once

#include <string_view>

#include "base/error.h"
#include "decode/trace/pages.h"
#include "model/trace.h"

namespace gopsy::decode::trace {

struct ReadOptions {
  /// Go on after damage: what can be read is, and the report says what could not.
  bool salvage = false;
};

/// Reads an execution trace of any format and hands its events on in order.
///
/// Shape   `head` is the first bytes of it, at least kHeaderBytes of a whole one; `pages` brings what follows them.
///         Formats newer than the newest known are read as that.
/// Yields  the events that the official reader yields, in its order, at its times; with `salvage` those of a damaged
///         trace too. `report` is filled in either way, up to the error if there is one.
/// Errors  without `salvage`, where the official reader gives up; events before that were handed on. With it only where
///         the head is that of no trace.
/// Cost    v2: about 25 ns an event, and the tables of one generation with the state of what lives; v1: the events of
///         the whole trace, 24 bytes each.
Result<void> read(std::string_view head, PageSource& pages, const ReadOptions& options, model::TraceSink& sink,
                  model::TraceReport& report);

/// Hands every record of a v2 trace on as it stands in the file, unordered and hardly checked.
/// Errors  at the first record that cannot be read; a trace that ends between two numbers of a record ends silently.
/// Source  internal/trace/raw/reader.go.
Result<void> read_records(std::string_view head, PageSource& pages, model::TraceRecordSink& sink);

}  // namespace gopsy::decode::trace
