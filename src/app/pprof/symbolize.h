#pragma once

#include <expected>
#include <string>

#include "app/pprof/remote_symbols.h"
#include "app/pprof/session.h"

namespace gopsy::pprof {

/// Names the addresses of mappings that have no symbols yet, as -symbolize asks: from the binaries they name, in this
/// process (Go binaries by their own table, with inlined calls; others by DWARF or symbols; the kernel and its library
/// by what runs here), then by the servers they came from; and demangles all names.
///
/// Errors  a server that does not answer. What cannot be done here is a notice, in pprof's words; addresses stay.
/// Source  internal/symbolizer/symbolizer.go; reference/pprof.md section 1.7.
std::expected<void, std::string> symbolize(model::Profile& profile, model::Symbols& symbols,
                                           const MappingSources& sources, const Source& source, const Notice& notice);

}  // namespace gopsy::pprof
