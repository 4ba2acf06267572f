#include "base/error.h"

#include "base/format.h"

namespace gopsy {

std::string message(const Error& error) { return fmt::vformat(error.what, fmt::make_format_args(error.a, error.b)); }

}  // namespace gopsy
