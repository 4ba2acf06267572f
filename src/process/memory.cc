#include "process/memory.h"

namespace gopsy::process {

void Memory::read_many(std::span<Request> requests) const {
  for (Request& one : requests) one.got = read(one.address, one.into);
}

}  // namespace gopsy::process
