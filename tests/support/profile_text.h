#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "decode/decoder.h"
#include "model/evidence.h"
#include "model/symbols.h"

namespace gopsy::test {

/// Evidence with a profile, for a reader: its head, what was counted, every sample with its stack leaf first.
/// A line behind `^` is the caller that the one above was inlined into.
std::string profile_text(const model::Evidence& evidence, const model::Symbols& symbols);

/// What `decoder` makes of `bytes`: profile_text or log_text, or "error at byte N: MESSAGE".
std::string decoded_text(const decode::Decoder& decoder, std::string_view bytes);

/// Evidence of any kind: profile_text, log_text, or of a trace its head, counts and damage.
std::string evidence_text(const model::Evidence& evidence, const model::Symbols& symbols);

/// read == kept + skipped in all counts.
bool counts_add_up(const model::Evidence& evidence);

}  // namespace gopsy::test
