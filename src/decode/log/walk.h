#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "decode/log/demux.h"

namespace gopsy::decode::log {

/// Reads a log of any size: lines far from every anchor are counted and passed over, all others go to `demux`.
///
/// Yields  how many lines there are, and whether the last ended in a newline.
/// Cost    the search for anchors over all bytes; `passed` is told every few MiB how far it came, so that memory
///         behind can be given back.
struct Walked {
  std::uint32_t lines = 0;
  bool complete = true;
};
Walked walk(std::string_view bytes, Demux& demux, const std::function<void(std::size_t)>& passed);

}  // namespace gopsy::decode::log
