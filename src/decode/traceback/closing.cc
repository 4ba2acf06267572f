#include <algorithm>

#include "base/text.h"
#include "decode/traceback/reader.h"
#include "decode/traceback/timestamp.h"

// What only the whole of a traceback tells.

namespace gopsy::decode::traceback {
namespace {

constexpr std::size_t kLongestPanicText = std::size_t{64} << 10;

}  // namespace

// A stack with a `panic(` frame under a log line, without a header of its own, is what a recover
// printed (net/http's "http: panic serving …", debug.Stack in a middleware).
void Reader::name_recovered_panic() {
  model::Traceback& traceback = current();
  if (traceback.cause != model::Cause::Dump || traceback.goroutines.size() != 1) return;
  const auto frames = traceback.frames_of(traceback.goroutines[0]);
  const bool panicked =
      std::ranges::any_of(frames, [&](const auto& frame) { return symbols_.text(frame.function) == "panic"; });
  if (!panicked) return;
  traceback.cause = model::Cause::Recovered;
  std::string_view text = symbols_.text(context_.text);
  const auto serving = text.find("http: panic serving ");
  if (serving != std::string_view::npos) {
    text.remove_prefix(serving + 20);
    consume_until(text, ": ");
  } else {
    skip_timestamp(text);
  }
  const StringId value = symbols_.intern(text);
  // It names the panic; what was logged before is what stands above it.
  if (!traceback.before.empty() && traceback.before.back().number == context_.number) traceback.before.pop_back();
  if (!context_.text.none())
    traceback.panics.push_back({.text = value, .recovered = true, .log_line = context_.number});
  if (context_.number != 0) traceback.first_line = context_.number;
}

// A file of debug.SetCrashOutput starts without its "fatal error:" line (golang/go#76859): a running
// goroutine whose innermost frame is the runtime's own throw says that the process ended here.
void Reader::name_missing_header() {
  model::Traceback& traceback = current();
  if (traceback.cause != model::Cause::Dump || traceback.goroutines.empty()) return;
  const auto frames = traceback.frames_of(traceback.goroutines[0]);
  if (frames.empty() || traceback.goroutines[0].wait != model::WaitKind::Running) return;
  const std::string_view leaf = symbols_.text(frames[0].function);
  if (leaf == "runtime.throw" || leaf == "runtime.fatal" || leaf == "runtime.fatalthrow" || leaf == "sync.fatal" ||
      leaf == "sync.throw" || leaf == "internal/sync.fatal" || leaf == "internal/sync.throw" ||
      leaf == "internal/runtime/maps.fatal")
    traceback.cause = model::Cause::Fatal;
}

// Since 1.23 "⇥panic: x" is either the next panic of the chain or a line of a multi-line value. The
// stack decides: every panic but the newest has a `panic(` frame that is not the innermost.
void Reader::join_split_panic_text() {
  model::Traceback& traceback = current();
  if (traceback.cause != model::Cause::Panic || traceback.goroutines.empty() || traceback.panics.size() < 2) return;
  const model::Goroutine& first = traceback.goroutines[0];
  const auto frames = traceback.frames_of(first);
  if (frames.empty() || first.elided_frames != 0) return;
  const auto panicking = static_cast<std::size_t>(
      std::ranges::count_if(frames, [&](const auto& frame) { return symbols_.text(frame.function) == "panic"; }));
  std::size_t links = traceback.panics.size();
  // A recovered link is never a line of a text.
  while (links > 1 && links > panicking + 1 && !traceback.panics[links - 2].recovered) --links;
  model::PanicValue& last = traceback.panics[links - 1];
  std::string text(symbols_.text(last.text));
  for (std::size_t i = links; i < traceback.panics.size(); ++i) {
    if (text.size() <= kLongestPanicText) (text += "\npanic: ") += symbols_.text(traceback.panics[i].text);
    last.recovered = traceback.panics[i].recovered;
  }
  last.text = symbols_.intern(text);
  traceback.panics.resize(links);
}

}  // namespace gopsy::decode::traceback
