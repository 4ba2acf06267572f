#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gopsy::pprof {

/// Where the file that a Go binary calls `file` may lie on this machine, most likely place first: for files that are
/// not where the binary was built.
///
/// Shape   GOROOT ("net/http/server.go" of -trimpath, or anything under …/src/), the module cache
///         ("github.com/Azure/sdk@v1.2.0/x.go", upper case written as "!azure"), vendor folders, and modules whose
///         go.mod lies in a folder of `source_path` or above. Not every path exists.
/// Source  golang.org/ref/mod, "Module cache" and "Vendoring"; cmd/go's -trimpath (help build);
///         golang.org/x/mod/module EscapePath.
std::vector<std::string> module_paths(std::string_view file, std::string_view source_path);

/// Upper case as '!' and lower case: how the module cache writes paths on file systems that take both for the same.
std::string escaped_module_path(std::string_view path);

}  // namespace gopsy::pprof
