// What nobody can avoid when a profile is read: profile_floor FILE prints the CPU seconds to inflate it and to look at
// every field and number in it once, without keeping any.

#include <cstdint>
#include <cstdio>
#include <ctime>

#include "base/wire.h"
#include "io/file.h"
#include "io/inflate.h"

namespace {

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

constexpr std::uint32_t kSample = 2;
constexpr std::uint32_t kLocation = 1;
constexpr std::uint32_t kValue = 2;

std::uint64_t sum_of_fields(gopsy::Wire message, bool top) {
  std::uint64_t sum = 0;
  while (message.next()) {
    if (top && message.field() == kSample) {
      gopsy::Wire sample = message.message();
      while (sample.next()) {
        if (sample.field() == kLocation || sample.field() == kValue) {
          sample.varints([&](std::uint64_t value) { sum += value; });
        } else {
          sample.skip();
        }
      }
    } else if (message.type() == gopsy::Wire::kVarint) {
      sum += message.varint();
    } else {
      message.skip();
    }
  }
  return sum;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  constexpr std::uint64_t kLimit = std::uint64_t{4} << 30;
  const auto content = gopsy::io::read_whole(argv[1], kLimit);
  if (!content) return 2;
  const double start = cpu_seconds();
  const auto inflated = gopsy::io::inflate(content->view(), kLimit);
  if (!inflated) return 2;
  const double middle = cpu_seconds();
  const std::uint64_t sum = sum_of_fields(gopsy::Wire(inflated->bytes.view()), true);
  const double end = cpu_seconds();
  std::printf("%.4f %.4f %llu\n", middle - start, end - middle, static_cast<unsigned long long>(sum));
}
