#include <algorithm>
#include <bit>

#include "base/format.h"
#include "base/go_quote.h"
#include "base/go_sort.h"
#include "render/trace/trace_text.h"

namespace gopsy::render {
namespace {

std::uint64_t varint_bytes(std::uint64_t value) { return (std::bit_width(value | 1) + 6) / 7; }

}  // namespace

void WireTraceText::record(const model::TraceRecord& record) {
  constexpr std::array<std::string_view, 4> kFrame{"\n\tpc=", " func=", " file=", " line="};
  const Spec spec = spec_of_(record.type);
  out_.text(spec.name);
  for (std::size_t i = 0; i < record.args.size(); ++i) {
    if (i < spec.args.size()) {
      out_.text(" ");
      out_.text(spec.args[i]);
      out_.text("=");
    } else {
      out_.text(kFrame[(i - spec.args.size()) % kFrame.size()]);
    }
    out_.number(record.args[i]);
  }
  if (!record.data.empty()) {
    out_.text("\n\tdata=");
    append_go_quoted(out_.raw(), record.data);
  }
  out_.line_end();
}

void TraceFootprint::record(const model::TraceRecord& record) {
  Row& row = rows_[static_cast<std::size_t>(record.type)];
  ++row.count;
  ++records_;
  // As if every number were written as short as it can be, which the runtime does not do.
  row.bytes += 1;
  for (const std::uint64_t arg : record.args) row.bytes += varint_bytes(arg);
  if (record.type == model::TraceType::String || record.type == model::TraceType::ExperimentalBatch)
    row.bytes += varint_bytes(record.data.size()) + record.data.size();
}

std::string TraceFootprint::text(std::span<const std::string_view> names, std::uint64_t bytes) const {
  std::vector<Row> rows(rows_.begin(), rows_.end());
  for (std::size_t type = 0; type < rows.size(); ++type) rows[type].type = type;
  go_sort(rows, [](const Row& a, const Row& b) { return a.bytes > b.bytes; });

  std::vector<std::array<std::string, 5>> cells{{"Event", "Bytes", "%", "Count", "%"}, {"-", "-", "-", "-", "-"}};
  const auto share = [](std::uint64_t part, std::uint64_t whole) {
    if (whole == 0) return std::string("NaN%");
    return fmt::format("{:.2f}%", static_cast<double>(part) / static_cast<double>(whole) * 100);
  };
  for (const Row& row : rows) {
    const std::string name =
        row.type < names.size() ? std::string(names[row.type]) : fmt::format("<unknown ({})>", row.type);
    cells.push_back({name, fmt::format("{}", row.bytes), share(row.bytes, bytes), fmt::format("{}", row.count),
                     share(row.count, records_)});
  }
  // Columns as wide as their widest cell and two spaces; the last one ends where its text does.
  constexpr std::size_t kPadding = 2;
  std::array<std::size_t, 4> widths{};
  for (const auto& row : cells)
    for (std::size_t i = 0; i < widths.size(); ++i) widths[i] = std::max(widths[i], row[i].size() + kPadding);
  std::string out;
  for (const auto& row : cells) {
    for (std::size_t i = 0; i < widths.size(); ++i) out += fmt::format("{:<{}}", row[i], widths[i]);
    out += row.back();
    out += '\n';
  }
  return out;
}

}  // namespace gopsy::render
