#include <algorithm>

#include "model/wait_facts.h"
#include "rules/explain.h"

namespace gopsy::rules {
namespace {

using Recovers = model::DeferredCall::Recovers;

std::span<const model::DeferredCall> deferred_on(const Crash& crash) {
  if (crash.traceback->waits == nullptr || crash.goroutine == nullptr || crash.traceback->cause != model::Cause::Panic)
    return {};
  const auto row = static_cast<std::uint32_t>(crash.goroutine - crash.traceback->goroutines.data());
  return crash.traceback->waits->deferred_of(row);
}

bool is_own(const Crash& crash, const model::DeferredCall& call) {
  return call.frame < crash.traceback->frames.size() &&
         !model::is_runtime(crash.function(crash.traceback->frames[call.frame]));
}

}  // namespace

const model::DeferredCall* recover_too_deep(const Crash& crash) {
  for (const model::DeferredCall& call : deferred_on(crash))
    if (call.recovers == Recovers::TooDeep && is_own(crash, call)) return &call;
  return nullptr;
}

std::string deferred_words(const Crash& crash) {
  if (crash.traceback->waits == nullptr || crash.goroutine == nullptr || crash.traceback->cause != model::Cause::Panic)
    return {};
  std::size_t count = 0;
  for (const model::DeferredCall& call : deferred_on(crash)) {
    if (!is_own(crash, call)) continue;
    ++count;
    if (call.recovers == Recovers::Yes || call.recovers == Recovers::Unknown) return {};
  }
  const auto& goroutine = *crash.goroutine;
  std::string words =
      count == 0   ? std::string("nothing that is known is deferred on its stack")
      : count == 1 ? std::string("the one call deferred on its stack does not call recover itself")
                   : fmt::format("none of the {} deferred on its stack calls recover itself", counted(count, "call"));
  for (const std::uint32_t frame : crash.traceback->waits->spent_frames) {
    if (frame < goroutine.first_frame || frame >= goroutine.first_frame + goroutine.frame_count) continue;
    const auto& where = crash.traceback->frames[frame];
    if (model::is_runtime(crash.function(where))) continue;
    return words + fmt::format("; what {} deferred is not known any more: the panic took it",
                               model::short_function(crash.function(where)));
  }
  return count == 0 ? std::string("nothing is deferred on its stack, so no recover stands on its way") : words;
}

}  // namespace gopsy::rules
