#include "app/trace.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "analyze/trace/analyses.h"
#include "app/session.h"
#include "base/duration.h"
#include "base/format.h"
#include "base/text.h"
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

// For the length of a trace.
class Nothing final : public model::TraceSink {
 public:
  void generation(const model::TraceTables&, const model::TraceNames&) override {}
  void events(std::span<const model::TraceEvent>) override {}
};

std::int64_t length_of(const model::TraceReport& report) {
  std::int64_t ns = 0;
  return __builtin_sub_overflow(report.last_ns, report.first_ns, &ns) ? INT64_MAX : std::max<std::int64_t>(ns, 0);
}

bool needs_length(const TraceInquiry& inquiry) {
  const auto needs = [](const std::optional<TraceMoment>& moment) {
    return moment && (moment->is_share || moment->ns < 0);
  };
  return needs(inquiry.from) || needs(inquiry.to);
}

analyze::TraceRange range_of(const TraceInquiry& inquiry, std::int64_t length) {
  const auto at = [&](const TraceMoment& moment) {
    if (moment.is_share) return static_cast<std::int64_t>(moment.share * static_cast<double>(length));
    return moment.ns < 0 ? std::max<std::int64_t>(length + moment.ns, 0) : moment.ns;
  };
  analyze::TraceRange range;
  if (inquiry.from) range.from_ns = at(*inquiry.from);
  if (inquiry.to) range.to_ns = at(*inquiry.to);
  return range;
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

}  // namespace

TraceOutcome read_trace(const std::string& path, const TraceOptions& options, model::TraceSink& sink) {
  return with_trace(path, options, [&](const io::Piece& piece, trace::PageSource& pages, TraceOutcome& outcome) {
    return trace::read(piece.bytes, pages, {.salvage = options.salvage}, sink, outcome.report);
  });
}

std::optional<TraceMoment> parse_moment(std::string_view text) {
  const bool from_end = consume(text, "-");
  if (text.ends_with('%')) {
    text.remove_suffix(1);
    double percent = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), percent);
    if (error != std::errc() || end != text.data() + text.size() || !(percent >= 0 && percent <= 100))
      return std::nullopt;
    return TraceMoment{.ns = 0, .share = (from_end ? 100 - percent : percent) / 100, .is_share = true};
  }
  if (text == "0") return TraceMoment{};
  const auto ns = parse_duration(text);
  if (!ns || (from_end && *ns == 0)) return std::nullopt;
  return TraceMoment{.ns = from_end ? -*ns : *ns, .share = 0, .is_share = false};
}

TraceOverview overview_of_trace(const std::string& path, const TraceOptions& options, const TraceInquiry& inquiry) {
  TraceOverview overview;
  analyze::TraceQuestion question = inquiry.question;
  std::optional<analyze::TraceAnalyses> analyses;
  std::string misfit;
  TraceOutcome outcome = with_trace(
      path, options, [&](const io::Piece& piece, trace::PageSource& pages, TraceOutcome& outcome) -> Result<void> {
        if (needs_length(inquiry)) {
          Nothing nothing;
          model::TraceReport report;
          FilePages first(piece);
          if (auto read = trace::read(piece.bytes, first, {.salvage = true}, nothing, report); !read) return read;
          question.range = range_of(inquiry, length_of(report));
        } else {
          question.range = range_of(inquiry, 0);
        }
        if (question.range.from_ns >= question.range.to_ns) {
          misfit =
              fmt::format("{}: nothing lies between --from, which is {} after its beginning, and --to, which is {}",
                          piece.path, human_duration(question.range.from_ns), human_duration(question.range.to_ns));
          return {};
        }
        analyses.emplace(overview.symbols, question);
        return trace::read(piece.bytes, pages, {.salvage = true}, analyses->sink(), outcome.report);
      });
  overview.failure = outcome.failure.empty() ? misfit : std::move(outcome.failure);
  if (!overview.failure.empty()) return overview;
  const std::int64_t length = length_of(outcome.report);
  if (question.range.from_ns > 0 && question.range.from_ns >= length) {
    overview.failure = fmt::format("{}: --from is {} after its beginning, but it lasts {}", outcome.path,
                                   human_duration(question.range.from_ns), human_duration(length));
    return overview;
  }
  overview.evidence = decode::trace_evidence(std::move(outcome.report));
  overview.evidence.path = std::move(outcome.path);
  auto facts = std::make_shared<model::TraceFacts>(analyses->take());
  facts->times.range = !question.range.whole();
  facts->times.from_ns = question.range.from_ns;
  facts->times.to_ns = std::min(question.range.to_ns, length);
  overview.evidence.trace_facts = std::move(facts);
  return overview;
}

TraceOutcome print_trace(const std::string& path, TraceView view, const TraceOptions& options,
                         const std::function<bool(std::string_view)>& out) {
  return with_trace(path, options,
                    [&](const io::Piece& piece, trace::PageSource& pages, TraceOutcome& outcome) -> Result<void> {
                      switch (view) {
                        case TraceView::Parsed: {
                          render::ParsedTraceText text(out);
                          return trace::read(piece.bytes, pages, {.salvage = options.salvage}, text, outcome.report);
                        }
                        case TraceView::Wire: {
                          render::WireTraceText text(out, spec_of);
                          return trace::read_records(piece.bytes, pages, text);
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
