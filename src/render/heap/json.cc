#include "base/json_writer.h"
#include "render/heap/heap_report.h"

namespace gopsy::render {
namespace {

using analyze::CensusGrowth;
using model::HeapCensus;

class Writer {
 public:
  explicit Writer(std::string& out) : json_(out) {}

  void report(const HeapReport& report) {
    json_.begin_object();
    json_.member("schema", "gopsy.heap/1");
    process(report.process);
    if (report.before) {
      json_.key("before");
      json_.begin_object();
      process(*report.before);
      json_.end_object();
      growth(*report.growth);
    }
    json_.end_object();
  }

 private:
  template <class Rows, class Each>
  void array(std::string_view key, const Rows& rows, const Each& each) {
    json_.key(key);
    json_.begin_array();
    for (const auto& row : rows) {
      json_.begin_object();
      each(row);
      json_.end_object();
    }
    json_.end_array();
  }

  void process(const HeapReport::Process& process) {
    json_.member("name", process.name);
    json_.member("program", process.program);
    json_.member("go_version", process.version);
    const HeapCensus& census = process.census;
    json_.member("objects", census.objects);
    json_.member("bytes", census.bytes);
    json_.member("spans", census.spans);
    json_.member("span_bytes", census.span_bytes);
    json_.member("stack_spans", census.stack_spans);
    json_.member("stack_bytes", census.stack_bytes);
    json_.member("free_spans", census.free_spans);
    json_.member("unreadable_spans", census.unreadable_spans);
    json_.member("unreadable_bitmaps", census.unreadable_bitmaps);
    json_.member("has_types", census.has_types);
    json_.member("typed_bytes", census.typed_bytes);
    array("classes", census.classes, [&](const HeapCensus::SizeClass& row) {
      json_.member("object_bytes", row.object_bytes);
      json_.member("pointers", row.pointers);
      json_.member("objects", row.objects);
      json_.member("bytes", row.bytes);
      json_.member("spans", row.spans);
      json_.member("span_bytes", row.span_bytes);
    });
    array("types", census.types, [&](const HeapCensus::Type& row) {
      json_.member("name", row.name);
      json_.member("objects", row.objects);
      json_.member("bytes", row.bytes);
    });
    array("largest", census.largest, [&](const HeapCensus::Large& row) {
      json_.member("address", row.address);
      json_.member("bytes", row.bytes);
      json_.member("pointers", row.pointers);
      if (!row.type.empty()) json_.member("type", row.type);
    });
    json_.key("notes");
    json_.begin_array();
    for (const std::string& note : process.notes) json_.value(note);
    json_.end_array();
  }

  void growth(const CensusGrowth& growth) {
    json_.key("growth");
    json_.begin_object();
    json_.member("objects", growth.objects);
    json_.member("bytes", growth.bytes);
    json_.member("stack_bytes", growth.stack_bytes);
    array("classes", growth.classes, [&](const CensusGrowth::Row& row) {
      json_.member("object_bytes", row.object_bytes);
      json_.member("pointers", row.pointers);
      json_.member("objects", row.objects);
      json_.member("bytes", row.bytes);
    });
    array("types", growth.types, [&](const CensusGrowth::Row& row) {
      json_.member("name", row.name);
      json_.member("objects", row.objects);
      json_.member("bytes", row.bytes);
    });
    json_.end_object();
  }

  JsonWriter json_;
};

}  // namespace

std::string heap_json(const HeapReport& report) {
  std::string out;
  Writer(out).report(report);
  out += '\n';
  return out;
}

}  // namespace gopsy::render
