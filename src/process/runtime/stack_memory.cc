#include "process/runtime/stack_memory.h"

namespace gopsy::process {
namespace {

constexpr std::uint64_t kWindow = std::uint64_t{64} << 10;
constexpr std::uint64_t kView = std::uint64_t{16} << 20;

}  // namespace

bool StackMemory::load(std::uint64_t address) {
  start_ = address;
  bytes_ = memory_.view(address, kView);
  if (bytes_.size() >= 8) return true;
  buffer_.resize(kWindow);
  bytes_ = std::string_view(buffer_).substr(0, memory_.read(address, buffer_));
  return bytes_.size() >= 8;
}

}  // namespace gopsy::process
