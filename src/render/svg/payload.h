#pragma once

#include <cstddef>
#include <string>

#include "analyze/flame_graph.h"
#include "model/symbols.h"

namespace gopsy::render {

/// The call tree for the script of the drawing.
///
/// Shape   JSON text: `type`, `unit`, `scale` (values are multiples of it), `nodes`, `raw` (inflated
///         bytes) and `z`: base64 of a raw deflate stream of unsigned LEB128 numbers and texts:
///         texts: their number, then each with a 0 byte; entries: their number, then per entry the text
///         of its name, 1 + the text of its file or 0, a byte of its CSS prefix, one of its shade, a
///         byte of flags (1 inlined, 2 marker); callees: per entry a count and entries as differences;
///         then columns over the nodes in pre-order, each a row of numbers: children; the place of the
///         node's entry among its parent's callees, less that of the sibling before it and 1; self;
///         weight of callees left out; then the number of folded cycles and per cycle the difference
///         to the node of the one before, period and repeats. The root has no place: it has no entry.
///         With `sides` in the head two more columns follow: what each node cost before, and after, with its
///         callees, signed (zigzag), in the unit itself.
///         Places rather than names: a caller has few callees, and the deflater sees small numbers.
/// Yields  the largest nodes only where all would exceed `most_bytes` of base64.
/// Cost    deflate dominates: about 40 ms for 200,000 nodes.
struct Payload {
  std::string json;
  std::size_t nodes = 0;       ///< kept, root included
  std::int64_t threshold = 0;  ///< nodes below this weight were left out; 0 if none was
};

Payload encode_payload(const analyze::FlameGraph& graph, const model::Symbols& symbols, std::size_t most_bytes);

}  // namespace gopsy::render
