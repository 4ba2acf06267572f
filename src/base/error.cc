#include "base/error.h"

#include <cstring>

#include "base/format.h"

namespace gopsy {

std::string message(const Error& error) { return fmt::vformat(error.what, fmt::make_format_args(error.a, error.b)); }

std::string errno_text(int code) {
  std::string text = std::strerror(code);
  // Go's sentences begin small; abbreviations ("RPC ...") stay.
  if (text.size() > 1 && text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'a') text[0] = static_cast<char>(text[0] | 32);
  return text;
}

}  // namespace gopsy
