#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Logs as they are found: what a process printed, wrapped as transports wrap it. Each yields a whole file.
namespace gopsy::test {

struct Wrapping {
  std::string_view name;
  std::string (*wrap)(std::string_view text);
  bool adds_words = false;  ///< the last line of the file is not the process's own
};

/// All of them.
const std::vector<Wrapping>& wrappings();

/// Docker's json-file; lines longer than `split` bytes go into parts.
std::string in_docker_json(std::string_view text, std::size_t split = 16384, std::string_view stream = "stderr");
/// containerd's and CRI-O's files, lines split likewise.
std::string in_cri(std::string_view text, std::size_t split = 16384, std::string_view stream = "stderr");
/// journald's short form: empty lines are dropped.
std::string in_journald(std::string_view text, std::string_view unit = "shop[4711]");
/// One JSON record a line, newest entries first, all lines of a millisecond with the same time.
std::string in_jsonl_backwards(std::string_view text);

/// Lines of `a` and `b` in turn, each in its own order, a random number of one before the next of the other.
std::string interleaved(std::string_view a, std::string_view b, std::uint32_t seed);

/// What another process has to say all the while.
std::string chatter(std::size_t lines);

}  // namespace gopsy::test
