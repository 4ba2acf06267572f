#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "base/error.h"

namespace gopsy::decode {

/// A whole JSON text as a tree. The library's exceptions end here.
///
/// Errors  Truncated: the text ends too early. Malformed: it is no JSON. Offset where it stopped.
/// Cost    about 16 bytes a number; nesting costs no stack.
Result<void> parse_json(std::string_view bytes, nlohmann::json& out);

/// The member of that name, or null (also if `object` is none).
const nlohmann::json& member(const nlohmann::json& object, const char* name);

/// The text, or empty; the number, or 0; a fraction is cut off, what does not fit is brought to the limit.
std::string_view text_of(const nlohmann::json& value);
std::int64_t int_of(const nlohmann::json& value);
double real_of(const nlohmann::json& value);

/// Whether the first bytes are those of a JSON object.
bool begins_object(std::string_view head);

}  // namespace gopsy::decode
