#include <algorithm>
#include <string>

#include "base/text.h"
#include "decode/log/carrier/carrier.h"
#include "decode/log/carrier/fields.h"
#include "decode/log/clock.h"

namespace gopsy::decode::log {
namespace {

struct Cell {
  std::string text;
  bool torn = false;  ///< its quote is not closed on this line: it goes on in the next
};

// RFC 4180: a quoted cell may hold separators, and quotes twice.
Cell take_cell(std::string_view& rest, char separator) {
  Cell cell;
  if (!rest.starts_with('"')) {
    const std::size_t end = std::min(rest.find(separator), rest.size());
    cell.text = rest.substr(0, end);
    rest.remove_prefix(end);
    return cell;
  }
  rest.remove_prefix(1);
  for (;;) {
    const auto quote = rest.find('"');
    cell.text += rest.substr(0, quote);
    if (quote == std::string_view::npos) {
      rest = {};
      cell.torn = true;
      return cell;
    }
    rest.remove_prefix(quote + 1);
    if (!rest.starts_with('"')) return cell;
    cell.text += '"';
    rest.remove_prefix(1);
  }
}

std::vector<std::string_view> titles(std::string_view line, char separator) {
  std::vector<std::string_view> columns = split(line, separator);
  for (auto& column : columns) {
    column = trim(column);
    if (column.size() >= 2 && column.front() == '"' && column.back() == '"')
      column = column.substr(1, column.size() - 2);
  }
  return columns;
}

}  // namespace

Shape shape_of(std::string_view head) {
  Shape shape;
  shape.output_ends_in_newline = head.contains("\\n\",\"") || head.contains("\\n\"}") || head.contains("\\n\", \"");
  consume(head, "\xEF\xBB\xBF");
  LineReader lines(head);
  if (!lines.next() || lines.line().size() > 4096) return shape;
  for (const char separator : {',', ';', '\t'}) {
    auto columns = titles(lines.line(), separator);
    const bool short_words = std::ranges::all_of(columns, [](std::string_view c) {
      return !c.empty() && c.size() < 64 && c.find_first_of(":=/0123456789") == std::string_view::npos;
    });
    if (columns.size() < 2 || !short_words || std::ranges::none_of(columns, is_message_key)) continue;
    shape.separator = separator;
    shape.columns = std::move(columns);
    break;
  }
  return shape;
}

// A table with a title line: what Kibana, Grafana, Datadog, CloudWatch Insights and spreadsheets export.
bool undo_csv(const Line& line, const Emit& emit) {
  const Shape& shape = *line.shape;
  if (shape.columns.empty()) return false;
  std::string_view rest = line.text;
  if (titles(rest, shape.separator) == shape.columns) {
    Line out = line;
    out.process = mixed(line.process, "titles");
    out.final = true;
    emit(out);
    return true;
  }
  Fields fields;
  std::size_t column = 0;
  bool torn = false;
  for (;; ++column) {
    if (column == shape.columns.size()) return false;
    Cell cell = take_cell(rest, shape.separator);
    torn = cell.torn;
    const std::string_view title = shape.columns[column];
    // The values of a table need not have the names' case.
    fields.add_plain(title, std::move(cell.text));
    if (rest.empty()) break;
    if (rest[0] != shape.separator) return false;
    rest.remove_prefix(1);
  }
  if ((!torn && column + 1 != shape.columns.size()) || !fields.has_text()) return false;
  // What goes on in the next lines stands there as it is, and belongs to the same process.
  fields.emit(line, line.text, [&](const Line& event) {
    Line out = event;
    if (torn) out.process = line.process;
    emit(out);
  });
  return true;
}

}  // namespace gopsy::decode::log
