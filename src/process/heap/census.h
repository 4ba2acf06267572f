#pragma once

#include "model/heap_census.h"
#include "process/heap/spans.h"

namespace gopsy::process {

/// Counts what is on the heap of a process, from its list of spans.
///
/// Shape   `largest`: how many of the largest objects are named one by one. Of a process that runs on, spans are read
/// at
///         slightly different moments.
/// Errors  as find_spans.
/// Cost    a read of a span and its bitmap, and of the first word of each object that has a type; the heap itself is
///         not read. 11 million objects on 180,000 spans of a core: well under 0.2 s.
/// Source  runtime/mheap.go mspan.isFree; runtime/mbitmap.go heapBitsInSpan, typePointersOfUnchecked;
///         reference/process-image.md section 7.
Result<model::HeapCensus> heap_census(const GoRuntime& runtime, std::size_t largest);

}  // namespace gopsy::process
