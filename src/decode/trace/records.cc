#include <algorithm>
#include <vector>

#include "decode/trace/format.h"
#include "decode/trace/reader.h"
#include "decode/trace/varint.h"

namespace gopsy::decode::trace {
namespace {

// Walks one page. Not reading from it any more: `at_` is null.
class RecordWalker {
 public:
  RecordWalker(const Page& page, unsigned format, model::TraceRecordSink& sink)
      : start_(reinterpret_cast<const std::uint8_t*>(page.bytes.data())),
        at_(start_),
        end_(start_ + page.bytes.size()),
        offset_(page.offset),
        known_(known_specs(format)),
        sink_(sink) {}

  Result<void> walk() {
    while (at_ != end_) {
      const std::uint8_t type = *at_;
      if (type >= known_ || type == 0) return fail("invalid event type: {}", type);
      ++at_;
      const EventSpec& spec = specs()[type];
      args_.clear();
      if (!numbers(spec.args)) return cut();
      if (spec.is_stack && !numbers(frames())) return cut();
      std::string_view data;
      if (spec.has_data) {
        std::uint64_t size = 0;
        if (!number(size)) return cut();
        if (size > static_cast<std::uint64_t>(end_ - at_)) return {};
        data = {reinterpret_cast<const char*>(at_), size};
        at_ += size;
      }
      sink_.record({.type = static_cast<model::TraceType>(type), .args = args_, .data = data});
    }
    return {};
  }

 private:
  // Four numbers a frame; what does not fit into the file ends at its end anyway.
  std::uint64_t frames() const {
    const auto left = static_cast<std::uint64_t>(end_ - at_);
    return args_[1] > INT64_MAX ? 0 : std::min(args_[1], left + 1) * 4;
  }

  bool number(std::uint64_t& value) {
    const std::uint8_t* const behind = read_varint(at_, end_, value);
    if (behind == nullptr) return false;
    at_ = behind;
    return true;
  }

  bool numbers(std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) {
      std::uint64_t value = 0;
      if (!number(value)) return false;
      args_.push_back(value);
    }
    return true;
  }

  // Between two numbers a file may end as between two records; within one it may not.
  Result<void> cut() const {
    if (at_ == end_) return {};
    if (static_cast<std::size_t>(end_ - at_) < kMostVarintBytes) return fail("unexpected EOF", 0);
    return fail("varint overflows a 64-bit integer", 0);
  }

  Result<void> fail(const char* what, std::uint64_t a) const {
    return std::unexpected(Error{
        .code = Errc::Malformed, .offset = offset_ + static_cast<std::uint64_t>(at_ - start_), .what = what, .a = a});
  }

  const std::uint8_t* start_;
  const std::uint8_t* at_;
  const std::uint8_t* end_;
  std::uint64_t offset_;
  std::size_t known_;
  model::TraceRecordSink& sink_;
  std::vector<std::uint64_t> args_;
};

}  // namespace

Result<void> read_records(std::string_view head, PageSource& pages, model::TraceRecordSink& sink) {
  const auto format = format_of(head);
  if (!format)
    return std::unexpected(Error{.code = Errc::Malformed, .what = "bad file format: not a Go execution trace?"});
  if (!is_known(*format))
    return std::unexpected(
        Error{.code = Errc::Unsupported, .what = "unknown or unsupported trace version go 1.{}", .a = *format});
  while (const auto page = pages.next()) {
    if (auto done = RecordWalker(*page, *format, sink).walk(); !done) return done;
  }
  return {};
}

}  // namespace gopsy::decode::trace
