#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/line_completion.h"

namespace gopsy::pprof {

/// Names that contain a text; whatever the user may mean by a word behind a report's name.
using NamesWith = std::function<std::vector<std::string>(std::string_view part)>;

/// Completes the last word: the first one to a report, a setting or a word of the shell; the one behind "help" too;
/// behind "setting=" to one of its choices; others to the function that alone contains it, or, where several do and
/// begin with it, as far as they agree. `types` are the profile's sample types, shortcuts and values of sample_index.
///
/// Source  internal/driver/interactive.go newCompleter, matchVariableOrCommand, functionCompleter.
cli::Completion complete(std::string_view line, const std::vector<std::string>& types, const NamesWith& functions);

}  // namespace gopsy::pprof
