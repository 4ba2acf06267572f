#include "decode/log/carrier/carrier.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <array>

namespace gopsy::decode::log {
namespace {

constexpr std::array kCarriers{
    Carrier{.name = "JSON", .undo = undo_json},     Carrier{.name = "CRI", .undo = undo_cri},
    Carrier{.name = "syslog", .undo = undo_syslog}, Carrier{.name = "labels", .undo = undo_labelled},
    Carrier{.name = "logfmt", .undo = undo_logfmt}, Carrier{.name = "CSV", .undo = undo_csv},
};

}  // namespace

std::span<const Carrier> carriers() { return kCarriers; }

std::uint64_t mixed(std::uint64_t process, std::string_view word) {
  return XXH3_64bits_withSeed(word.data(), word.size(), process + 1);
}

}  // namespace gopsy::decode::log
