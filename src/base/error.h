#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <type_traits>

namespace gopsy {

/// What went wrong, coarse enough to choose a remedy by.
enum class Errc : std::uint8_t {
  Truncated,    ///< the bytes end before the structure does
  Malformed,    ///< the bytes contradict the format
  Unsupported,  ///< the format is known, this variant is not
  TooLarge,     ///< a stated limit was reached; a flag raises it
  Io,           ///< the operating system refused; `a` is errno
  Usage,        ///< the caller asked for something that does not exist
};

/// One failure, trivially copyable so that `Result` costs no more than a bool in a hot loop.
///
/// Shape   `what` is static text with up to two `{}`, filled with `a` and `b` when it is shown.
///         `offset` counts bytes from the start of the decoded (inflated) input.
/// Source  measured in docs/decisions/0001-errors.md: a std::string here makes varint loops 2.9x slower.
struct Error {
  Errc code;
  std::uint64_t offset = 0;
  const char* what = "";
  std::uint64_t a = 0;
  std::uint64_t b = 0;
};
static_assert(std::is_trivially_copyable_v<Error>);

template <class T>
using Result = std::expected<T, Error>;

/// `what` with its arguments filled in; no offset, no file name (the app layer adds both).
std::string message(const Error& error);

/// An errno as Go words it: "no such file or directory".
std::string errno_text(int code);

}  // namespace gopsy

// The value of a Result, or return its error from the enclosing function. The only control-flow
// macro of the house (std::expected has no monadic members in libstdc++ 12); one per full expression.
#define GOPSY_CONCAT_INNER(a, b) a##b
#define GOPSY_CONCAT(a, b) GOPSY_CONCAT_INNER(a, b)
#define TRY(...)                                             \
  __extension__({                                            \
    auto try_result = (__VA_ARGS__);                         \
    if (!try_result) [[unlikely]]                            \
      return std::unexpected(std::move(try_result).error()); \
    std::move(*try_result);                                  \
  })
