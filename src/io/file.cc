#include "io/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace gopsy::io {
namespace {

// A log that is truncated under a mapping (logrotate's copytruncate) ends the process with SIGBUS. Up to this
// size a copy costs less than 5 ms, so the mapping is left to files where it pays.
constexpr off_t kMapFrom = off_t{16} << 20;
constexpr std::size_t kReadBytes = std::size_t{256} << 10;

std::unexpected<Error> io_error(int error_number, const char* what) {
  return std::unexpected(Error{.code = Errc::Io, .what = what, .a = static_cast<std::uint64_t>(error_number)});
}

class Descriptor {
 public:
  explicit Descriptor(int fd, bool owned) : fd_(fd), owned_(owned) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (owned_ && fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int number() const { return fd_; }

 private:
  int fd_;
  bool owned_;
};

Result<Bytes> read_to_end(int fd, std::size_t expected, std::uint64_t limit) {
  Buffer buffer(limit);
  // One byte more than expected, so that the read that finds the end needs no growth.
  std::size_t wanted = expected == 0 ? kReadBytes : expected + 1;
  for (;;) {
    if (const auto room = buffer.prepare(wanted); !room) return std::unexpected(room.error());
    const ssize_t got = ::read(fd, buffer.end(), buffer.room());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return io_error(errno, "errno {}: it cannot be read");
    if (got == 0) return buffer.take();
    buffer.commit(static_cast<std::size_t>(got));
    wanted = 1;
  }
}

}  // namespace

Result<Bytes> read_whole(const std::string& path, std::uint64_t limit) {
  const bool is_stdin = path == "-";
  const Descriptor file(is_stdin ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY), !is_stdin);
  if (file.number() < 0) return io_error(errno, "errno {}: it cannot be opened");

  struct stat status{};
  if (::fstat(file.number(), &status) != 0) return io_error(errno, "errno {}: it cannot be examined");
  if (S_ISDIR(status.st_mode)) return io_error(EISDIR, "errno {}: a directory is not a file");
  const bool is_null = S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3);
  if (S_ISBLK(status.st_mode) || (S_ISCHR(status.st_mode) && !is_null && ::isatty(file.number()) == 0))
    return std::unexpected(
        Error{.code = Errc::Unsupported, .what = "a device has no end; copy a part of it to a file"});

  // Standard input may be a file whose first part somebody else has read already.
  const bool at_start = !is_stdin || ::lseek(file.number(), 0, SEEK_CUR) == 0;
  if (!S_ISREG(status.st_mode) || status.st_size < kMapFrom || !at_start) {
    const bool sized = S_ISREG(status.st_mode) && status.st_size < kMapFrom;
    return read_to_end(file.number(), sized ? static_cast<std::size_t>(status.st_size) : 0,
                       S_ISREG(status.st_mode) ? UINT64_MAX : limit);
  }
  const auto size = static_cast<std::size_t>(status.st_size);
  void* const at = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.number(), 0);
  if (at == MAP_FAILED) return read_to_end(file.number(), size, UINT64_MAX);
  ::madvise(at, size, MADV_SEQUENTIAL);
  return Bytes::mapped(static_cast<char*>(at), size);
}

}  // namespace gopsy::io
