#include "decode/trace/reader.h"

#include <algorithm>

#include "decode/trace/format.h"
#include "decode/trace/reader_v1.h"
#include "decode/trace/reader_v2.h"

namespace gopsy::decode::trace {

Result<void> read(std::string_view head, PageSource& pages, const ReadOptions& options, model::TraceSink& sink,
                  model::TraceReport& report) {
  const auto format = format_of(head);
  if (!format)
    return std::unexpected(Error{.code = Errc::Malformed, .what = "bad file format: not a Go execution trace?"});
  report.format = *format;
  if (*format < 11 || (!is_known(*format) && !options.salvage))
    return std::unexpected(
        Error{.code = Errc::Unsupported, .what = "unknown or unsupported trace version go 1.{}", .a = *format});
  if (is_v1(*format)) return read_v1(*format, pages, options, sink, report);
  return ReaderV2(std::min(*format, kNewestFormat), pages, options, sink, report).read();
}

}  // namespace gopsy::decode::trace
