#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "app/pprof/session.h"

namespace gopsy::pprof {

/// Makes a file that was not there, "FOLDER/PREFIX001SUFFIX" with the first number that is free, and yields its path.
///
/// Shape   the folder is $PPROF_TMPDIR, else $HOME/pprof, else $TMPDIR or /tmp: the first that is there or can be made;
///         a notice tells of each that cannot.
/// Source  internal/driver/fetch.go setTmpDir, tempfile.go newTempFile.
std::expected<std::string, std::string> new_file(std::string_view prefix, std::string_view suffix,
                                                 const Notice& notice);

/// The name of a fetched profile's copy up to its number: "pprof.BINARY.TYPE.TYPE.".
std::string saved_prefix(const model::Profile& profile, const model::Symbols& symbols);

/// Keeps a copy of a fetched profile, and says where in a notice, or why not.
/// Source  internal/driver/fetch.go fetchProfiles.
void save_fetched(const model::Profile& profile, const model::Symbols& symbols, const Notice& notice);

}  // namespace gopsy::pprof
