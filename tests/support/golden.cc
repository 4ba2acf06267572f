#include "support/golden.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/text.h"

namespace gopsy::test {
namespace {

testing::AssertionResult first_difference(const std::string& file, std::string_view want, std::string_view got) {
  LineReader want_lines(want);
  LineReader got_lines(got);
  for (;;) {
    const bool more_want = want_lines.next();
    const bool more_got = got_lines.next();
    if (!more_want && !more_got) return testing::AssertionFailure() << file << ": only line ends differ";
    if (more_want && more_got && want_lines.line() == got_lines.line()) continue;
    return testing::AssertionFailure() << file << ':' << (more_want ? want_lines.number() : got_lines.number())
                                       << "\n  want: " << (more_want ? want_lines.line() : "(end of text)")
                                       << "\n  got:  " << (more_got ? got_lines.line() : "(end of text)")
                                       << "\nGOPSY_UPDATE_GOLDEN=1 rewrites the file if the new text is right.";
  }
}

}  // namespace

std::string source_path(std::string_view path) { return std::string(GOPSY_SOURCE_DIR "/") + std::string(path); }

std::string golden_path(std::string_view path) { return source_path("tests/golden/") + std::string(path); }

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in) << path << " cannot be read";
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::string golden_input(std::string_view path) { return read_file(golden_path(path)); }

std::vector<std::string> golden_inputs(std::string_view folder, std::string_view prefix) {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(golden_path(folder))) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(prefix) && !name.ends_with(".want") && !name.ends_with(".memory"))
      found.push_back(std::string(folder) + "/" + name);
  }
  std::ranges::sort(found);
  return found;
}

testing::AssertionResult matches_golden(std::string_view path, std::string_view text) {
  const std::string file = golden_path(path);
  const char* update = std::getenv("GOPSY_UPDATE_GOLDEN");
  if (update != nullptr && std::string_view(update) == "1") {
    std::filesystem::create_directories(std::filesystem::path(file).parent_path());
    std::ofstream out(file, std::ios::binary);
    out << text;
    return out.flush() ? testing::AssertionSuccess() : testing::AssertionFailure() << file << " cannot be written";
  }
  if (!std::filesystem::exists(file)) {
    return testing::AssertionFailure() << file << " does not exist; GOPSY_UPDATE_GOLDEN=1 writes it. Got:\n" << text;
  }
  const std::string want = read_file(file);
  if (want == text) return testing::AssertionSuccess();
  return first_difference(file, want, text);
}

}  // namespace gopsy::test
