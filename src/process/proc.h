#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "process/memory.h"

namespace gopsy::process {

/// A line of /proc/PID/maps.
struct ProcMapping {
  Mapping mapping;   ///< `file` is empty for what is not backed by one: "[heap]", "[anon: Go: heap]"
  std::string name;  ///< as it stands there, "[vdso]" too
  bool shared = false;
};

/// Lines that are no mapping are left out; the result is sorted, as the kernel writes it.
///
/// Source  linux: Documentation/filesystems/proc.rst, 3.9.
std::vector<ProcMapping> parse_maps(std::string_view text);

/// What /proc/PID/status says.
struct ProcStatus {
  std::string name;
  char state = '?';
  std::uint32_t tgid = 0;
  std::uint32_t inner_pid = 0;   ///< in the innermost PID namespace, where the process itself lives
  std::uint32_t namespaces = 1;  ///< how many numbers it has
  std::uint32_t uid = 0;         ///< real
  std::uint32_t euid = 0;
  std::uint32_t gid = 0;
  std::uint64_t capabilities = 0;  ///< effective
  std::uint32_t tracer = 0;        ///< the debugger that holds it
};
ProcStatus parse_status(std::string_view text);

/// Where a thread that sleeps in the kernel entered it, as /proc/PID/task/TID/syscall says; nothing if it runs.
struct Sleeping {
  std::uint64_t sp = 0;
  std::uint64_t pc = 0;
};
std::optional<Sleeping> parse_syscall(std::string_view text);

/// A word of /proc/PID/stat by its number in proc(5), from 3 on: the name before them may hold blanks and parentheses.
std::optional<std::uint64_t> stat_field(std::string_view text, std::size_t number);

/// A file under /proc/PID; empty, and errno set, where it cannot be read. `limit` is enough for all but maps.
std::string read_proc(std::uint32_t pid, std::string_view name, std::uint64_t limit = std::uint64_t{64} << 20);

/// The numbers of the threads of a process, as we number them, ascending.
std::vector<std::uint32_t> thread_ids(std::uint32_t pid);

}  // namespace gopsy::process
