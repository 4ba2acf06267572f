#pragma once

#include <string_view>

#include "model/evidence.h"

namespace gopsy::decode {

/// Narrows `version` by what a function's name and file tell about the toolchain that compiled it.
///
/// Source  packages that were made or moved: internal/runtime/atomic (1.23), internal/runtime/maps and
///         internal/sync (1.24); type arguments of shapes in profiles (1.21, reference/flame-graph.md finding 2).
///         A GOROOT that carries its version ("/go1.23.5/src/runtime/", "golang.org/toolchain@v0.0.1-go1.23.5.")
///         is believed for functions of the runtime only: a project may live in a folder of any name.
void note_version(model::GoVersion& version, std::string_view function, std::string_view file);

}  // namespace gopsy::decode
