#include "decode/trace/reader_v2.h"

#include <utility>

#include "decode/trace/format.h"

namespace gopsy::decode::trace {
namespace {

// How much earlier than all others an event may be before it is taken although what has to come first is missing. On
// one clock it is microseconds, unless the system suspends a thread between its deed and its event.
constexpr std::int64_t kPatience = 10'000'000;
constexpr std::int64_t kPatienceIfIncomplete = 1'000'000;

}  // namespace

ReaderV2::ReaderV2(unsigned format, PageSource& pages, const ReadOptions& options, model::TraceSink& sink,
                   model::TraceReport& report)
    : format_(format),
      walker_(pages),
      damage_(report, options.salvage),
      generation_(format),
      writer_(sink),
      ordering_(writer_, damage_),
      frontier_(ordering_, damage_, pages),
      clock_({.ns_per_unit = 1e9 / static_cast<double>(kLinuxFrequency)}) {}

Result<void> ReaderV2::read() {
  const auto finish = [this](Result<void> result) {
    writer_.flush();
    model::TraceReport& report = damage_.report();
    report.events = writer_.written();
    report.last_ns = writer_.last_ns();
    report.goroutines = ordering_.goroutines();
    return result;
  };
  for (;;) {
    Result<Found> found = Found::End;
    if (after_) {
      found = std::unexpected(*after_);
    } else if (format_ >= 26 || spill_ || !any_generation_ || damage_.lenient()) {
      found = damage_.lenient() ? collect_salvaging() : collect();
    }
    if (!found || *found == Found::End) {
      // A process that dies within the first second leaves the head of its trace and nothing else.
      if (!any_generation_) damage_.report().unfinished = true;
      sync(writer_.last_ns(), false);
      return finish(found ? Result<void>() : std::unexpected(found.error()));
    }
    if (auto installed = install(); !installed) return finish(installed);
  }
}

void ReaderV2::sync(std::int64_t time_ns, bool has_clock) {
  writer_.reserve();
  model::TraceEvent& event = writer_.add(time_ns, model::TraceType::Sync);
  event.value = ++syncs_;
  if (has_clock) event.flags = model::TraceEvent::kHasClock;
}

Result<void> ReaderV2::install() {
  writer_.flush();
  if (any_generation_ && damage_.lenient() && generation_.number() != last_number_ + 1) ordering_.restart();
  ordering_.begin(generation_);
  if (const auto done = frontier_.prepare(generation_, writer_); !done) return std::unexpected(done.error());
  writer_.sink().generation(generation_.tables(), ordering_.names());
  sync(generation_.start_ns(), generation_.tables().clock.has_value());
  model::TraceReport& report = damage_.report();
  if (!any_generation_) {
    report.first_ns = writer_.last_ns();
    report.clock = generation_.tables().clock;
  }
  any_generation_ = true;
  last_number_ = generation_.number();
  clock_ = generation_.clock();
  ++report.generations;
  report.samples += generation_.samples().size();
  if (const auto done = frontier_.run(incomplete_ ? kPatienceIfIncomplete : kPatience); !done)
    return std::unexpected(done.error());
  writer_.flush();
  ordering_.end();
  return {};
}

Result<ReaderV2::Found> ReaderV2::collect() {
  generation_.reset(0);
  if (spill_) {
    generation_.set_number(spill_->generation);
    if (const auto done = generation_.add(*std::exchange(spill_, std::nullopt), damage_); !done)
      return std::unexpected(done.error());
  }
  const auto malformed = [](const Batch& batch, const char* what) {
    return std::unexpected(Error{.code = Errc::Malformed, .offset = batch.offset, .what = what, .a = batch.generation});
  };
  const bool has_ends = format_ >= 26;
  for (;;) {
    auto next = walker_.next();
    if (!next) {
      if (has_ends || generation_.number() == 0) return std::unexpected(next.error());
      // Perhaps only the one after it is broken: this one comes first.
      after_ = next.error();
      break;
    }
    if (!*next) {
      if (!has_ends) break;
      if (!generation_.has_events()) return Found::End;
      return std::unexpected(Error{.code = Errc::Truncated,
                                   .offset = walker_.offset(),
                                   .what = "incomplete generation found; trace likely truncated"});
    }
    const Batch& batch = **next;
    if (has_ends && batch.kind(format_) == model::TraceType::EndOfGeneration) break;
    if (batch.generation == 0) return malformed(batch, "invalid generation number {}");
    if (generation_.number() == 0) generation_.set_number(batch.generation);
    if (!has_ends && batch.generation == generation_.number() + 1) {
      spill_ = batch;
      break;
    }
    if (batch.generation != generation_.number())
      return malformed(batch, has_ends ? "broken trace: missing end-of-generation event, or generations are interleaved"
                                       : "generations out of order");
    if (const auto done = generation_.add(batch, damage_); !done) return std::unexpected(done.error());
  }
  if (const auto done = generation_.finish(damage_, clock_); !done) return std::unexpected(done.error());
  return Found::Generation;
}

Result<ReaderV2::Found> ReaderV2::collect_salvaging() {
  model::TraceReport& report = damage_.report();
  generation_.reset(0);
  incomplete_ = false;
  bool ended = false;
  while (!ended) {
    std::optional<Batch> batch = std::exchange(spill_, std::nullopt);
    if (!batch) {
      auto next = walker_.next();
      if (!next) {
        incomplete_ = true;
        batch = walker_.take_cut();
        const std::uint64_t number = generation_.number() != 0 ? generation_.number() : last_number_;
        if (!batch) {
          damage_.lost(next.error(), walker_.resync(number), number);
          continue;
        }
        damage_.lost(next.error(), 0, number);
        // Of what kind it is, its first event would have said.
        if (batch->data.empty()) continue;
      } else if (!*next) {
        break;
      } else {
        batch = **next;
      }
    }
    if (batch->kind(format_) == model::TraceType::EndOfGeneration) {
      ended = generation_.any();
      continue;
    }
    switch (placed(*batch)) {
      case Place::Here:
        if (const auto done = generation_.add(*batch, damage_); !done) return std::unexpected(done.error());
        break;
      case Place::Later:
        spill_ = *batch;
        ended = true;
        break;
      case Place::Nowhere:
        incomplete_ = true;
        damage_.lost({.code = Errc::Malformed,
                      .offset = batch->offset,
                      .what = "a batch of generation {} stands in generation {}",
                      .a = batch->generation,
                      .b = generation_.number()},
                     batch->data.size(), generation_.number());
        break;
    }
  }
  const bool closed = ended && (format_ < 26 || !spill_);
  if (!closed && !generation_.has_tables()) {
    incomplete_ = true;
    if (generation_.any()) report.unfinished = true;
  }
  if (!generation_.any()) return Found::End;
  // Go 1.25 and 1.26 begin a generation with its clock: alone it says that nobody came to stop the trace.
  if (format_ >= 26 && !closed) {
    incomplete_ = report.unfinished = true;
    if (!generation_.has_events() && generation_.samples().empty()) return Found::End;
  }
  if (const auto done = generation_.finish(damage_, clock_); !done) return std::unexpected(done.error());
  return Found::Generation;
}

ReaderV2::Place ReaderV2::placed(const Batch& batch) {
  const std::uint64_t number = generation_.number();
  if (batch.generation == 0) return Place::Nowhere;
  if (number == 0) {
    // Damage may have made up any number; the one after it says whether to believe it.
    if (any_generation_ && batch.generation < last_number_) return Place::Nowhere;
    if (any_generation_ && batch.generation > last_number_ + 1 && !walker_.is_next_of(batch.generation))
      return Place::Nowhere;
    generation_.set_number(batch.generation);
    return Place::Here;
  }
  if (batch.generation == number) return Place::Here;
  if (batch.generation < number) return Place::Nowhere;
  return walker_.is_next_of(batch.generation) ? Place::Later : Place::Nowhere;
}

}  // namespace gopsy::decode::trace
