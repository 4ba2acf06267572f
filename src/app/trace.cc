#include "app/trace.h"

#include <array>
#include <vector>

#include "analyze/trace/analyses.h"
#include "app/session.h"
#include "base/format.h"
#include "base/units.h"
#include "decode/trace/execution_trace.h"
#include "decode/trace/format.h"
#include "decode/trace/reader.h"
#include "render/trace/trace_text.h"

namespace gopsy::app {
namespace {

namespace trace = decode::trace;

// The rest of a file behind its head.
class FilePages final : public trace::PageSource {
 public:
  explicit FilePages(const io::Piece& piece)
      : file_(piece.file),
        whole_(piece.bytes.substr(std::min(piece.bytes.size(), trace::kHeaderBytes)), trace::kHeaderBytes) {}

  std::optional<trace::Page> next() override { return whole_.next(); }
  void release(std::string_view bytes) override {
    if (file_ != nullptr) file_->drop_pages(bytes);
  }

 private:
  const io::Bytes* file_;
  trace::WholePage whole_;
};

// Opens `path` and hands the first piece of it to `read`.
TraceOutcome with_trace(const std::string& path, const TraceOptions& options,
                        const std::function<Result<void>(const io::Piece&, trace::PageSource&, TraceOutcome&)>& read) {
  TraceOutcome outcome;
  bool done = false;
  const auto refused = io::open(path, options.limits, [&](const io::Piece& piece) {
    if (std::exchange(done, true)) return;
    outcome.report.bytes = piece.bytes.size();
    outcome.path = piece.path;
    FilePages pages(piece);
    const auto result = read(piece, pages, outcome);
    if (!result) outcome.failure = fmt::format("{}: {}", piece.path, explain(result.error(), "execution trace"));
  });
  if (!done) {
    outcome.failure = refused.empty()
                          ? fmt::format("{}: it is empty", path)
                          : fmt::format("{}: {}", refused[0].path, explain(refused[0].error, "execution trace"));
  }
  return outcome;
}

std::vector<std::string_view> type_names(unsigned format) {
  std::vector<std::string_view> names;
  for (std::size_t type = 0; type < trace::known_specs(format); ++type) names.push_back(trace::specs()[type].name);
  return names;
}

render::WireTraceText::Spec spec_of(model::TraceType type) {
  const trace::EventSpec& spec = trace::specs()[static_cast<std::size_t>(type)];
  return {.name = spec.name, .args = std::span(spec.names).first(spec.args)};
}

// Counts events by type: the least that a reader of events can do.
class TypeCounts final : public model::TraceSink {
 public:
  void generation(const model::TraceTables&, const model::TraceNames&) override {}
  void events(std::span<const model::TraceEvent> chunk) override {
    for (const model::TraceEvent& event : chunk) ++counts_[static_cast<std::size_t>(event.type)];
  }

  [[nodiscard]] std::string text() const {
    std::uint64_t sum = 0;
    std::string out;
    for (std::size_t type = 0; type < trace::kSpecs; ++type) {
      sum += counts_[type];
      if (counts_[type] != 0) out += fmt::format("{:>15}  {}\n", with_commas(counts_[type]), trace::specs()[type].name);
    }
    return out + fmt::format("{:>15}  in all\n", with_commas(sum));
  }

 private:
  std::array<std::uint64_t, 256> counts_{};
};

}  // namespace

TraceOutcome read_trace(const std::string& path, const TraceOptions& options, model::TraceSink& sink) {
  return with_trace(path, options, [&](const io::Piece& piece, trace::PageSource& pages, TraceOutcome& outcome) {
    return trace::read(piece.bytes, pages, {.salvage = options.salvage}, sink, outcome.report);
  });
}

TraceOverview overview_of_trace(const std::string& path, const TraceOptions& options) {
  TraceOverview overview;
  analyze::TraceAnalyses analyses(overview.symbols, options.question);
  TraceOptions lenient = options;
  lenient.salvage = true;
  TraceOutcome outcome = read_trace(path, lenient, analyses.sink());
  overview.failure = std::move(outcome.failure);
  if (!overview.failure.empty()) return overview;
  overview.evidence = decode::trace_evidence(std::move(outcome.report));
  overview.evidence.path = std::move(outcome.path);
  overview.evidence.trace_facts = std::make_shared<const model::TraceFacts>(analyses.take());
  return overview;
}

TraceOutcome print_trace(const std::string& path, TraceView view, const TraceOptions& options,
                         const std::function<bool(std::string_view)>& out) {
  return with_trace(
      path, options, [&](const io::Piece& piece, trace::PageSource& pages, TraceOutcome& outcome) -> Result<void> {
        switch (view) {
          case TraceView::Parsed: {
            render::ParsedTraceText text(out);
            return trace::read(piece.bytes, pages, {.salvage = options.salvage}, text, outcome.report);
          }
          case TraceView::Wire: {
            render::WireTraceText text(out, spec_of);
            return trace::read_records(piece.bytes, pages, text);
          }
          case TraceView::Counts: {
            TypeCounts counts;
            auto result = trace::read(piece.bytes, pages, {.salvage = options.salvage}, counts, outcome.report);
            out(counts.text());
            return result;
          }
          case TraceView::Footprint: break;
        }
        render::TraceFootprint footprint;
        auto result = trace::read_records(piece.bytes, pages, footprint);
        const auto format = trace::format_of(piece.bytes);
        if (result) out(footprint.text(type_names(format.value_or(0)), piece.bytes.size()));
        return result;
      });
}

}  // namespace gopsy::app
