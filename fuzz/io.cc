#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "io/archive.h"
#include "io/inflate.h"

namespace {

constexpr std::uint64_t kLimit = std::uint64_t{8} << 20;

void unwrap(std::string_view bytes, gopsy::io::Budget& budget, unsigned depth) {
  using namespace gopsy::io;
  if (depth == 4) return;
  if (sniff_codec(bytes) != Codec::None) {
    const auto inflated = inflate(bytes, budget.bytes);
    if (!inflated) return;
    GOPSY_CHECK(inflated->bytes.size() <= budget.bytes);
    GOPSY_CHECK(inflated->stored_bytes + inflated->trailing_bytes == bytes.size());
    budget.bytes -= inflated->bytes.size();
    return unwrap(inflated->bytes.view(), budget, depth + 1);
  }
  const Visitor visitor{
      .member = [&](const Member& member) { unwrap(member.bytes, budget, depth + 1); },
      .refused = [](const std::string&, const gopsy::Error& error) { GOPSY_CHECK(!message(error).empty()); },
  };
  switch (sniff_archive(bytes)) {
    case Archive::Tar: (void)walk_tar(bytes, budget, visitor); break;
    case Archive::Zip: (void)walk_zip(bytes, budget, visitor); break;
    case Archive::None: break;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  gopsy::io::Budget budget{.bytes = kLimit, .members = 1000};
  unwrap({reinterpret_cast<const char*>(bytes), size}, budget, 0);
  return 0;
}
