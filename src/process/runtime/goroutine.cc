#include "process/runtime/goroutine.h"

#include <array>

#include "binary/reader.h"

namespace gopsy::process {
namespace {

using G = RuntimeLayout::G;

constexpr std::uint32_t kScan = 0x1000;

// runtime/traceback.go gStatusStrings.
constexpr std::array<std::string_view, 12> kStatusTexts{"idle",      "runnable",  "running", "syscall",
                                                        "waiting",   "???",       "dead",    "???",
                                                        "copystack", "preempted", "leaked",  "dead"};

}  // namespace

std::optional<GoroutineState> parse_goroutine(const GoRuntime& runtime, std::uint64_t address, std::string_view bytes) {
  if (!is_plausible_g(runtime, bytes)) return std::nullopt;
  const binary::Reader g(bytes, false);
  const G& at = runtime.layout.g;
  const auto word = [&](std::uint16_t offset) { return offset == 0 ? 0 : g.get<std::uint64_t>(offset).value_or(0); };
  GoroutineState state{.address = address, .id = word(at.goid)};
  const std::uint32_t status = g.get<std::uint32_t>(at.status).value_or(0);
  state.status = status & ~kScan;
  state.scanned = (status & kScan) != 0;
  state.wait_reason = g.get<std::uint8_t>(at.wait_reason).value_or(0);
  state.wait_since_ns = static_cast<std::int64_t>(word(at.wait_since));
  state.tracking_stamp_ns = static_cast<std::int64_t>(word(at.tracking_stamp));
  state.m = word(G::kM);
  state.locked = word(at.locked_m) != 0;
  state.stack = {.start = g.get<std::uint64_t>(G::kStackLow).value_or(0), .end = word(G::kStackHigh)};
  state.sched_sp = word(G::kSchedSp);
  state.sched_pc = word(G::kSchedPc);
  state.sched_lr = word(at.sched_lr);
  state.syscall_sp = word(at.syscall_sp);
  state.syscall_pc = word(at.syscall_pc);
  state.panic = word(G::kPanic);
  state.signal = g.get<std::uint32_t>(at.signal).value_or(0);
  state.signal_code = word(at.signal_code);
  state.signal_address = word(at.signal_address);
  state.signal_pc = word(at.signal_pc);
  state.parent = word(at.parent);
  state.go_pc = word(at.go_pc);
  state.start_pc = word(at.start_pc);
  state.ancestors = word(at.ancestors);
  state.labels = word(at.labels);
  state.bubble = word(at.bubble);
  return state;
}

std::string_view state_text(const GoRuntime& runtime, const GoroutineState& state) {
  const bool waits = state.status == GoroutineState::Waiting || state.status == GoroutineState::Leaked;
  if (waits && state.wait_reason != 0 && state.wait_reason < runtime.wait_reasons.size())
    return runtime.wait_reasons[state.wait_reason];
  return state.status < kStatusTexts.size() ? kStatusTexts[state.status] : kStatusTexts[5];
}

}  // namespace gopsy::process
