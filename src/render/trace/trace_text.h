#pragma once

#include <array>
#include <charconv>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "model/trace.h"

namespace gopsy::render {

/// Takes text in pieces of about a megabyte. False: nobody wants more.
using TextSink = std::function<bool(std::string_view)>;

/// Gathers text and hands it on in large pieces.
class TextBuffer {
 public:
  explicit TextBuffer(TextSink sink) : sink_(std::move(sink)) { text_.reserve(kPiece + kPiece / 8); }
  ~TextBuffer() { flush(); }
  TextBuffer(const TextBuffer&) = delete;
  TextBuffer& operator=(const TextBuffer&) = delete;

  void text(std::string_view text) { text_.append(text); }
  template <class Int>
  void number(Int value) {
    std::array<char, 24> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    text_.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
  }
  void line_end() {
    text_ += '\n';
    if (text_.size() >= kPiece) flush();
  }
  void flush() {
    if (!text_.empty() && wanted_) wanted_ = sink_(text_);
    text_.clear();
  }
  std::string& raw() { return text_; }

 private:
  static constexpr std::size_t kPiece = std::size_t{1} << 18;

  TextSink sink_;
  std::string text_;
  bool wanted_ = true;
};

/// Whose `go tool trace -d=parsed` (-d=1 up to Go 1.23) is imitated. Go 1.22 and 1.23 print as 1.24 does.
enum class TraceDialect : std::uint8_t { Go124, Go125, Go126 };

/// The events of a trace as `go tool trace -d=parsed` prints them.
///
/// Yields  the bytes of that Go: one event a line, its stacks on lines below. The wall clock is that of TZ. Up to
/// Go 1.24
///         a Sync closes each generation, and v1 traces have none; from 1.25 on it opens each and closes the trace.
/// Cost    about 100 ns an event; the text of each stack is made once a generation.
/// Source  internal/trace/event.go, Event.String.
class ParsedTraceText final : public model::TraceSink {
 public:
  explicit ParsedTraceText(TextSink sink, TraceDialect dialect = TraceDialect::Go126, bool v1 = false)
      : out_(std::move(sink)), dialect_(dialect), v1_(v1) {}

  void generation(const model::TraceTables& tables, const model::TraceNames& names) override;
  void events(std::span<const model::TraceEvent> chunk) override;

 private:
  [[nodiscard]] bool bare() const { return dialect_ <= TraceDialect::Go124; }
  void old_sync(const model::TraceEvent& event);
  void value(std::uint64_t number);
  void event(const model::TraceEvent& event);
  void metric(std::string_view name, const model::TraceEvent& event);
  void range(const model::TraceEvent& event);
  void transition(const model::TraceEvent& event);
  void sync(const model::TraceEvent& event);
  void experimental(const model::TraceEvent& event);
  void stack_below(std::string_view title, std::uint64_t row);
  void quoted(std::uint64_t row);
  const std::string& stack_text(std::uint64_t row);

  TextBuffer out_;
  TraceDialect dialect_;
  bool v1_;
  std::int64_t last_ns_ = 0;
  const model::TraceTables* tables_ = nullptr;
  const model::TraceNames* names_ = nullptr;
  std::vector<std::string> stacks_;  // by row; empty: not made yet
  std::vector<std::string> quoted_;
};

/// The records of a v2 trace as `go tool trace -d=wire` prints them.
/// Source  internal/trace/raw/event.go, Event.String.
class WireTraceText final : public model::TraceRecordSink {
 public:
  /// `names_of` answers with the name of a type and those of its arguments.
  struct Spec {
    std::string_view name;
    std::span<const std::string_view> args;
  };
  WireTraceText(TextSink sink, std::function<Spec(model::TraceType)> spec_of)
      : out_(std::move(sink)), spec_of_(std::move(spec_of)) {}

  void record(const model::TraceRecord& record) override;

 private:
  TextBuffer out_;
  std::function<Spec(model::TraceType)> spec_of_;
};

/// How often each type of record stands in a v2 trace and how many bytes it takes, as `go tool trace -d=footprint`
/// prints it.
/// Source  cmd/trace/main.go, debugEventsFootprint.
class TraceFootprint final : public model::TraceRecordSink {
 public:
  void record(const model::TraceRecord& record) override;

  /// `names`: of all types that the format knows, by number. `bytes`: of the file.
  [[nodiscard]] std::string text(std::span<const std::string_view> names, std::uint64_t bytes) const;

 private:
  struct Row {
    std::size_t type = 0;
    std::uint64_t count = 0;
    std::uint64_t bytes = 0;
  };
  std::array<Row, 256> rows_{};
  std::uint64_t records_ = 0;
};

}  // namespace gopsy::render
