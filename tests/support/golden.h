#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace gopsy::test {

/// Does `text` equal the golden file tests/golden/`path`? With GOPSY_UPDATE_GOLDEN=1 in the environment the
/// file is rewritten and the answer is yes; never set it in CI.
///
/// Yields  on a difference: the file, the first line that differs, both versions of it.
testing::AssertionResult matches_golden(std::string_view path, std::string_view text);

/// Where `path`, relative to the root of the sources, is on this disk.
std::string source_path(std::string_view path);

/// Where tests/golden/`path` is on this disk.
std::string golden_path(std::string_view path);

/// The content of a file; a test that asks for a file that is not there fails.
std::string read_file(const std::string& path);

/// The content of tests/golden/`path`.
std::string golden_input(std::string_view path);

/// The files of tests/golden/`folder` whose names start with `prefix` and do not end in ".want", sorted;
/// paths relative to tests/golden.
std::vector<std::string> golden_inputs(std::string_view folder, std::string_view prefix);

}  // namespace gopsy::test
