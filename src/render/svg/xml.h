#pragma once

#include <string>
#include <string_view>

namespace gopsy::render {

/// `text` as XML character data or attribute value: well-formed UTF-8 without control characters
/// whatever the bytes were, and `&`, `<`, `>` and quotes escaped.
std::string xml_text(std::string_view text);

}  // namespace gopsy::render
