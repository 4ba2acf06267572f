#include <algorithm>
#include <array>

#include "decode/cpuprofile/cpuprofile.h"
#include "decode/decoder.h"
#include "decode/folded/folded.h"
#include "decode/goroutine_profile/goroutine_profile.h"
#include "decode/legacy/legacy.h"
#include "decode/log/log.h"
#include "decode/otlp_profiles/otlp_profiles.h"
#include "decode/perf/perf_data.h"
#include "decode/perf/perf_script.h"
#include "decode/pprof/pprof.h"
#include "decode/speedscope/speedscope.h"
#include "decode/trace/execution_trace.h"

namespace gopsy::decode {
namespace {

// A row is all it takes; the registry test then asks for docs/formats/NAME.md, the goldens and fuzz/NAME.cc.
constexpr std::array kDecoders{
    &kPprof,        &kCrashLog,   &kGoroutineDump, &kGoroutineProfile, &kFolded,           &kSpeedscope,
    &kOtlpProfiles, &kCpuProfile, &kLegacyCpu,     &kLegacyHeap,       &kLegacyContention, &kLegacyThreads,
    &kLegacyJava,   &kPerfScript, &kPerfData,      &kExecutionTrace,
};

}  // namespace

std::span<const Decoder* const> decoders() { return kDecoders; }

const Decoder* find_decoder(std::string_view name) {
  const auto found = std::ranges::find(kDecoders, name, [](const Decoder* d) { return d->name; });
  return found == kDecoders.end() ? nullptr : *found;
}

const Decoder* sniff(std::string_view bytes) {
  const std::string_view head = bytes.substr(0, kSniffBytes);
  const Decoder* maybe = nullptr;
  for (const Decoder* decoder : kDecoders) {
    const Match match = decoder->sniff(head);
    if (match == Match::Certain) return decoder;
    if (match == Match::Maybe && maybe == nullptr) maybe = decoder;
  }
  return maybe;
}

}  // namespace gopsy::decode
