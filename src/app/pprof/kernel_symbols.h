#pragma once

#include <cstdint>
#include <vector>

#include "binary/pclntab.h"

namespace gopsy::pprof {

/// The function of the running kernel at an address.
/// Empty if the kernel keeps its addresses to itself (kptr_restrict), or has none there.
/// Cost    reads /proc/kallsyms once, about 200,000 lines.
std::vector<binary::SourceFrame> kernel_frames(std::uint64_t address);

}  // namespace gopsy::pprof
