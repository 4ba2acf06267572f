#include "io/bytes.h"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "base/pages.h"

namespace gopsy::io {
namespace {

constexpr std::size_t kFirstBytes = std::size_t{64} << 10;

}  // namespace

Bytes::~Bytes() {
  if (owner_ == Owner::Mapping) ::munmap(at_, size_);
  if (owner_ == Owner::Memory) std::free(at_);
}

// The kernel rounds the length up to a page, whose end may be in use; it is read again then.
void Bytes::drop_pages(std::size_t first) const {
  if (owner_ == Owner::Mapping) ::madvise(at_, first, MADV_DONTNEED);
}

Buffer::~Buffer() { std::free(at_); }

Error Buffer::too_large() const {
  return {.code = Errc::TooLarge, .offset = size_, .what = "the content exceeds the limit of {} bytes", .a = limit_};
}

Result<void> Buffer::prepare(std::size_t wanted) {
  if (room() >= wanted && room() > 0) return {};
  if (size_ > limit_) return std::unexpected(too_large());
  const std::uint64_t ceiling = limit_ == UINT64_MAX ? limit_ : limit_ + 1;
  const std::uint64_t ideal = std::max<std::uint64_t>({kFirstBytes, std::uint64_t{capacity_} * 2, size_ + wanted});
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
  auto* const fitted = static_cast<char*>(std::realloc(at_, size_));
  Bytes bytes = Bytes::allocated(fitted == nullptr ? at_ : fitted, size_);
  at_ = nullptr;
  size_ = capacity_ = 0;
  return bytes;
}

}  // namespace gopsy::io
