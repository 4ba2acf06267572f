#include "rules/inquiry.h"

namespace gopsy::rules {

Inquiry::Inquiry(model::Incident& of)
    : incident(of),
      crashes(analyze::crashes_of(of)),
      places(analyze::blocked_places(of)),
      races(analyze::races_of(of)),
      names_(of) {
  for (const auto& crash : crashes)
    if (crash.kind == analyze::CrashKind::Deadlock)
      deadlocks_.emplace(&crash, analyze::deadlock_of(*crash.traceback, *crash.symbols));
}

const analyze::Deadlock& Inquiry::deadlock_of(const analyze::Crash& crash) const { return deadlocks_.at(&crash); }

const std::vector<analyze::FunctionShare>& Inquiry::shares_of(StringId function) {
  const auto [found, is_new] = shares_.try_emplace(function);
  if (is_new) found->second = analyze::shares_of(names_, function);
  return found->second;
}

}  // namespace gopsy::rules
