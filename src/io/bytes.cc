#include "io/bytes.h"

#include <sys/mman.h>
#include <unistd.h>

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
