#include "process/runtime/evidence.h"

#include "base/format.h"
#include "base/text.h"
#include "base/units.h"
#include "model/same_stacks.h"
#include "process/runtime/crash.h"
#include "process/runtime/waits/wait_reader.h"

namespace gopsy::process {
namespace {

std::string kind_of(const model::Traceback& traceback, const model::Symbols& symbols) {
  switch (traceback.cause) {
    case model::Cause::Panic: return "panic";
    case model::Cause::Fatal:
      return traceback.fatal.none() ? "fatal error"
                                    : fmt::format("fatal error: {}", shorten(symbols.text(traceback.fatal), 60));
    case model::Cause::Signal: return fmt::format("signal {}", symbols.text(traceback.signal->name));
    case model::Cause::Dump:
    case model::Cause::Recovered: break;
  }
  return "goroutines";
}

model::Counts counts_of(const GoroutineCounts& counts) {
  model::Counts goroutines{.what = "goroutines", .read = counts.read + counts.beyond, .kept = counts.kept};
  goroutines.skip("ended, kept by the runtime for use again", counts.free);
  goroutines.skip("no goroutine where the list names one", counts.implausible);
  goroutines.skip("named twice", counts.repeated);
  goroutines.skip("beyond what is read of a list", counts.beyond);
  return goroutines;
}

std::string what_is_cut(const GoroutineCounts& counts, const TracebackBuilder& builder) {
  std::vector<std::string> parts;
  if (builder.broken() > 0)
    parts.push_back(fmt::format("{} end before their bottom", counted(builder.broken(), "stack")));
  if (counts.torn > 0)
    parts.push_back(fmt::format("{} moved in every try, so state and stack may be of two moments",
                                counted(counts.torn, "goroutine")));
  return join(parts, "; ");
}

}  // namespace

model::Evidence read_evidence(const GoRuntime& runtime, std::int64_t now_ns, model::Symbols& symbols) {
  CodeMap code(runtime, symbols);
  TracebackBuilder builder(runtime, code, symbols);
  WaitReader waits(runtime, code, symbols);
  const GoroutineCounts counts = read_goroutines(runtime, code, [&](const ReadGoroutine& goroutine) {
    builder.add(goroutine);
    waits.add(goroutine, builder.traceback().goroutines.back().first_frame);
  });
  builder.set_ages(now_ns);
  if (!runtime.memory->is_live()) read_crash(runtime, code, builder, symbols);

  model::Evidence evidence;
  if (!runtime.version.empty()) evidence.go_version.is_exactly(runtime.version, "the executable's build information");
  evidence.counts.push_back(counts_of(counts));
  evidence.cut = what_is_cut(counts, builder);
  model::Traceback& traceback = builder.traceback();
  evidence.kind = kind_of(traceback, symbols);
  traceback.waits = waits.finish(traceback, now_ns);
  model::SameStacks same_stacks;
  for (std::uint32_t i = 0; i < traceback.goroutines.size(); ++i) same_stacks.compare(traceback, i);
  evidence.log.emplace().tracebacks.push_back(std::move(traceback));
  return evidence;
}

}  // namespace gopsy::process
