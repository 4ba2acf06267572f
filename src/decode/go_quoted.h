#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gopsy::decode {

/// A string as Go's %q and strconv.Quote write it, at the front of `text`, which keeps what follows it; nothing if the
/// text does not start with a quote or ends before the second. An escape that Go would not write stays as it stands.
std::optional<std::string> consume_quoted(std::string_view& text);

}  // namespace gopsy::decode
