#include "io/bytes.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string>

#include "base/pages.h"

namespace gopsy::io {
namespace {

constexpr std::size_t kFirstBytes = std::size_t{64} << 10;

// -1 and errno where there is no place for one.
int unnamed_file() {
  const char* const chosen = std::getenv("TMPDIR");
  const std::string folder = chosen == nullptr || *chosen == '\0' ? "/var/tmp" : chosen;
  const int file = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (file >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)) return file;
  std::string name = folder + "/gopsy-XXXXXX";
  const int named = ::mkostemp(name.data(), O_CLOEXEC);
  if (named >= 0) ::unlink(name.c_str());
  return named;
}

}  // namespace

Bytes::~Bytes() {
  if (owner_ == Owner::Mapping) ::munmap(at_, size_);
  if (owner_ == Owner::Memory) std::free(at_);
}

void Bytes::drop_pages() const {
  if (owner_ == Owner::Mapping) ::madvise(at_, size_, MADV_DONTNEED);
}

void Bytes::drop_pages(std::string_view part) const {
  if (owner_ != Owner::Mapping) return;
  static const auto kPage = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const auto first = (static_cast<std::size_t>(part.data() - at_) + kPage - 1) / kPage * kPage;
  const auto behind = static_cast<std::size_t>(part.data() + part.size() - at_) / kPage * kPage;
  if (first < behind) ::madvise(at_ + first, behind - first, MADV_DONTNEED);
}

Buffer::~Buffer() {
  if (place_ == Place::Memory) std::free(at_);
  if (place_ == Place::TemporaryFile && at_ != nullptr) ::munmap(at_, capacity_);
  if (file_ >= 0) ::close(file_);
}

// The blocks are taken from the disk at once: a mapping that finds none later ends the process.
Result<void> Buffer::grow_file(std::size_t capacity) {
  const auto failed = [this](int error_number, const char* what) {
    return std::unexpected(
        Error{.code = Errc::Io, .offset = size_, .what = what, .a = static_cast<std::uint64_t>(error_number)});
  };
  if (file_ < 0) file_ = unnamed_file();
  if (file_ < 0) return failed(errno, "errno {}: no temporary file in $TMPDIR or /var/tmp");
  if (const int code = ::posix_fallocate(file_, 0, static_cast<off_t>(capacity)); code != 0)
    return failed(code, "errno {}: no room for a temporary file; TMPDIR chooses another place");
  void* const grown = at_ == nullptr ? ::mmap(nullptr, capacity, PROT_READ | PROT_WRITE, MAP_SHARED, file_, 0)
                                     : ::mremap(at_, capacity_, capacity, MREMAP_MAYMOVE);
  if (grown == MAP_FAILED) return failed(errno, "errno {}: a temporary file cannot be mapped");
  at_ = static_cast<char*>(grown);
  capacity_ = capacity;
  return {};
}

Error Buffer::too_large() const {
  return {.code = Errc::TooLarge, .offset = size_, .what = "the content exceeds the limit of {} bytes", .a = limit_};
}

Result<void> Buffer::prepare(std::size_t wanted) {
  if (room() >= wanted && room() > 0) return {};
  if (size_ > limit_) return std::unexpected(too_large());
  const std::uint64_t ceiling = limit_ == UINT64_MAX ? limit_ : limit_ + 1;
  const std::uint64_t ideal = std::max<std::uint64_t>({kFirstBytes, std::uint64_t{capacity_} * 2, size_ + wanted});
  if (place_ == Place::TemporaryFile) {
    constexpr std::uint64_t kMostStep = std::uint64_t{256} << 20;
    const std::uint64_t step = std::min(ideal, std::max<std::uint64_t>(size_ + wanted, capacity_ + kMostStep));
    return grow_file(std::min(step, ceiling));
  }
  const std::size_t capacity = std::min(ideal, ceiling);
  auto* const grown = static_cast<char*>(std::realloc(at_, capacity));
  if (grown == nullptr) {
    return std::unexpected(Error{
        .code = Errc::Io, .offset = size_, .what = "errno {}: no memory for {} bytes", .a = ENOMEM, .b = capacity});
  }
  at_ = grown;
  capacity_ = capacity;
  prefer_huge_pages(at_, capacity_);
  return {};
}

Result<Bytes> Buffer::take() {
  if (size_ > limit_) return std::unexpected(too_large());
  if (size_ == 0) return Bytes{};
  if (place_ == Place::TemporaryFile) {
    // What was taken from the disk ahead goes back; the mapping ends with the page that the content ends in.
    if (::ftruncate(file_, static_cast<off_t>(size_)) != 0)
      return std::unexpected(Error{.code = Errc::Io, .what = "errno {}: a temporary file", .a = std::uint64_t(errno)});
    void* const fitted = ::mremap(at_, capacity_, size_, 0);
    Bytes bytes = Bytes::mapped(fitted == MAP_FAILED ? at_ : static_cast<char*>(fitted), size_);
    at_ = nullptr;
    size_ = capacity_ = 0;
    return bytes;
  }
  auto* const fitted = static_cast<char*>(std::realloc(at_, size_));
  Bytes bytes = Bytes::allocated(fitted == nullptr ? at_ : fitted, size_);
  at_ = nullptr;
  size_ = capacity_ = 0;
  return bytes;
}

}  // namespace gopsy::io
