#pragma once

#include <string_view>

#include "app/pprof/session.h"

namespace gopsy::pprof {

/// Names the addresses of mappings that have no symbols yet, from the binaries they name, in this process: Go binaries
/// by their own table, with inlined calls; others by DWARF or symbols; the kernel and its library by what runs here.
/// `mode` is the value of -symbolize.
///
/// Errors  none: what cannot be done is a notice, in pprof's words, and the addresses stay.
/// Source  internal/symbolizer/symbolizer.go; reference/pprof.md section 1.7.
void symbolize(model::Profile& profile, model::Symbols& symbols, std::string_view mode, const Notice& notice);

}  // namespace gopsy::pprof
