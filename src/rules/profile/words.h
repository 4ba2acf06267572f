#pragma once

#include <cstdint>
#include <string>

#include "analyze/cpu_time.h"
#include "analyze/lock_sites.h"
#include "analyze/marks.h"
#include "rules/rule.h"

namespace gopsy::rules {

/// "61.2 %".
std::string percent(double share);

/// "61.2 % (58.1 to 64.3)": the share of a sum of CPU time, with where it lies at 95 % confidence.
std::string share_words(const analyze::CpuProfile& cpu, std::int64_t ns);

/// The short name of a function of a profile.
std::string name_of(const model::Profile& profile, const model::Symbols& symbols, std::uint32_t function);

/// "shop.(*Cart).Total at /src/cart.go:17".
std::string place_words(const analyze::CodePlace& place, const model::Symbols& symbols);

/// An exhibit of a profile: a value of it has no line.
Exhibit value_of(const model::Evidence& evidence, std::string text);

}  // namespace gopsy::rules
