#pragma once

#include <memory>

#include "render/pprof/report.h"

namespace gopsy::pprof {

/// Disassembles the binaries that the mappings of a profile name, in this process.
/// Source  internal/binutils (Symbols, Disasm), without its nm and objdump.
std::unique_ptr<Disassembler> disassembler(const model::Profile& profile, const model::Symbols& symbols);

}  // namespace gopsy::pprof
