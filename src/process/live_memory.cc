#include "process/live_memory.h"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/format.h"

namespace gopsy::process {
namespace {

constexpr std::size_t kMostPieces = 1024;  // IOV_MAX
// The kernel moves at most 2 GiB a call and says so like a fault in the middle: stay below.
constexpr std::size_t kMostBytes = std::size_t{1} << 30;

// An address of another process as the interfaces want it.
void* remote(std::uint64_t address) { return reinterpret_cast<void*>(address); }

}  // namespace

std::expected<std::unique_ptr<LiveMemory>, int> LiveMemory::open(std::uint32_t pid, std::vector<ProcMapping> mappings,
                                                                 std::uint64_t probe) {
  const int file = ::open(fmt::format("/proc/{}/mem", pid).c_str(), O_RDONLY | O_CLOEXEC);
  const int file_error = errno;
  std::unique_ptr<LiveMemory> memory(new LiveMemory(pid, file));
  for (ProcMapping& row : mappings) memory->mappings_.push_back(std::move(row.mapping));
  char byte = 0;
  const iovec local{.iov_base = &byte, .iov_len = 1};
  const iovec there{.iov_base = remote(probe), .iov_len = 1};
  if (::process_vm_readv(static_cast<pid_t>(pid), &local, 1, &there, 1, 0) == 1) return memory;
  const int vector_error = errno;
  memory->way_ = Way::File;
  if (file >= 0 && memory->read_file(probe, {&byte, 1}) == 1) return memory;
  const bool said_no = vector_error == EPERM || vector_error == EACCES || vector_error == ESRCH;
  return std::unexpected(said_no || file >= 0 ? vector_error : file_error);
}

LiveMemory::~LiveMemory() {
  if (file_ >= 0) ::close(file_);
}

std::size_t LiveMemory::read_file(std::uint64_t address, std::span<char> into) const {
  std::size_t done = 0;
  while (done < into.size()) {
    const std::uint64_t from = address + done;
    if (from > static_cast<std::uint64_t>(INT64_MAX)) break;  // an offset of a file is signed
    const ssize_t got = ::pread(file_, into.data() + done, into.size() - done, static_cast<off_t>(from));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

std::size_t LiveMemory::read(std::uint64_t address, std::span<char> into) const {
  if (way_ == Way::File) return read_file(address, into);
  std::size_t done = 0;
  while (done < into.size()) {
    const std::size_t size = std::min(into.size() - done, kMostBytes);
    const iovec local{.iov_base = into.data() + done, .iov_len = size};
    const iovec there{.iov_base = remote(address + done), .iov_len = size};
    const ssize_t got = ::process_vm_readv(static_cast<pid_t>(pid_), &local, 1, &there, 1, 0);
    if (got <= 0) break;
    done += static_cast<std::size_t>(got);
    if (static_cast<std::size_t>(got) < size) break;
  }
  return done;
}

// Reads as many of the first requests as one call takes; yields how many of them are settled.
std::size_t LiveMemory::read_batch(std::span<Request> requests) const {
  std::array<iovec, kMostPieces> local;
  std::array<iovec, kMostPieces> there;
  std::size_t count = 0;
  std::size_t bytes = 0;
  for (const Request& one : requests.first(std::min(requests.size(), kMostPieces))) {
    if (bytes + one.into.size() > kMostBytes) break;
    local[count] = {.iov_base = one.into.data(), .iov_len = one.into.size()};
    there[count] = {.iov_base = remote(one.address), .iov_len = one.into.size()};
    bytes += one.into.size();
    ++count;
  }
  if (count == 0) {  // one that is larger than a call takes
    requests[0].got = read(requests[0].address, requests[0].into);
    return 1;
  }
  const ssize_t result = ::process_vm_readv(static_cast<pid_t>(pid_), local.data(), count, there.data(), count, 0);
  std::size_t got = result < 0 ? 0 : static_cast<std::size_t>(result);
  const bool whole = got == bytes;
  for (std::size_t i = 0; i < count; ++i) {
    Request& one = requests[i];
    one.got = std::min(got, one.into.size());
    got -= one.got;
    // The transfer ends at the first page that is not there; what follows has not been tried.
    if (!whole && one.got < one.into.size()) return i + 1;
  }
  return count;
}

void LiveMemory::read_many(std::span<Request> requests) const {
  if (way_ == Way::File) {
    for (Request& one : requests) one.got = read_file(one.address, one.into);
    return;
  }
  while (!requests.empty()) requests = requests.subspan(read_batch(requests));
}

}  // namespace gopsy::process
