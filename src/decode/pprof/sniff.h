#pragma once

#include <string_view>

#include "decode/decoder.h"

namespace gopsy::decode {

/// Whether `head` begins like a Profile message: its tags, and those one level down, are tags that
/// profile.proto has, with the wire types it gives them.
Match sniff_profile(std::string_view head);

}  // namespace gopsy::decode
