#include "base/pages.h"

#include <sys/mman.h>

#include <cstdint>

namespace gopsy {

void prefer_huge_pages(void* at, std::size_t bytes) {
  constexpr std::uintptr_t kHugePage = std::uintptr_t{2} << 20;
  constexpr std::size_t kWorthwhile = std::size_t{16} << 20;
  if (at == nullptr || bytes < kWorthwhile) return;
  const auto start = reinterpret_cast<std::uintptr_t>(at);
  const std::uintptr_t first = (start + kHugePage - 1) & ~(kHugePage - 1);
  const std::uintptr_t last = (start + bytes) & ~(kHugePage - 1);
  if (first < last) ::madvise(reinterpret_cast<void*>(first), last - first, MADV_HUGEPAGE);
}

}  // namespace gopsy
