#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace gopsy::io {

/// Auto takes the time that small outputs are worth: they are stored and sent more often than they are made.
enum class Effort : std::uint8_t { Auto, Fast };

/// One gzip member with the whole of `bytes`, without a name and a time: the same input gives the same bytes.
///
/// Errors  Io with ENOMEM.
/// Cost    libdeflate's fastest level: on a large profile, whose bytes hardly repeat, 6 costs three times as much
///         for 4 % less.
Result<std::string> gzip(std::string_view bytes, Effort effort = Effort::Auto);

}  // namespace gopsy::io
