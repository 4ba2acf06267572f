#include <algorithm>
#include <functional>
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "base/units.h"
#include "render/heap/heap_report.h"
#include "render/words.h"

namespace gopsy::render {
namespace {

using analyze::CensusGrowth;
using model::HeapCensus;

std::string share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? "" : percent(static_cast<double>(part) / static_cast<double>(whole));
}

std::string signed_bytes(std::int64_t bytes) {
  const std::uint64_t size = bytes < 0 ? 0 - static_cast<std::uint64_t>(bytes) : static_cast<std::uint64_t>(bytes);
  return fmt::format("{}{}", bytes < 0 ? "-" : "+", human_bytes(size));
}

std::string class_name(std::uint64_t object_bytes, bool pointers) {
  const std::string size = object_bytes == 0 ? "large" : fmt::format("{} B", with_commas(object_bytes));
  return fmt::format("{}, {}", size, pointers ? "with pointers" : "no pointers");
}

std::string type_name(const std::string& text) { return printable_line(text); }

class Text {
 public:
  explicit Text(const HeapReport& report) : report_(report) {}

  std::string write() {
    const HeapReport::Process& process = report_.process;
    heading(process);
    if (report_.before) {
      growth();
    } else {
      classes(process.census);
      types(process.census);
      largest(process.census);
    }
    next(process.census);
    return std::move(out_);
  }

 private:
  template <class... Args>
  void add(fmt::format_string<Args...> text, Args&&... args) {
    fmt::format_to(std::back_inserter(out_), text, std::forward<Args>(args)...);
  }
  [[nodiscard]] std::size_t shown(std::size_t rows) const {
    return report_.rows == 0 ? rows : std::min(rows, report_.rows);
  }
  void more(std::size_t rows, std::string_view what) {
    if (const std::size_t hidden = rows - shown(rows); hidden != 0) add("  and {} more\n", counted(hidden, what));
  }

  void heading(const HeapReport::Process& process) {
    const HeapCensus& census = process.census;
    add("{}: {}{}\n", printable_line(process.name), printable_line(process.program),
        process.version.empty() ? "" : ", " + printable_line(process.version));
    add("  {:>10}  in {} ({} with the free slots of their {})\n", human_bytes(census.bytes),
        counted(census.objects, "object"), human_bytes(census.span_bytes), counted(census.spans, "span"));
    add("  {:>10}  of stacks and the runtime's own\n", human_bytes(census.stack_bytes));
    if (census.unreadable_spans != 0)
      add("  {} could not be read, and are missing here\n", counted(census.unreadable_spans, "span"));
    if (census.unreadable_bitmaps != 0)
      add("  of {} it is not known which slots are free: all count as used\n",
          counted(census.unreadable_bitmaps, "span"));
    for (const std::string& note : process.notes) add("  {}\n", printable_line(note));
  }

  void classes(const HeapCensus& census) {
    std::vector<HeapCensus::SizeClass> rows = census.classes;
    std::ranges::stable_sort(rows, std::greater(), &HeapCensus::SizeClass::bytes);
    add("\nBy size of object\n  {:>10} {:>7} {:>13} {:>12}\n", "bytes", "", "objects", "free in spans");
    for (const auto& row : std::span(rows).first(shown(rows.size())))
      add("  {:>10} {:>7} {:>13} {:>12}  {}\n", human_bytes(row.bytes), share(row.bytes, census.bytes),
          with_commas(row.objects), human_bytes(row.span_bytes - std::min(row.bytes, row.span_bytes)),
          class_name(row.object_bytes, row.pointers));
    more(rows.size(), "size");
  }

  void types(const HeapCensus& census) {
    if (census.types.empty()) return;
    add("\nBy type, of objects over 512 B that hold pointers ({} of the heap); of slices, that of the elements\n"
        "  {:>10} {:>7} {:>13}\n",
        share(census.typed_bytes, census.bytes), "bytes", "", "objects");
    for (const auto& row : std::span(census.types).first(shown(census.types.size())))
      add("  {:>10} {:>7} {:>13}  {}\n", human_bytes(row.bytes), share(row.bytes, census.bytes),
          with_commas(row.objects), type_name(row.name));
    more(census.types.size(), "type");
  }

  void largest(const HeapCensus& census) {
    if (census.largest.empty()) return;
    add("\nLargest objects\n");
    for (const auto& row : std::span(census.largest).first(shown(census.largest.size())))
      add("  {:>10}  at {:#x}  {}\n", human_bytes(row.bytes), row.address,
          !row.type.empty() ? type_name(row.type)
          : row.pointers    ? "with pointers"
                            : "no pointers");
  }

  void changes(std::string_view title, const std::vector<CensusGrowth::Row>& rows, std::string_view what) {
    if (rows.empty()) return;
    add("\n{}\n  {:>12} {:>14}\n", title, "bytes", "objects");
    for (const auto& row : std::span(rows).first(shown(rows.size())))
      add("  {:>12} {:>+14}  {}\n", signed_bytes(row.bytes), row.objects,
          row.name.empty() ? class_name(row.object_bytes, row.pointers) : type_name(row.name));
    more(rows.size(), what);
  }

  void growth() {
    const CensusGrowth& growth = *report_.growth;
    const HeapReport::Process& before = *report_.before;
    add("\nSince {} ({}, {}):\n", printable_line(before.name), human_bytes(before.census.bytes),
        counted(before.census.objects, "object"));
    add("  {:>12}  and {:+} objects on the heap\n", signed_bytes(growth.bytes), growth.objects);
    add("  {:>12}  of stacks and the runtime's own\n", signed_bytes(growth.stack_bytes));
    changes("Growth by size of object", growth.classes, "size");
    changes("Growth by type, of objects over 512 B that hold pointers", growth.types, "type");
  }

  void next(const HeapCensus& census) {
    if (census.has_types || census.objects == 0) return;
    add("\nBefore Go 1.22 the heap has no types: a heap profile (/debug/pprof/heap) says which code allocated it.\n");
  }

  const HeapReport& report_;
  std::string out_;
};

}  // namespace

std::string heap_text(const HeapReport& report) { return Text(report).write(); }

}  // namespace gopsy::render
