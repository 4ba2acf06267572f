#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "model/evidence.h"

namespace gopsy::decode {

/// How sure a sniffer is. Two Certain answers for one input are a bug that a test looks for.
enum class Match : std::uint8_t { No, Maybe, Certain };

/// Told how far reading came: bytes before that offset are not looked at again (or seldom), so a mapped file may give
/// their memory back. Empty: nobody wants to know.
using Passed = std::function<void(std::size_t)>;

/// One input format: a row of the registry.
struct Decoder {
  std::string_view name;     ///< stable, for `--format` and JSON
  std::string_view title;    ///< for people
  std::string_view summary;  ///< one sentence: where such input comes from

  /// Looks at the first bytes (at most kSniffBytes, inflated) only.
  Match (*sniff)(std::string_view head);

  /// Yields evidence with `profile` or `log`, `counts`, `kind`, and what it knows of version, process
  /// and time; `path`, `format` and `bytes` are filled in by the caller. Names go to `symbols`.
  /// Errors only where nothing can be salvaged; offsets count inflated bytes.
  Result<model::Evidence> (*decode)(std::string_view bytes, model::Symbols& symbols);

  /// Where inputs of this format may stand one behind the other in one file: the parts. Null: it is always one.
  std::vector<std::string_view> (*split)(std::string_view bytes) = nullptr;

  /// The same as `decode`, for formats that are read front to back and may be larger than memory. Null: none.
  Result<model::Evidence> (*decode_in_steps)(std::string_view bytes, model::Symbols& symbols,
                                             const Passed& passed) = nullptr;

  /// The same, for formats that are a stream of events: hands them to `sink` on the way. Null: it has none.
  Result<model::Evidence> (*decode_events)(std::string_view bytes, model::TraceSink& sink,
                                           const Passed& passed) = nullptr;
};

constexpr std::size_t kSniffBytes = std::size_t{64} << 10;

/// All decoders, in the order `gopsy formats` lists them.
std::span<const Decoder* const> decoders();

const Decoder* find_decoder(std::string_view name);

/// The decoder that claims `bytes`: the first Certain one, else the first Maybe, else null.
const Decoder* sniff(std::string_view bytes);

}  // namespace gopsy::decode
