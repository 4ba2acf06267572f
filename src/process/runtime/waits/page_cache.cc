#include "process/runtime/waits/page_cache.h"

#include <algorithm>
#include <cstring>
#include <ctime>

namespace gopsy::process {
namespace {

std::int64_t now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

const PageCache::Page& PageCache::page(std::uint64_t number) const {
  if (pages_.empty()) pages_.resize(kPages);
  Page& page = pages_[static_cast<std::size_t>(number * 0x9E3779B97F4A7C15ULL >> 56)];
  const std::int64_t now = now_ns();
  if (page.number == number && now - page.read_ns < kLifetimeNs) return page;
  page.number = number;
  page.read_ns = now;
  page.size = memory_.read(number * kPage, page.bytes);
  return page;
}

std::size_t PageCache::read(std::uint64_t address, std::span<char> into) const {
  if (!memory_.is_live() || into.size() > kPage) return memory_.read(address, into);
  std::size_t done = 0;
  while (done < into.size()) {
    const std::uint64_t at = address + done;
    const Page& from = page(at / kPage);
    const std::size_t offset = at % kPage;
    if (offset >= from.size) break;
    const std::size_t size = std::min(into.size() - done, from.size - offset);
    std::memcpy(into.data() + done, from.bytes.data() + offset, size);
    done += size;
    if (offset + size < kPage) break;
  }
  return done;
}

void PageCache::read_many(std::span<Request> requests) const {
  if (!memory_.is_live()) return memory_.read_many(requests);
  for (Request& request : requests) request.got = read(request.address, request.into);
}

}  // namespace gopsy::process
