#pragma once

#include <vector>

#include "decode/traceback/reader.h"

namespace gopsy::decode::log {

/// The readings of the processes of one file as one, each thing at its place by line number.
traceback::Reading merged(std::vector<traceback::Reading> readings);

}  // namespace gopsy::decode::log
